"""The tests of ./dev itself: plain unittest, run in this process."""

import io
import unittest

from . import paths

NAME = "devtools"


class _Result(unittest.TextTestResult):
    def __init__(self, *args, outcome, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcome = outcome

    def addSuccess(self, test):
        super().addSuccess(test)
        self.outcome.succeed(test.id())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.outcome.fail(test.id(), self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.outcome.fail(test.id(), self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.outcome.fail(test.id(), self._exc_info_to_string(err, subtest))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.outcome.fail(test.id(), f"skipped: {reason}")


def run(outcome):
    """Run devtools/tests and record each test in `outcome`."""
    suite = unittest.defaultTestLoader.discover(
        str(paths.ROOT / NAME / "tests"), top_level_dir=str(paths.ROOT)
    )
    stream = io.StringIO()

    def make_result(*args, **kwargs):
        return _Result(*args, outcome=outcome, **kwargs)

    unittest.TextTestRunner(stream, verbosity=2, resultclass=make_result).run(suite)
    paths.make_state()
    (paths.LOGS / "devtools.log").write_text(stream.getvalue())
