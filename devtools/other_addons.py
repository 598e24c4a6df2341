"""Addons of others that our bridges are tested with: requirements-addons.lock, in a directory of its own.

Apart from the virtual environment, so that only what works with the bridges has them on its addons path.
"""

import hashlib

from . import paths, venv


def identity():
    return hashlib.sha256(paths.ADDONS_LOCK_FILE.read_bytes()).hexdigest()[:12]


def home():
    """Named after the lock file: two checkouts with another lock may share one state directory."""
    return paths.STATE / f"addons-{identity()}"


def directory():
    """Return the directories for Odoo's addons path."""
    return home() / "odoo" / "addons"


def ensure():
    """Fetch the addons when they are not there yet. Call it inside a lock, after the environment."""
    # They name Odoo itself as a requirement, which no package gives.
    venv.ensure_beside(paths.ADDONS_LOCK_FILE, home(), "--no-deps")
