"""The PostgreSQL server to use: the one that PGHOST or DATABASE_URL names, else the private one."""

import dataclasses
import os
import secrets

from . import paths, postgres, postgres_private

EXTERNAL_ROLE = f"customer_success_{paths.CHECKOUT_ID}"


def ensure():
    """Return a server that answers, with a role that Odoo accepts; start the private one when none is named."""
    server = postgres.external()
    if server is None:
        return postgres_private.ensure()
    postgres.query(server, "SELECT 1", server.database)
    return _with_own_role(server) if server.user == "postgres" else server


def _with_own_role(server):
    """Odoo refuses to work as `postgres`: give it a role of its own on that server."""
    secret = paths.STATE / "external-role"
    if not secret.exists():
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(24))
    password = secret.read_text().strip()
    known = postgres.query(
        server, f"SELECT 1 FROM pg_roles WHERE rolname = '{EXTERNAL_ROLE}'", server.database
    )
    verb = "ALTER" if known else "CREATE"
    postgres.query(
        server, f"{verb} ROLE {EXTERNAL_ROLE} LOGIN CREATEDB PASSWORD '{password}'", server.database
    )
    return dataclasses.replace(server, user=EXTERNAL_ROLE, password=password, database="postgres")
