"""Template databases: installing Odoo's modules takes a minute, copying a database a second.

Each is named after a key of what it depends on, and made anew when that changes.
"""

import hashlib

from . import addons, database, other_addons, paths
from .console import locked, step

PREFIX = f"cs_template_{paths.CHECKOUT_ID}_"


def base(odoo, *, demo):
    """Name of a template with the modules that our addon needs, and without it."""
    modules = addons.foreign_dependencies(addons.main())
    title = f"template database {'with' if demo else 'without'} demo data"

    def fill(draft):
        with step(f"{title}: installing {', '.join(modules)}"):
            database.install_modules(odoo, draft, modules, demo=demo, log="template.log")

    parts = [odoo.source.identity, paths.LOCK_FILE.read_text(), *modules]
    return _ensure(odoo.databases, "demo" if demo else "bare", parts, fill)


def for_bridges(odoo):
    """Name of a template with the modules that our bridges tie to, too."""
    modules = addons.foreign_dependencies(addons.main() | addons.bridges())
    below = base(odoo, demo=False)

    def fill(draft):
        odoo.databases.copy(below, draft)
        with step(f"template database for bridges: installing {', '.join(modules)}"):
            database.install_modules(odoo, draft, modules, demo=False, log="template.log")

    return _ensure(odoo.databases, "bridges", [below, other_addons.identity(), *modules], fill)


def with_addon(odoo, *, demo):
    """Name of a template with our addon installed as its files are now."""
    ours = addons.main()
    below = base(odoo, demo=demo)

    def fill(draft):
        odoo.databases.copy(below, draft)
        with step(f"template database with {', '.join(ours)}"):
            database.install_modules(odoo, draft, list(ours), demo=demo, log="template.log")

    kind = "addondemo" if demo else "addonbare"
    return _ensure(odoo.databases, kind, [below, addons.fingerprint(ours)], fill)


def _ensure(databases, kind, parts, fill):
    """Fill a draft and rename it when done, so that a template is never half made."""
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    name = f"{PREFIX}{kind}_{key}"
    with locked():
        if not (databases.exists(name) and database.filestore(name).exists()):
            for outdated in databases.starting(f"{PREFIX}{kind}_"):
                databases.drop(outdated)
            draft = f"{name}_draft"
            fill(draft)
            databases.rename(draft, name)
    return name
