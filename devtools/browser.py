"""Chromium for tours: the one on the machine, else apt's where we may install."""

import os
import shutil
import subprocess

from .console import Trouble, call, step

# The names that Odoo's own browser driver looks for.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
MEND = "install Chromium (Debian: apt-get install chromium, as root) and run again"


def find():
    return next((path for path in map(shutil.which, NAMES) if path), None)


def ensure():
    """A Chromium on PATH, installed when apt can do so without asking anybody."""
    if find():
        return
    if not shutil.which("apt-get"):
        raise Trouble("there is no Chromium for the browser tours", MEND)
    prefix = _privilege()
    if prefix is None:
        raise Trouble("there is no Chromium for the browser tours and no right to install it", MEND)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step("Chromium: installing Debian's package"):
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            call(
                [*prefix, "apt-get", *arguments],
                log="chromium.log",
                doing="installing Chromium",
                mend=MEND,
                env=env,
            )
    if not find():
        raise Trouble("Chromium was installed and is not on PATH", MEND)


def _privilege():
    """What to put before apt-get, or None where we may not install."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    ):
        return ["sudo", "-n"]
    return None
