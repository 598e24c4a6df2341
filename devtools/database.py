"""Databases, each with its filestore: copies, renames, and installing modules into one."""

import contextlib
import os
import shutil

from . import paths, postgres
from .console import Trouble, remove


class Databases:
    """The databases on one server."""

    def __init__(self, server):
        self.server = server

    def query(self, sql, database=None):
        return postgres.query(self.server, sql, database or self.server.database)

    def starting(self, prefix):
        """Names of the databases whose name begins so."""
        return [name for name in self._names() if name.startswith(prefix)]

    def exists(self, name):
        return name in self._names()

    def _names(self):
        return self.query("SELECT datname FROM pg_database").split()

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
        statement = f'DROP DATABASE IF EXISTS "{name}"'
        try:
            self.query(f"{statement} WITH (FORCE)")
        except Trouble:
            # FORCE may not end a worker of autovacuum; the plain statement asks it to stop, and waits.
            self.query(statement)
        remove(filestore(name))

    def mark(self, name, text):
        """Note on the database itself what it was made from."""
        self.query(f"""COMMENT ON DATABASE "{name}" IS '{text}'""")

    def marked(self, name):
        return self.query(
            f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"
        )

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


def install_modules(odoo, name, modules, *, demo, log, update=()):
    """Install (or update) modules; Trouble with the first error of the log when it fails."""
    options = ["-d", name, "--stop-after-init", "--no-http", "--max-cron-threads=0"]
    options += [f"--init={','.join(modules)}"] if modules else []
    options += [f"--update={','.join(update)}"] if update else []
    options += ["--with-demo"] if demo else []
    if odoo.run(*options, log=log):
        path = paths.LOGS / log
        errors = [
            line
            for line in path.read_text(errors="replace").splitlines()
            if " ERROR " in line or " CRITICAL " in line
        ]
        reason = errors[0].split(": ", 1)[-1] if errors else "Odoo stopped with an error"
        raise Trouble(
            f"installing {', '.join([*modules, *update])} failed: {reason}",
            f"the whole log is in {path}",
        )
