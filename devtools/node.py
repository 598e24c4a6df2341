"""Node.js and its packages for the lint of JavaScript: the versions of package-lock.json, in .dev/node."""

import hashlib
import re
import shutil
import subprocess

from . import paths, programs
from .console import Trouble, built, call, step

SETTINGS = paths.ROOT / "devtools" / "javascript"
OLDEST = (18, 18)
NEED = "install Node.js 18.18 or newer with npm (Debian: apt-get install nodejs npm) and run again"
PROGRAMS = {"eslint": "eslint/bin/eslint.js", "prettier": "prettier/bin/prettier.cjs"}


def ensure():
    """Install the packages when they are missing or their lock file, settings or Node.js changed."""
    programs.NPM.ensure()
    version = node_version()
    if version < OLDEST:
        found = ".".join(map(str, version)) or "nowhere to be found"
        raise Trouble(f"Node.js is {found}, too old for the lint of JavaScript", NEED)
    digest = hashlib.sha256(repr(version).encode())
    for path in sorted(SETTINGS.iterdir()):
        digest.update(path.read_bytes())
    stamp = paths.NODE / "COMPLETE"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    with step("JavaScript packages: installing package-lock.json"), built(paths.NODE) as draft:
        # The settings of eslint import packages, which Node.js looks for beside them.
        shutil.copytree(SETTINGS, draft, dirs_exist_ok=True)
        call(
            ["npm", "ci"],
            log="npm.log",
            doing="installing JavaScript packages",
            mend=f"check the network and run again (output in {paths.LOGS / 'npm.log'})",
            cwd=draft,
        )
        (draft / "COMPLETE").write_text(digest.hexdigest())


def node_version():
    """Return the numbers of the version of Node.js on PATH; an empty tuple where there is none."""
    try:
        done = subprocess.run(["node", "--version"], capture_output=True, text=True)
    except OSError:
        return ()
    return version_numbers(done.stdout)


def version_numbers(text):
    """Return the numbers of a version.

    >>> version_numbers("v20.9.1")
    (20, 9, 1)
    >>> version_numbers("no version")
    ()
    """
    return tuple(int(number) for number in re.findall(r"\d+", text))


def run(program, *arguments):
    """Run a program of a package on the repository and return whether it found nothing."""
    script = paths.NODE / "node_modules" / PROGRAMS[program]
    return subprocess.run(["node", script, *arguments], cwd=paths.ROOT).returncode == 0
