"""./dev run: the demo database, Odoo serving it, and stopping it."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import addons, database, odoo, paths, templates
from .console import Trouble, locked, say, step

# Working copies that share a state, see paths, serve databases of their own under this name.
DATABASE = os.environ.get("CUSTOMER_SUCCESS_DEV_DATABASE") or "customer_success"
WITH_BRIDGES = "customer_success_bridges"
DRAFT = "customer_success_draft"
HOST = "127.0.0.1"
START_SECONDS = 120
SERVED = paths.STATE / "serving"  # one file a running server, named after its process


def run(port, *, fresh=False, bridges=False):
    """Serve until Ctrl-C; the exit status of Odoo."""
    check_port(port)
    name = WITH_BRIDGES if bridges else DATABASE
    instance = odoo.set_up(bridges=bridges)
    prepare(instance, fresh=fresh, name=name)
    log = paths.LOGS / "run.log"
    server = start(instance, name, port, log)
    record = SERVED / str(server.pid)
    SERVED.mkdir(exist_ok=True)
    record.write_text(f"{port}\n")
    try:
        wait_until_ready(server, port, log)
        say(f"\nOdoo serves Customer Success at http://localhost:{port}/odoo")
        for role, login, password in logins():
            say(f"  {role:<12} {login}  {password}")
        say(f"Ctrl-C stops it. Its log is {log}")
        return server.wait()
    except KeyboardInterrupt:
        say("\n  stopping ...")
        return 0
    finally:
        odoo.finish(server)
        record.unlink(missing_ok=True)


def check_port(port):
    """Trouble when somebody listens there: better now than after the set-up."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise Trouble(
                f"port {port} is not for you to use", "take one above 1023: ./dev run --port N"
            ) from None
        except OSError:
            raise Trouble(
                f"port {port} is taken", "stop what listens there, or ./dev run --port N"
            ) from None


def logins():
    """Role, login and password of the demo users, as the addon ships them."""
    try:
        lines = paths.LOGINS.read_text().splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return [tuple(line) for line in fields if len(line) == 3]


def prepare(instance, *, fresh=False, name=DATABASE):
    """The demo database with our addon at its present state, already scored."""
    databases = instance.databases
    ours = addons.main() | (addons.bridges() if name == WITH_BRIDGES else {})
    mark = f"addons {addons.fingerprint(ours)}"
    template = None
    if fresh or not databases.exists(name):
        template = templates.base(instance, demo=True)
    with locked():
        if template:
            databases.copy(template, DRAFT)
            with step(f"installing {', '.join(ours)}"):
                database.install_modules(instance, DRAFT, list(ours), demo=True, log="install.log")
            score(instance, DRAFT)
            databases.mark(DRAFT, mark)
            databases.drop(name)
            databases.rename(DRAFT, name)
        elif databases.marked(name) != mark:
            with step(f"updating {', '.join(ours)}, whose files changed"):
                database.install_modules(
                    instance, name, list(ours), update=list(ours), demo=False, log="update.log"
                )
            databases.mark(name, mark)


def score(instance, name):
    """Run the addon's nightly scoring once, so that the demo opens with scores."""
    log = paths.LOGS / "score.log"
    with (
        step("scoring the demo customers"),
        open(paths.SCRIPTS / "score.py") as code,
        open(log, "wb") as stream,
    ):
        command = instance.command("shell", "-d", name, "--no-http", "--log-level=warn")
        status = subprocess.run(
            command, stdin=code, stdout=stream, stderr=subprocess.STDOUT, env=instance.environment()
        ).returncode
    # The shell ends with 0 whatever its input did: the script says so itself.
    if status or "SCORED" not in log.read_text(errors="replace"):
        raise Trouble("scoring the demo customers failed", f"the traceback is in {log}")


def start(instance, name, port, log):
    """Start Odoo on one database, for this machine only."""
    return instance.start(
        "-d",
        name,
        f"--db-filter=^{name}$",
        f"--http-interface={HOST}",
        f"--http-port={port}",
        log=log,
    )


def wait_until_ready(server, port, log):
    """Return when a page of Odoo's comes back: the registry is loaded then."""
    # A direct connection: a proxy in the environment knows nothing of this server.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with step("Odoo: starting"):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if server.poll() is not None:
                break
            try:
                opener.open(f"http://{HOST}:{port}/web/login", timeout=START_SECONDS).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
    odoo.finish(server)
    raise Trouble("Odoo does not start", f"its log is {log}")


def stop():
    """Stop every Odoo that `run` started; how many there were."""
    stopped = 0
    for record in SERVED.glob("*") if SERVED.exists() else ():
        pid = int(record.name)
        if is_ours(pid):
            os.kill(pid, signal.SIGTERM)
            stopped += 1
            for _ in range(200):
                if not is_ours(pid):
                    break
                time.sleep(0.1)
        record.unlink(missing_ok=True)
    return stopped


def is_ours(pid):
    """Return True if that process is an Odoo of this checkout, because process ids are used again."""
    try:
        return os.fsencode(odoo.CLI) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
