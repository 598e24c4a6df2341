"""Databases: copies, and templates keyed by what they depend on, each with its filestore."""

import contextlib
import hashlib
import os
import shutil

from . import addons, paths, postgres
from .console import Trouble, locked, remove, step

PREFIX = f"cs_template_{paths.CHECKOUT_ID}_"


class Databases:
    """The databases on one server."""

    def __init__(self, server):
        self.server = server

    def query(self, sql, database=None):
        return postgres.query(self.server, sql, database or self.server.database)

    def names(self, like="%"):
        return self.query(f"SELECT datname FROM pg_database WHERE datname LIKE '{like}'").split()

    def exists(self, name):
        return name in self.names()

    def copy(self, source, target):
        """`target` becomes a copy of `source`, which nobody may be using."""
        self.drop(target)
        _copy_tree(filestore(source), filestore(target))
        self.query(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def rename(self, old, new):
        """Files first: a database that is there has its files."""
        remove(filestore(new))
        if filestore(old).exists():
            os.replace(filestore(old), filestore(new))
        self.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def drop(self, name):
        self.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        remove(filestore(name))

    def mark(self, name, text):
        """Note on the database itself what it was made from."""
        self.query(f"""COMMENT ON DATABASE "{name}" IS '{text}'""")

    def marked(self, name):
        return self.query(f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'")

    @contextlib.contextmanager
    def temporary(self, name, template):
        """A copy of `template` that goes when the work is done, however it ends."""
        self.copy(template, name)
        try:
            yield name
        finally:
            self.drop(name)


def filestore(name):
    return paths.ODOO_DATA / "filestore" / name


def _copy_tree(source, target):
    """Copy by hard links: Odoo never changes a stored file, it only adds and unlinks."""
    remove(target)
    if not source.exists():
        return

    def link(old, new):
        try:
            os.link(old, new)
        except OSError:
            shutil.copy2(old, new)

    shutil.copytree(source, target, copy_function=link)


def template(odoo, *, demo, with_addon=False):
    """Name of a template database, made when it is not there; older ones of its kind are dropped."""
    ours = addons.installable(odoo.source)
    modules = addons.foreign_dependencies(ours)
    kind = f"{'demo' if demo else 'bare'}{'_addon' if with_addon else ''}_"
    parts = [odoo.source.identity, *modules, paths.LOCK_FILE.read_text()]
    if with_addon:
        parts.append(addons.fingerprint(ours))
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    name = f"{PREFIX}{kind}{key}"
    with locked():
        databases = odoo.databases
        if not databases.exists(name):
            for old in databases.names(f"{PREFIX}{kind}%".replace("_", r"\_")):
                if not old.removeprefix(PREFIX + kind).startswith("addon"):
                    databases.drop(old)
            _make(odoo, name, demo=demo, install=list(ours) if with_addon else modules, with_addon=with_addon)
    return name


def _make(odoo, name, *, demo, install, with_addon):
    """Install into a draft and rename it when done, so that a template is never half made."""
    draft = f"{name}_draft"
    databases = odoo.databases
    databases.drop(draft)
    if with_addon:
        # Not through template(): the lock is ours already.
        base = next(iter(databases.names(f"{PREFIX}{'demo' if demo else 'bare'}".replace("_", r"\_") + r"\_%")), None)
        base and databases.copy(base, draft)
    title = f"template database {'with' if demo else 'without'} demo data"
    with step(f"{title}: installing {', '.join(install)}"):
        install_modules(odoo, draft, install, demo=demo, log="template.log")
    databases.rename(draft, name)


def install_modules(odoo, name, modules, *, demo, log, update=()):
    """Install (or update) modules; Trouble with the first error of the log when it fails."""
    options = ["-d", name, "--stop-after-init", "--no-http", "--max-cron-threads=0"]
    options += [f"--init={','.join(modules)}"] if modules else []
    options += [f"--update={','.join(update)}"] if update else []
    options += ["--with-demo"] if demo else []
    if odoo.run(*options, log=log):
        path = paths.LOGS / log
        errors = [line for line in path.read_text(errors="replace").splitlines() if " ERROR " in line or " CRITICAL " in line]
        reason = errors[0].split(": ", 1)[-1] if errors else "Odoo stopped with an error"
        raise Trouble(f"installing {', '.join([*modules, *update])} failed: {reason}", f"the whole log is in {path}")
