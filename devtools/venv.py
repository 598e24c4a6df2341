"""The virtual environment: the versions of requirements.lock, on this Python, in .dev/venv."""

import hashlib
import importlib.util
import os
import platform
import subprocess
import sys

from . import paths, postgres_process, private_apt
from .console import Trouble, built, call, remove, step

STAMP = paths.VENV / "COMPLETE"
MEND_NETWORK = f"check the network and run again (output in {paths.LOGS / 'pip.log'})"


def identity():
    """Return the key of the environment: the lock file and the Python that runs us."""
    lock = hashlib.sha256(paths.LOCK_FILE.read_bytes()).hexdigest()[:16]
    return f"{lock} {platform.python_version()} {os.path.realpath(sys.executable)} {paths.VENV}"


def ensure():
    """Make the environment when it is missing, broken or made from another lock file or Python."""
    if _is_ready():
        return
    # The private server runs from the packages that go now.
    postgres_process.stop()
    remove(paths.VENV)
    bare = importlib.util.find_spec("ensurepip") is None or not _ensurepip_works()
    with step("Python packages: making the virtual environment"):
        # Entry points carry the path of their environment, so it is made in place and stamped last.
        options = ["--without-pip"] if bare else []
        call(
            [sys.executable, "-m", "venv", *options, paths.VENV],
            log="venv.log",
            doing="making the virtual environment",
        )
    with step("Python packages: installing requirements.lock"):
        call(
            [
                *pip(),
                "install",
                "--require-hashes",
                "--no-input",
                "--disable-pip-version-check",
                "-r",
                paths.LOCK_FILE,
            ],
            log="pip.log",
            doing="installing Python packages",
            mend=MEND_NETWORK,
            env=environment(),
        )
    STAMP.write_text(identity() + "\n")


def ensure_beside(lock, home, *options):
    """The packages of another lock file in a directory of their own, for a verb that few people use."""
    wanted = f"{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]} {identity()}"
    stamp = home / "COMPLETE"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    remove(home)
    with step(f"Python packages: installing {lock.name}"), built(home) as draft:
        usual = ["--require-hashes", "--no-input", "--disable-pip-version-check"]
        call(
            [*pip(), "install", *usual, *options, "--target", draft, "-r", lock],
            log="pip.log",
            doing="installing Python packages",
            mend=MEND_NETWORK,
            env=environment(),
        )
        (draft / stamp.name).write_text(wanted)


def _is_ready():
    try:
        if STAMP.read_text().strip() != identity():
            return False
        return subprocess.run([paths.PYTHON, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def _ensurepip_works():
    """Debian splits ensurepip off: the package may be there with nothing to unpack."""
    probe = subprocess.run(
        [sys.executable, "-c", "import ensurepip; ensurepip.version()"], capture_output=True
    )
    return probe.returncode == 0


def pip():
    """The command that is pip in the environment, whether or not Python came with it."""
    inside = next(paths.VENV.glob("lib/python*/site-packages/pip"), None)
    return [paths.PYTHON, "-m", "pip"] if inside else _pip_from_debian()


def _pip_from_debian():
    """Pip run from the wheel that Debian ships for this purpose, where Python came without it."""
    home = paths.STATE / "pip-debian"
    wheels = sorted(home.glob("usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        if not private_apt.available():
            raise Trouble(
                "this Python has neither pip nor ensurepip",
                "install them (Debian: python3-venv) and run again",
            )
        with built(home) as draft:
            private_apt.fetch(["python3-pip-whl"], draft, "pip")
        wheels = sorted(home.glob("usr/share/python-wheels/pip-*.whl"))
    return [paths.PYTHON, f"{wheels[-1]}/pip"]


def environment(source=None):
    """The environment variables for a program in the virtual environment, with Odoo importable."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONHOME")
    }
    env["PATH"] = f"{paths.VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["VIRTUAL_ENV"] = str(paths.VENV)
    env["PYTHONNOUSERSITE"] = "1"
    if source is not None:
        env["PYTHONPATH"] = f"{source.library}{os.pathsep}{paths.ROOT}"
    return env
