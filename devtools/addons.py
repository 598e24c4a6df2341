"""Our addons: what they are, what they need, and whether their files changed."""

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

from . import other_addons, paths
from .console import Trouble

MAIN = "customer_success"
DEMO_TAG = "customer_success_demo"
# What nearly every database with our addon has; kept in the templates whatever the manifest says now.
COMMON_MODULES = ("crm", "portal", "product", "contacts")
# What a bridge works with when it is there, without depending on it: tested with it.
BESIDE = {
    "customer_success_contract": ("contract_line_successor", "contract_termination"),
    "customer_success_sale": ("sale_crm",),
}
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


def main():
    """The addon alone, as most people install it: what is run, measured and pictured."""
    return {name: addon for name, addon in _ours().items() if name == MAIN}


def bridges():
    """The addons that tie ours to another."""
    return {name: addon for name, addon in _ours().items() if name != MAIN}


def _ours():
    ours = all_addons()
    if not ours:
        raise Trouble(
            f"there is no addon {MAIN} in {paths.ROOT}", "run ./dev from a complete checkout"
        )
    return ours


def missing(source, addon):
    """Return the dependencies of an addon of ours that cannot be found."""
    return [
        name
        for name in addon.depends
        if not any((path / name / "__manifest__.py").exists() for path in _all_paths(source))
    ]


def foreign_dependencies(addons):
    """The modules of others below our addons: what a template database holds."""
    ours = _ours()
    names = set(COMMON_MODULES)
    for addon in addons.values():
        names.update(name for name in addon.depends if name not in ours)
        names.update(BESIDE.get(addon.name, ()))
    return sorted(names)


def path_option(source):
    """Odoo's addons path: ours first. Odoo refuses a directory without addons, so those stay out."""
    ours = [path for path in paths.addon_directories() if any(path.glob("*/__manifest__.py"))]
    return ",".join(str(path) for path in [*ours, *_others(source)])


def _others(source):
    return [path for path in (*source.addons, other_addons.directory()) if path.is_dir()]


def _all_paths(source):
    return [*paths.addon_directories(), *_others(source)]


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
