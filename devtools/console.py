"""Talking to the person: one line a step, one line an error, the rest in .dev/log/."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time

from . import paths


class Trouble(Exception):
    """Foreseeable trouble: what is wrong, and how to mend it. Shown as one line, never a traceback."""

    def __init__(self, wrong, mend=""):
        super().__init__(wrong)
        self.wrong = " ".join(str(wrong).split())
        self.mend = " ".join(str(mend).split())

    def line(self):
        return f"./dev: {self.wrong}" + (f"; {self.mend}" if self.mend else "")


def say(text=""):
    print(text, flush=True)


@contextlib.contextmanager
def step(title):
    """Show a step that takes a while, with the seconds counted on a terminal."""
    started = time.monotonic()
    done = threading.Event()

    def tick():
        while not done.wait(1):
            seconds = time.monotonic() - started
            print(f"\r  {title} ... {seconds:.0f} s ", end="", file=sys.stderr, flush=True)

    live = sys.stderr.isatty()
    if live:
        threading.Thread(target=tick, daemon=True).start()
    else:
        say(f"  {title} ...")
    try:
        yield
    finally:
        done.set()
        if live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
    say(f"  {title}: {time.monotonic() - started:.1f} s")


def call(command, *, log, doing, mend="", **kwargs):
    """Run `command` with its output in .dev/log/LOG; Trouble with the telling line when it fails."""
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log_path = paths.LOGS / log
    with open(log_path, "wb") as stream:
        try:
            code = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                **kwargs,
            ).returncode
        except OSError as error:
            raise Trouble(f"{doing}: {command[0]} did not start ({error.strerror})", mend) from None
    if code:
        reason = telling_line(log_path.read_text(errors="replace"))
        raise Trouble(f"{doing} failed: {reason}", mend or f"the whole output is in {log_path}")


def telling_line(text):
    """The line of a tool's output that says why it failed: the first that speaks of an error.

    >>> telling_line("Get:1 x\\nE: Failed to fetch y\\nsome end")
    'E: Failed to fetch y'
    >>> telling_line("nothing\\nlast words\\n")
    'last words'
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for marks in (("E:", "ERROR:", "FATAL:", "fatal:", "error:"), ("Error", "Err:", "rror:")):
        for line in lines:
            if line.startswith(marks) or (
                marks[0] == "Error" and any(mark in line for mark in marks)
            ):
                return line[:300]
    return lines[-1][:300] if lines else "it said nothing"


_lock_depth = 0


@contextlib.contextmanager
def locked():
    """One set-up at a time: a second ./dev waits for the first rather than building over it."""
    global _lock_depth
    if _lock_depth:  # ours already
        yield
        return
    paths.make_state()
    with open(paths.STATE / "lock", "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("  waiting for another ./dev to finish its set-up ...")
            fcntl.flock(stream, fcntl.LOCK_EX)
        _lock_depth += 1
        try:
            yield
        finally:
            _lock_depth -= 1


@contextlib.contextmanager
def built(target):
    """Build a directory aside and rename it when complete, so a broken half is never taken for whole."""
    draft = target.with_name(f"{target.name}.draft")
    remove(draft)
    draft.mkdir(parents=True)
    yield draft
    remove(target)
    os.replace(draft, target)


def remove(path):
    """Delete a file or tree, whether or not it is there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
