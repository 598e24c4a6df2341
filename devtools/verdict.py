"""The verdict of a run: the tests that ran, compared with the tests that exist."""

import contextlib
import json

KINDS = ("start", "success", "skip", "failure")  # the gravest counts
SHOWN_LINES = 20


class Fate:
    """The result of one test; a failure of a subtest or in tearDown outweighs all else."""

    def __init__(self):
        self.kind = "start"
        self.texts = []

    def add(self, event, text):
        event = {"error": "failure", "stop": "start"}.get(event, event)
        self.kind = max(self.kind, event, key=KINDS.index)
        if event in ("skip", "failure"):
            self.texts.append(text)


class Outcome:
    """Passed and failed tests of all runs, with the reason of each failure."""

    def __init__(self):
        self.passed = set()
        self.failed = {}
        self.notes = []

    def succeed(self, name):
        self.passed.add(name)

    def fail(self, name, reason):
        self.failed.setdefault(name, []).append(reason)

    def note(self, text):
        self.notes.append(text)

    def read(self, events_path, title, planned, *, status, log):
        """Take in one run of Odoo: its events, the tests that it had to run, its exit status."""
        fates = {}
        for event in read_events(events_path):
            fate = fates.setdefault(event["name"], Fate())
            fate.add(event["event"], event["text"])
        for name, fate in fates.items():
            self._judge(name, fate)
        for name in sorted(planned - set(fates)):
            self.fail(name, f"exists and did not run ({title})")
        if status and not self.failed:
            self.fail(f"run {title}", f"Odoo ended with status {status}, see {log}")

    def _judge(self, name, fate):
        if fate.kind == "success":
            self.succeed(name)
        elif fate.kind == "skip":
            self.fail(name, f"skipped: {' '.join(fate.texts)}")
        elif fate.kind == "failure":
            for text in fate.texts:
                self.fail(name, text)
        else:
            self.fail(name, "began and never ended")

    def report(self, say):
        """Each failure with its reason, the notes, and the count as the last line."""
        for name, reasons in sorted(self.failed.items()):
            say(f"\nFAILED {name}")
            for reason in dict.fromkeys(reasons):
                for line in shorten(reason):
                    say(f"    {line}")
        if self.failed:
            say()
        for text in self.notes:
            say(text)
        say(f"{len(self.passed - set(self.failed))} passed, {len(self.failed)} failed")


def read_events(path):
    """The events of a run; a last line cut off by a crash is passed over."""
    events = []
    for line in path.read_text().splitlines():
        with contextlib.suppress(ValueError):
            events.append(json.loads(line))
    return events


def shorten(reason, limit=SHOWN_LINES):
    """The end of a long traceback says most.

    >>> shorten("a\\nb\\nc", 2)
    ['...', 'b', 'c']
    """
    lines = [line for line in reason.rstrip().splitlines() if line.strip()]
    return lines if len(lines) <= limit else ["...", *lines[-limit:]]
