"""Our addons: what they are, what they need, and whether their files changed."""

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

from . import paths
from .console import Trouble

MAIN = "customer_success"
DEMO_TAG = "customer_success_demo"
# What nearly every database with our addon has; kept in the templates whatever the manifest says now.
COMMON_MODULES = ("crm", "portal", "product", "contacts")
IGNORED_DIRECTORIES = {"__pycache__", "tests", ".git"}


@dataclass(frozen=True)
class Addon:
    name: str
    path: Path
    depends: tuple


def all_addons(directories=None):
    """Every addon of ours that lies in the tree: `customer_success` and its bridges."""
    found = {}
    for directory in directories or paths.addon_directories():
        for manifest in sorted(directory.glob(f"{MAIN}*/__manifest__.py")):
            name = manifest.parent.name
            found.setdefault(name, Addon(name, manifest.parent, _depends(manifest)))
    return found


def _depends(manifest):
    try:
        values = ast.literal_eval(manifest.read_text())
        return tuple(values.get("depends") or ("base",))
    except (SyntaxError, ValueError, AttributeError) as error:
        raise Trouble(f"{manifest} is no valid manifest: {error}", "mend that file") from None


def installable(source):
    """Our addons that this Odoo can install: a bridge to an addon that is not there stays out."""
    ours = all_addons()
    if not ours:
        raise Trouble(
            f"there is no addon {MAIN} in {paths.ROOT}", "run ./dev from a complete checkout"
        )

    def known(name):
        return name in ours or any(
            (path / name / "__manifest__.py").exists() for path in _all_paths(source)
        )

    return {name: addon for name, addon in ours.items() if all(map(known, addon.depends))}


def foreign_dependencies(addons):
    """Odoo's modules below our addons: what a template database holds."""
    names = set(COMMON_MODULES)
    for addon in addons.values():
        names.update(name for name in addon.depends if name not in addons)
    return sorted(names)


def path_option(source):
    """Odoo's addons path: ours first. Odoo refuses a directory without addons, so those stay out."""
    ours = [path for path in paths.addon_directories() if any(path.glob("*/__manifest__.py"))]
    return ",".join(str(path) for path in [*ours, *source.addons])


def _all_paths(source):
    return [*paths.addon_directories(), *source.addons]


def fingerprint(addons):
    """Changes when a file changes that an installed addon depends on (tests are none)."""
    digest = hashlib.sha256()
    for _name, addon in sorted(addons.items()):
        for path in sorted(addon.path.rglob("*")):
            inside = path.relative_to(addon.path)
            if path.is_file() and not IGNORED_DIRECTORIES.intersection(inside.parts):
                digest.update(f"{addon.name}/{inside}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
