"""Who passed and who failed: what ran, held against what exists."""

import json

from . import checklog

WEIGHT = {"start": 0, "stop": 0, "success": 1, "skip": 2, "failure": 3, "error": 3}
SHOWN_LOG_LINES = 20


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
        events = read_events(events_path)
        fates = {}
        for event in events:
            kind, name = event["event"], event["name"]
            if kind == "log":
                if not checklog.is_allowed(name, event["text"]):
                    self.fail(f"log {title}: {event['level']} {name}", event["text"].strip())
                continue
            fate = fates.setdefault(name, {"kind": "start", "text": []})
            if WEIGHT[kind] >= WEIGHT[fate["kind"]]:
                fate["kind"] = kind
            if kind in ("error", "failure", "skip"):
                fate["text"].append(event["text"])
        for name, fate in fates.items():
            if fate["kind"] == "success":
                self.succeed(name)
            elif fate["kind"] == "skip":
                self.fail(name, f"skipped: {' '.join(fate['text'])}")
            elif fate["kind"] in ("error", "failure"):
                for text in fate["text"]:
                    self.fail(name, text) if text else None
            else:
                self.fail(name, "began and never ended")
        for name in sorted(planned - set(fates)):
            self.fail(name, f"exists and did not run ({title})")
        if status and not self.failed:
            self.fail(f"run {title}", f"Odoo ended with status {status}, see {log}")

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
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


def shorten(reason, limit=SHOWN_LOG_LINES):
    """The end of a long traceback says most.

    >>> shorten("a\\nb\\nc", 2)
    ['...', 'b', 'c']
    """
    lines = [line for line in reason.rstrip().splitlines() if line.strip()]
    return lines if len(lines) <= limit else ["...", *lines[-limit:]]
