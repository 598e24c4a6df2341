"""The paths of files. Everything that ./dev makes is below STATE, so deleting STATE undoes all of it."""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("CUSTOMER_SUCCESS_DEV_STATE") or ROOT / ".dev").resolve()

LOCK_FILE = ROOT / "requirements.lock"
ADDONS_LOCK_FILE = ROOT / "requirements-addons.lock"
VENV = STATE / "venv"
PYTHON = VENV / "bin" / "python"
APT = STATE / "apt"
DEBIAN_ROOT = STATE / "odoo-debian"
GIT_CHECKOUT = STATE / "odoo-git"
NODE = STATE / "node"
PG_DATA = STATE / "postgres"
ODOO_DATA = STATE / "data"
# Two checkouts may share one state, and run at the same time: each has a configuration of its own.
ODOO_RC = STATE / (
    "odoo.conf"
    if STATE == ROOT / ".dev"
    else f"odoo-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}.conf"
)
LOGS = STATE / "log"
SCRIPTS = ROOT / "devtools" / "scripts"
LOGINS = ROOT / "customer_success" / "demo" / "LOGINS"

# Two checkouts may share one PostgreSQL server or one temporary directory: this tells them apart.
CHECKOUT_ID = hashlib.sha256(str(STATE).encode()).hexdigest()[:8]


def addon_directories():
    """Directories that hold our addons: the repository, and those a developer adds.

    CUSTOMER_SUCCESS_ADDONS is for trying the tools on another addon (separated like PATH).
    """
    extra = [
        Path(p).resolve() for p in os.environ.get("CUSTOMER_SUCCESS_ADDONS", "").split(":") if p
    ]
    return [*extra, ROOT]


def make_state():
    """Create the state directory, with a .gitignore of its own for checkouts that lack ours."""
    for directory in (STATE, LOGS, ODOO_DATA):
        directory.mkdir(parents=True, exist_ok=True)
