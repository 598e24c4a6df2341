"""Odoo 19's source: ODOO_SOURCE, else Debian's package, else a shallow clone."""

import gzip
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import paths, private_apt
from .console import Trouble, built, call, step

SERIES = "19.0"
GIT_ADDRESS = "https://github.com/odoo/odoo"
# Odoo, and the packages that its relative links point into. Font Awesome 5 (unstable) is laid out
# otherwise than the 4.7 line that Odoo's stylesheets name.
DEBIAN_PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-font-awesome/bookworm",
)
# Debian strips this file, which has no free source; without it each page logs an error in the console.
STRIPPED_FILE = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
DEBIAN_LIBRARY = "usr/lib/python3/dist-packages"


@dataclass(frozen=True)
class Source:
    """An Odoo to run: `library` goes on Python's path, `addons` on Odoo's, `identity` into keys."""

    library: Path
    addons: tuple
    identity: str


def find():
    """The Odoo source to use, fetched when it is not there yet."""
    named = os.environ.get("ODOO_SOURCE")
    if named:
        return _checkout(Path(named).expanduser().resolve(), f"ODOO_SOURCE={named}")
    if _is_whole(paths.DEBIAN_ROOT, DEBIAN_LIBRARY):
        return _debian()
    if _is_whole(paths.GIT_CHECKOUT):
        return _checkout(paths.GIT_CHECKOUT, "the clone")
    if private_apt.available():
        return _fetch_debian()
    return _clone()


def _is_whole(root, library=""):
    return (root / "COMPLETE").exists() and (root / library / "odoo" / "release.py").exists()


def _fetch_debian():
    with built(paths.DEBIAN_ROOT) as draft:
        private_apt.fetch(DEBIAN_PACKAGES, draft, "Odoo")
        addons = draft / DEBIAN_LIBRARY / "odoo" / "addons"
        stripped = addons / STRIPPED_FILE
        if not stripped.exists():
            stripped.parent.mkdir(parents=True, exist_ok=True)
            stripped.write_text("")
        _check_series(draft / DEBIAN_LIBRARY, "Debian's package odoo-19")
        (draft / "COMPLETE").write_text(_debian_version(draft) + "\n")
    return _debian()


def _debian_version(root):
    """Version of the unpacked package, as its changelog or release file says."""
    for changelog in root.glob("usr/share/doc/odoo-19/changelog*.gz"):
        with gzip.open(changelog, "rt", errors="replace") as stream:
            match = re.search(r"\(([^)]+)\)", stream.readline())
            if match:
                return match[1]
    return SERIES


def _debian():
    library = paths.DEBIAN_ROOT / DEBIAN_LIBRARY
    version = (paths.DEBIAN_ROOT / "COMPLETE").read_text().strip()
    return Source(library, (library / "odoo" / "addons",), f"debian {version}")


def _clone():
    with (
        step(f"Odoo: cloning branch {SERIES} of {GIT_ADDRESS}"),
        built(paths.GIT_CHECKOUT) as draft,
    ):
        call(
            ["git", "clone", "--depth=1", f"--branch={SERIES}", GIT_ADDRESS, draft],
            log="git-clone.log",
            doing="cloning Odoo",
            mend="check the network and run again, or set ODOO_SOURCE to a checkout of Odoo 19.0",
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
        (draft / "COMPLETE").write_text("")
    return _checkout(paths.GIT_CHECKOUT, "the clone")


def _checkout(root, name):
    _check_series(root, name)
    addons = tuple(path for path in (root / "addons", root / "odoo" / "addons") if path.is_dir())
    return Source(root, addons, f"checkout {root} {_revision(root)}")


def _revision(root):
    """The commit checked out at `root`, so that a pull makes new templates."""
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return "unversioned"
    return done.stdout.strip() or "unversioned"


def _check_series(root, name):
    """Refuse what is not Odoo 19.0, before it fails in a hundred ways."""
    release = root / "odoo" / "release.py"
    try:
        match = re.search(r"^version_info\s*=\s*\((\d+),\s*(\d+)", release.read_text(), re.M)
    except OSError:
        raise Trouble(
            f"{name} is no Odoo checkout: {release} is not there",
            "name the directory that holds odoo-bin",
        ) from None
    series = f"{match[1]}.{match[2]}" if match else "unknown"
    if series != SERIES:
        raise Trouble(
            f"{name} is Odoo {series}", f"check out branch {SERIES}, or unset ODOO_SOURCE"
        )
