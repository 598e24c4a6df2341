"""Runs a bench, the loader or the picture taker inside the virtual environment: KIND FILE ARGS.

bench: `add_arguments(parser)` and `main(env_factory, args)`; every `with env_factory() as env` gets
a database of its own with the addon and no demo data, dropped afterwards.
load: the same, on the database of `./dev run` unless --database names another; it is kept.
pictures: `main(base_url, logins, args)` against a running Odoo on fresh, scored demo data.
"""

import argparse
import contextlib
import importlib.util
import itertools
import os
import sys
from pathlib import Path

sys.path.pop(0)

from devtools import console, odoo, paths, serving, templates, testing


def load_module(path):
    spec = importlib.util.spec_from_file_location(f"dev_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    # A bench may import its neighbours.
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module


def enter_odoo(instance):
    """Make this process an Odoo without a server: configuration, logging, nothing listening."""
    environment = instance.environment()
    os.environ.clear()
    os.environ.update(environment)
    from odoo.tools import config

    config.parse_config(
        ["--log-level=warn", "--no-http", "--max-cron-threads=0"], setup_logging=True
    )


@contextlib.contextmanager
def environment_on(name):
    """An Environment of the superuser with a cursor of its own, committed when all went well."""
    import odoo.api
    from odoo import sql_db
    from odoo.modules.registry import Registry

    try:
        with Registry(name).cursor() as cr:
            yield odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
    finally:
        Registry.delete(name)
        sql_db.close_db(name)


def bench_factory(instance):
    numbers = itertools.count(1)

    @contextlib.contextmanager
    def factory():
        template = templates.with_addon(instance, demo=False)
        name = f"{testing.PREFIX}{os.getpid()}_bench{next(numbers)}"
        with instance.databases.temporary(name, template), environment_on(name) as env:
            yield env

    return factory


def load_factory(instance, name):
    @contextlib.contextmanager
    def factory():
        if name == serving.DATABASE:
            serving.prepare(instance)
        elif not instance.databases.exists(name):
            raise console.Trouble(
                f"there is no database {name}", "leave --database out for that of ./dev run"
            )
        with environment_on(name) as env:
            yield env

    return factory


def take_pictures(module, instance, args):
    template = templates.with_addon(instance, demo=True)
    name = f"{testing.PREFIX}{os.getpid()}_pictures"
    port, log = testing.free_port(), paths.LOGS / "pictures.log"
    with instance.databases.temporary(name, template):
        serving.score(instance, name)
        server = serving.start(instance, name, port, log)
        try:
            serving.wait_until_ready(server, port, log)
            return module.main(f"http://{serving.HOST}:{port}", serving.logins(), args)
        finally:
            odoo.finish(server)


def main(kind, file, arguments):
    path = Path(file)
    title = f"{kind} {path.stem}" if kind == "bench" else kind
    module = load_module(path)
    parser = argparse.ArgumentParser(prog=f"./dev {title}", description=module.__doc__)
    if kind == "load":
        parser.add_argument("--database", default=serving.DATABASE, help="default: %(default)s")
    module.add_arguments(parser)
    args = parser.parse_args(arguments)
    instance = odoo.set_up()
    if kind == "pictures":
        return take_pictures(module, instance, args)
    factory = bench_factory(instance) if kind == "bench" else load_factory(instance, args.database)
    enter_odoo(instance)
    return module.main(factory, args)


try:
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
except console.Trouble as trouble:
    sys.exit(trouble.line())
except KeyboardInterrupt:
    sys.exit("./dev: stopped")
