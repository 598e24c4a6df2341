"""The private PostgreSQL server: its files, its user and its start."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import paths, postgres, postgres_process, postgres_settings, venv
from .console import Trouble, remove, step

SOCKET_LIMIT = 107  # bytes of a unix socket's path
PORT = "5432"  # only part of the socket's file name: nothing listens on the network
ACCESS = "local all all trust\n"  # the socket's directory is closed to everybody else


@dataclass(frozen=True)
class Place:
    """Return the directory of the server and the user it runs as (None: the user who runs ./dev)."""

    home: Path
    bin: Path
    user: str | None

    @property
    def data(self):
        return self.home / "data"

    @property
    def socket_directory(self):
        """Inside `home`, unless that makes a longer path than a socket may have."""
        inside = self.home / "socket"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= SOCKET_LIMIT:
            return inside
        name = hashlib.sha256(str(self.home).encode()).hexdigest()[:8]
        return Path(tempfile.gettempdir()) / f"customer_success-{os.geteuid()}-{name}"

    def run(self, *command, **kwargs):
        """Run a program as the server's user, from a directory that every user can enter."""
        identity = {}
        if self.user:
            account = pwd.getpwnam(self.user)
            identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=kwargs.pop("capture_output", True),
            text=True,
            cwd="/",
            env={**env, "LC_ALL": "C.UTF-8"},
            **identity,
            **kwargs,
        )


def ensure():
    """The private server, made and started when it is not running yet."""
    place = find_place()
    server = postgres.Server(host=str(place.socket_directory), port=PORT)
    if _answers(place):
        return server
    _make(place)
    _start(place)
    _make_role(place)
    return server


def find_place():
    """The home of the data: .dev/postgres, or below the temporary directory if the server's user cannot get there."""
    bin_directory = postgres.binary("postgres").parent
    user = _server_user()
    inside = Place(paths.PG_DATA, bin_directory, user)
    if user is None or _can_use(inside):
        return inside
    outside = Path("/var/tmp") / f"customer_success-{paths.CHECKOUT_ID}"
    _private_directory(outside, user)
    postgres_process.ELSEWHERE.write_text(f"{outside}\n")
    return Place(outside, _copy_programs(bin_directory, outside / "programs"), user)


def _copy_programs(bin_directory, target):
    """Copy the wheel's PostgreSQL to where its user can read it; the directory of the programs there.

    The programs look for their libraries in a directory beside the package, so both are copied.
    """
    package = bin_directory.parent.parent
    stamp = target / "COMPLETE"
    if not stamp.exists() or stamp.read_text() != venv.identity():
        remove(target)
        for source in (bin_directory.parent, package.with_name(f"{package.name}.libs")):
            copy = target / source.relative_to(package.parent)
            shutil.copytree(source, copy, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(target)], check=True)
        stamp.write_text(venv.identity())
    return target / bin_directory.relative_to(package.parent)


def _server_user():
    """PostgreSQL refuses to run as root: then the owner of the checkout runs it, else `nobody`."""
    if os.geteuid() != 0:
        return None
    owner = paths.ROOT.stat().st_uid
    if owner != 0:
        try:
            return pwd.getpwuid(owner).pw_name
        except KeyError:
            pass
    return "nobody"


def _can_use(place):
    _private_directory(place.home, place.user)
    try:
        return (
            place.run(
                "/bin/sh",
                "-c",
                'test -w "$0" && "$1" --version',
                place.home,
                place.bin / "postgres",
            ).returncode
            == 0
        )
    except OSError:
        return False


def _private_directory(path, user):
    """A directory that only the server's user (and root) can enter; refused when it is somebody else's."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid, gid = os.geteuid(), os.getegid()
    if user:
        account = pwd.getpwnam(user)
        uid, gid = account.pw_uid, account.pw_gid
    found = path.lstat()
    if path.is_symlink() or found.st_uid not in (uid, os.geteuid()):
        raise Trouble(f"{path} belongs to somebody else", "remove it and run again")
    if found.st_uid != uid:
        os.chown(path, uid, gid)
    path.chmod(0o700)


def _is_whole(data):
    return (data / "PG_VERSION").exists() and (data / "global" / "pg_control").exists()


def _make(place):
    _private_directory(place.home, place.user)
    _private_directory(place.socket_directory, place.user)
    if _is_whole(place.data):
        return
    with step("PostgreSQL: making the server"):
        draft = place.home / "data.draft"
        remove(draft)
        remove(place.data)
        done = place.run(
            place.bin / "initdb",
            f"--pgdata={draft}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-instructions",
        )
        if done.returncode:
            raise Trouble(
                f"initdb failed: {_last_line(done.stderr)}", f"see that {place.home} can be written"
            )
        (draft / "pg_hba.conf").write_text(ACCESS)
        with open(draft / "postgresql.conf", "a") as stream:
            stream.write(postgres_settings.text(place.socket_directory, PORT))
        os.replace(draft, place.data)


def _answers(place):
    if not place.socket_directory.exists():
        return False
    done = place.run(place.bin / "pg_isready", "-q", "-h", place.socket_directory, "-p", PORT)
    return done.returncode == 0


def _start(place):
    _forget_stale_pid(place)
    # pg_ctl detaches the server from our terminal: Ctrl-C does not reach it.
    log = place.home / "server.log"
    with step("PostgreSQL: starting"):
        done = place.run(
            place.bin / "pg_ctl",
            "start",
            "--wait",
            "--timeout=60",
            f"--pgdata={place.data}",
            f"--log={log}",
            capture_output=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    if done.returncode:
        reason = _last_line(log.read_text(errors="replace") if log.exists() else "")
        raise Trouble(
            f"PostgreSQL does not start: {reason}",
            f"see {log}; ./dev clean makes a new server, without your databases",
        )


def _forget_stale_pid(place):
    """Drop the pid file of a server that died when its number now belongs to another program.

    PostgreSQL sees to dead numbers itself, but after a restart of the machine or container the
    number is often taken, and then it refuses to start.
    """
    if not postgres_process.running(place.data):
        remove(place.data / "postmaster.pid")
        for leftover in place.socket_directory.glob(f".s.PGSQL.{PORT}*"):
            leftover.unlink()


def _make_role(place):
    superuser = postgres.Server(host=str(place.socket_directory), port=PORT, user="postgres")
    if not postgres.query(
        superuser, f"SELECT 1 FROM pg_roles WHERE rolname = '{postgres.OWN_ROLE}'"
    ):
        postgres.query(superuser, f"CREATE ROLE {postgres.OWN_ROLE} LOGIN CREATEDB")


def delete():
    """Stop the server and delete its data, wherever it is."""
    postgres_process.stop()
    for home in postgres_process.homes():
        remove(Place(home, home, None).socket_directory)
        remove(home)
    remove(postgres_process.ELSEWHERE)


def _last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
