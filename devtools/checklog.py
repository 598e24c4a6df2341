"""The messages at WARNING or above that Odoo may log while our addons are tested; checklog-odoo reads the log.

Everything else fails the run. Tests that provoke a warning use `mute_logger` or `assertLogs`.
Each line: a regular expression searched for in the whole record (`LEVEL database logger: message`), and
why the record is harmless.
"""

import re
import subprocess

from . import paths, venv

ALLOWED = (
    (
        r" odoo\.tests\.result: \d+ failed, \d+ error",
        "sums up failures that are counted one by one",
    ),
    (
        r" odoo\.modules\.loading: (Module \w+: \d+ failures|At least one test failed)",
        "sums up failures that are counted one by one",
    ),
    (
        r" odoo\.(addons\.\w+\.tests\.\S+|tests\.suite): (FAIL|ERROR): ",
        "reports a failed test, which is counted",
    ),
    (
        r" odoo\.addons\.\S+: .*Chrome executable not found",
        "each tour that it stops is counted as failed",
    ),
    (
        r" odoo\.addons\.base\.models\.ir_actions_report: You need Wkhtmltopdf",
        "PDF reports are not tested",
    ),
)
RECORD = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ [A-Z]+ )", re.MULTILINE)
HEAD = re.compile(r"\S+ \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): ")


def findings(log, allowed=ALLOWED):
    """Return the records of a log that are not allowed, each with its traceback."""
    ignored = [part for pattern, _why in allowed for part in ("--ignore", pattern)]
    done = subprocess.run(
        [paths.VENV / "bin" / "checklog-odoo", "--no-echo", *ignored, log],
        capture_output=True,
        text=True,
        env=venv.environment(),
    )
    if done.returncode == 0:
        return []
    # Without a record it says itself what is wrong, for example that the log is empty.
    return failing_records(done.stdout) or [done.stderr.strip()]


def failing_records(output):
    """Return the records that checklog-odoo names as the cause of its failure; it lists the ignored ones first.

    >>> failing_records("\\nerrors that did not cause failure (1):\\n2026-01-01 10:00:00,000 1 ERROR db x: a\\n"
    ...     "\\nerrors that caused failure (1):\\n2026-01-01 10:00:00,000 1 ERROR db x: b\\nTraceback\\n")
    ['2026-01-01 10:00:00,000 1 ERROR db x: b\\nTraceback']
    """
    _before, _mark, after = output.partition("errors that caused failure")
    return [record.strip() for record in RECORD.split(after)[1:]]


def name(record):
    """Return level and logger of a record, by which it is told.

    >>> name("2026-01-01 10:00:00,000 1 ERROR db odoo.http: b\\nTraceback")
    'ERROR odoo.http'
    >>> name("Error: No Odoo log record found in input.")
    'unreadable'
    """
    head = HEAD.match(record)
    return f"{head['level']} {head['logger']}" if head else "unreadable"
