"""Running Odoo: its configuration file, its environment and its command line."""

import os
import subprocess

from . import addons, odoo_source, other_addons, paths, postgres, postgres_choice, venv
from .console import locked
from .database import Databases

STOP_SECONDS = 20
CLI = paths.SCRIPTS / "odoo_cli.py"


class Odoo:
    """Odoo set up and ready: source, packages and database server."""

    def __init__(self, source, server):
        self.source = source
        self.server = server
        self.databases = Databases(server)
        self.addons_path = addons.path_option(source)

    def environment(self):
        """Only our configuration counts: ODOO_* variables of the user's other projects stay out."""
        env = {
            name: value
            for name, value in postgres.environment(self.server, self.source).items()
            if not name.startswith("ODOO_")
        }
        return {**env, "ODOO_RC": str(paths.ODOO_RC)}

    def command(self, *arguments, script=CLI):
        return [
            str(paths.PYTHON),
            str(script),
            *merge_addons_path(list(arguments), self.addons_path),
        ]

    def replace_process(self, *arguments):
        """Become Odoo: signals, terminal and exit status are then its own."""
        command = self.command(*arguments)
        os.execve(command[0], command, self.environment())

    def start(self, *arguments, log, script=CLI, extra_env=None):
        """Start Odoo with its output in the file `log`.

        In a session of its own: Ctrl-C is for us, who then stop it with one signal. A second one,
        which the terminal would send, cuts Odoo's shutdown short.
        """
        with open(log, "wb") as stream:
            return subprocess.Popen(
                self.command(*arguments, script=script),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**self.environment(), **(extra_env or {})},
                start_new_session=True,
            )

    def run(self, *arguments, log):
        """Run Odoo to its end with its output in .dev/log/LOG; return the exit status."""
        process = self.start(*arguments, log=paths.LOGS / log)
        try:
            return process.wait()
        finally:
            finish(process)


def finish(process):
    """Let an Odoo end that still runs; make it when it takes too long."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def set_up(*, bridges=False):
    """Everything that Odoo needs, made when missing; a second or so when all is there.

    With `bridges` also the addons of others that those tie ours to.
    """
    with locked():
        source = odoo_source.find()
        venv.ensure()
        if bridges:
            other_addons.ensure()
        server = postgres_choice.ensure()
        odoo = Odoo(source, server)
        _write_configuration(odoo)
    return odoo


def _write_configuration(odoo):
    server = odoo.server
    options = {
        "addons_path": odoo.addons_path,
        "data_dir": paths.ODOO_DATA,
        "db_host": server.host,
        "db_port": server.port,
        "db_user": server.user,
        "db_password": server.password,
        "db_sslmode": server.sslmode,
        "http_interface": "127.0.0.1",
        "server_wide_modules": "base,web",
    }
    text = "[options]\n" + "".join(
        f"{name} = {value}\n" for name, value in options.items() if value
    )
    draft = paths.ODOO_RC.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    os.replace(draft, paths.ODOO_RC)


def merge_addons_path(arguments, ours):
    """Make a user's --addons-path add to ours instead of replacing it.

    >>> merge_addons_path(["-d", "x", "--addons-path=/a"], "/ours")
    ['-d', 'x', '--addons-path=/a,/ours']
    >>> merge_addons_path(["--addons-path", "/a", "--addons-path=/b"], "/ours")
    ['--addons-path=/a,/b,/ours']
    >>> merge_addons_path(["shell"], "/ours")
    ['shell']
    """
    merged, theirs, position = [], [], None
    rest = iter(arguments)
    for argument in rest:
        if argument == "--addons-path" or argument.startswith("--addons-path="):
            value = argument.partition("=")[2] if "=" in argument else next(rest, "")
            theirs += [part for part in value.split(",") if part]
            position = len(merged) if position is None else position
        else:
            merged.append(argument)
    if position is not None:
        merged.insert(position, f"--addons-path={','.join([*theirs, ours])}")
    return merged
