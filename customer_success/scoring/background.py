"""One call at a time beside the caller: the server works on one part while we compute the next."""

from threading import Thread


class Background:
    """Runs calls one after the other, in the order given, beside the thread that gives them.

    Leaving the block waits for the last one. What a call raises is raised at the next call, or on
    leaving; the calls after it are not begun. Made for calls that wait for the server, while the
    caller computes: nothing else may use their connection in the meantime.

    >>> done = []
    >>> with Background() as background:
    ...     background.run(done.append, 1)
    ...     background.run(done.append, 2)
    >>> done
    [1, 2]
    >>> with Background() as background:
    ...     background.run(int, "x")
    ...     background.run(done.append, 3)
    Traceback (most recent call last):
    ValueError: invalid literal for int() with base 10: 'x'
    >>> done
    [1, 2]
    """

    def __init__(self):
        self._thread = self._error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self._wait(quiet=kind is not None)

    def run(self, work, *args):
        """Have ``work(*args)`` done, once what was given before is done."""
        self._wait()
        self._thread = Thread(target=self._do, args=(work, args), name="scoring")
        self._thread.start()

    def _do(self, work, args):
        try:
            work(*args)
        except BaseException as error:  # raised again in the thread of the caller
            self._error = error

    def _wait(self, quiet=False):
        if self._thread:
            self._thread.join()
            self._thread = None
        error, self._error = self._error, None
        if error and not quiet:
            raise error
