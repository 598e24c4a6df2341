"""The process of the private PostgreSQL server: find it and stop it, without any program of its package.

The virtual environment stops the server before it replaces the package that the server runs from, so
this module stands below both.
"""

import os
import signal
import time
from pathlib import Path

from . import paths
from .console import Trouble

STOP_SECONDS = 60
ELSEWHERE = paths.STATE / "postgres-elsewhere"  # names the home where it is not below .dev/


def stop():
    """Stop the private server and return whether it was running."""
    stopped = False
    for home in homes():
        pid = running(home / "data")
        if pid:
            os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
            stopped = True
            _wait_for_end(home / "data")
    return stopped


def homes():
    """Return the directories that may hold the server's data."""
    found = [paths.PG_DATA]
    if ELSEWHERE.exists():
        found.append(Path(ELSEWHERE.read_text().strip()))
    return found


def running(data):
    """Return the number of the server's process on that data, or None."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        return pid if os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (OSError, ValueError, IndexError):
        return None


def _wait_for_end(data):
    for _ in range(STOP_SECONDS * 10):
        if not running(data):
            return
        time.sleep(0.1)
    raise Trouble("PostgreSQL does not stop", f"see {data.parent / 'server.log'}")
