"""Programs that tests and lint need beside Odoo: the one on the machine, else apt's where we may install.

Chromium runs the tours; LibreOffice computes a workbook once more, and makes a PDF of it; npm, which
brings Node.js, installs what checks JavaScript.
"""

import os
import shutil
import subprocess
from typing import NamedTuple

from .console import Trouble, call, step


class Program(NamedTuple):
    name: str
    purpose: str
    package: str  # Debian's
    commands: tuple  # by which it goes, any of them

    def find(self):
        return next((path for path in map(shutil.which, self.commands) if path), None)

    def ensure(self):
        """On PATH, installed when apt can do so without asking anybody."""
        if self.find():
            return
        mend = (
            f"install {self.name} (Debian: apt-get install {self.package}, as root) and run again"
        )
        if not shutil.which("apt-get"):
            raise Trouble(f"there is no {self.name} for {self.purpose}", mend)
        prefix = _privilege()
        if prefix is None:
            raise Trouble(
                f"there is no {self.name} for {self.purpose} and no right to install it", mend
            )
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with step(f"{self.name}: installing Debian's package"):
            for arguments in (
                ["update"],
                ["install", "-y", "--no-install-recommends", self.package],
            ):
                call(
                    [*prefix, "apt-get", *arguments],
                    log=f"{self.package}.log",
                    doing=f"installing {self.name}",
                    mend=mend,
                    env=env,
                )
        if not self.find():
            raise Trouble(f"{self.name} was installed and is not on PATH", mend)


CHROMIUM = Program(
    "Chromium",
    "the browser tours",
    "chromium",
    # The names that Odoo's own browser driver looks for.
    ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable"),
)
OFFICE = Program(
    "LibreOffice", "the tests of workbooks", "libreoffice-calc", ("soffice", "libreoffice")
)
NPM = Program("npm", "the lint of JavaScript", "npm", ("npm",))
POPPLER = Program("Poppler", "the picture of a workbook", "poppler-utils", ("pdftoppm",))


def _privilege():
    """Return the command to put before apt-get, or None if we may not install packages."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    ):
        return ["sudo", "-n"]
    return None
