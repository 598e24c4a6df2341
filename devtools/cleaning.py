"""./dev clean: delete what ./dev made. It must work when .dev/ is half-finished or broken."""

from . import odoo, paths, postgres, postgres_choice, postgres_private, serving, templates, testing
from .console import locked, remove, say


def clean(*, everything):
    """Delete databases and logs; with `everything` also Odoo's source and the Python packages."""
    if not paths.STATE.is_dir():
        remove(paths.STATE)
    serving.stop()
    with locked():
        if postgres.external() is None:
            postgres_private.delete()
        else:
            _drop_ours()
        for path in (paths.ODOO_DATA, paths.LOGS, paths.ODOO_RC):
            remove(path)
    if everything:
        remove(paths.STATE)
    say("  clean; the next ./dev run or ./dev test makes everything again")


def _drop_ours():
    """On somebody else's server only the databases that are ours."""
    databases = odoo.Odoo(None, postgres_choice.ensure()).databases
    ours = [
        name for prefix in (templates.PREFIX, testing.PREFIX) for name in databases.starting(prefix)
    ]
    for name in [serving.DATABASE, serving.WITH_BRIDGES, serving.DRAFT, *ours]:
        databases.drop(name)
