"""Addons of others that our bridges are tested with: requirements-addons.lock, in a directory of its own.

Apart from the virtual environment, so that only what works with the bridges has them on its addons path.
"""

import hashlib

from . import paths, venv
from .console import built, call, step


def identity():
    return hashlib.sha256(paths.ADDONS_LOCK_FILE.read_bytes()).hexdigest()[:12]


def home():
    """Named after the lock file: two checkouts with another lock may share one state directory."""
    return paths.STATE / f"addons-{identity()}"


def directory():
    """What goes on Odoo's addons path."""
    return home() / "odoo" / "addons"


def ensure():
    """Fetch the addons when they are not there yet. Call it inside a lock, after the environment."""
    if directory().is_dir():
        return
    with step("other addons: installing requirements-addons.lock"), built(home()) as draft:
        call(
            [
                *venv.pip(),
                "install",
                "--require-hashes",
                "--no-deps",
                "--no-compile",
                "--no-input",
                "--disable-pip-version-check",
                "--target",
                draft,
                "-r",
                paths.ADDONS_LOCK_FILE,
            ],
            log="pip-addons.log",
            doing="installing the addons that the bridges are tested with",
            mend=venv.MEND_NETWORK.replace("pip.log", "pip-addons.log"),
            env=venv.environment(),
        )
