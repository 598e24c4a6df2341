"""The verbs of ./dev. Each is a few lines here; the work is in the module named after it."""

import argparse
import os
import signal
import sys

from . import console, paths

# Verbs whose arguments belong to somebody else's parser.
PASSING = {"odoo": 0, "bench": 1, "load": 0, "pictures": 0, "backtest": 0}


def main(arguments):
    own, rest = split(arguments)
    parser = make_parser()
    options = parser.parse_args(own)
    options.rest = rest
    if options.action is None:
        parser.print_help()
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):  # end as with Ctrl-C: stop what we started
        signal.signal(number, _interrupt)
    try:
        return options.action(options) or 0
    except console.Trouble as trouble:
        print(trouble.line(), file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        trouble = console.Trouble(
            f"{error.strerror or error}{where}",
            f"see that {paths.STATE} can be written and has room, or start over: ./dev clean --all",
        )
        print(trouble.line(), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("./dev: stopped", file=sys.stderr)
        return 130


def _interrupt(_number, _frame):
    raise KeyboardInterrupt


def split(arguments):
    """Split the arguments into those that ./dev reads and those that it passes on.

    >>> split(["odoo", "--", "-d", "x"])
    (['odoo'], ['-d', 'x'])
    >>> split(["odoo", "--version"])
    (['odoo'], ['--version'])
    >>> split(["odoo", "--help"])
    (['odoo', '--help'], [])
    >>> split(["bench", "scoring", "--customers", "9"])
    (['bench', 'scoring'], ['--customers', '9'])
    >>> split(["psql", "-d", "x", "--", "-c", "SELECT 1"])
    (['psql', '-d', 'x'], ['-c', 'SELECT 1'])
    """
    if arguments and arguments[0] in PASSING:
        end = 1 + PASSING[arguments[0]]
        if arguments[1:2] not in (["-h"], ["--help"]):
            rest = arguments[end:]
            return arguments[:end], rest[1:] if rest[:1] == ["--"] else rest
    elif "--" in arguments:
        position = arguments.index("--")
        return arguments[:position], arguments[position + 1 :]
    return arguments, []


def make_parser():
    parser = argparse.ArgumentParser(
        prog="./dev",
        description="Run, test and measure the Customer Success addon on Odoo 19. The first verb that needs"
        " Odoo sets everything up in .dev/; nothing else on the machine is changed.",
        epilog="./dev VERB --help tells more. PGHOST or DATABASE_URL: use that PostgreSQL server."
        " ODOO_SOURCE: use that checkout of Odoo 19.0.",
    )
    parser.set_defaults(action=None)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")

    def verb(name, action, summary, more=""):
        added = verbs.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}. {more}"
        )
        added.set_defaults(action=action)
        return added

    run = verb(
        "run", _run, "serve Odoo with the addon and its demo customers",
        "Makes the database customer_success when it is not there and updates the addon in it when its files changed.",
    )  # fmt: skip
    run.add_argument("--port", type=port, default=8069, help="listen there (default: %(default)s)")
    run.add_argument("--fresh", action="store_true", help="throw the database away first")
    run.add_argument(
        "--bridges",
        action="store_true",
        help="with the bridges and the addons they tie to, in a database of its own",
    )
    test = verb(
        "test", _test, "run every test, browser tours included",
        "The last line is `N passed, N failed`; a test that exists and does not run has failed.",
    )  # fmt: skip
    test.add_argument(
        "--tags",
        default="",
        help="only these, as in Odoo's --test-tags, for example /customer_success:TestScore.test_x",
    )
    lint = verb(
        "lint",
        _lint,
        "check the code, as the pre-commit hooks do",
        "Needs Node.js 18.18 or newer with npm for JavaScript.",
    )
    lint.add_argument("--hook", default="", help="only this one")
    lint.add_argument(
        "--fix", action="store_true", help="let the tools mend and format what they can"
    )
    verb(
        "odoo",
        _odoo,
        "Odoo's own command line: ./dev odoo -- ARGS",
        "A --addons-path of yours adds to ours.",
    )
    shell = verb("shell", _shell, "a Python shell with Odoo's env")
    psql = verb("psql", _psql, "PostgreSQL's own shell: ./dev psql [-- ARGS]")
    for added in (shell, psql):
        added.add_argument("-d", "--database", default="", help="default: customer_success")
    bench = verb(
        "bench",
        _bench,
        "run bench/NAME.py: ./dev bench NAME [ARGS]",
        "./dev bench NAME --help tells its arguments.",
    )
    bench.add_argument("name", metavar="NAME", help="one of: " + ", ".join(_benches()))
    verb(
        "backtest",
        _backtest,
        "try the risk model on any table: ./dev backtest FILE.csv --outcome COL",
        "./dev backtest -- --help tells its arguments.",
    )
    verb(
        "load",
        _load,
        "load customers, renewals and usage: ./dev load FILE.csv [ARGS]",
        "./dev load -- --help tells its arguments.",
    )
    verb("pictures", _pictures, "take the pictures of the README again from a running Odoo")
    verb("stop", _stop, "stop the private PostgreSQL and every Odoo that ./dev run started")
    clean = verb("clean", _clean, "delete the databases, templates and logs of ./dev")
    clean.add_argument(
        "--all", action="store_true", help="delete Odoo's source and the Python packages too"
    )
    return parser


def port(text):
    """A port number for argparse."""
    number = int(text) if text.isdigit() else 0
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port: 1 to 65535")
    return number


def _benches():
    return sorted(path.stem for path in (paths.ROOT / "bench").glob("[!_]*.py")) or ["none yet"]


def _run(options):
    from . import serving

    return serving.run(options.port, fresh=options.fresh, bridges=options.bridges)


def _test(options):
    from . import testing

    return 0 if testing.run(options.tags) else 1


def _lint(options):
    from . import lint

    return 0 if lint.run(options.hook, options.rest, fix=options.fix) else 1


def _odoo(options):
    from . import odoo

    odoo.set_up().replace_process(*options.rest)


def _shell(options):
    from . import odoo, serving

    instance = odoo.set_up()
    if not options.database:
        serving.prepare(instance)
    instance.replace_process(
        "shell", "-d", options.database or serving.DATABASE, "--no-http", *options.rest
    )


def _psql(options):
    from . import odoo, postgres, serving

    instance = odoo.set_up()
    name = options.database
    if not name:
        name = (
            serving.DATABASE
            if instance.databases.exists(serving.DATABASE)
            else instance.server.database
        )
    program = str(postgres.binary("psql"))
    os.execve(program, ["psql", "-d", name, *options.rest], postgres.environment(instance.server))


def _bench(options):
    if options.name not in _benches():
        raise console.Trouble(
            f"there is no bench {options.name}", f"one of: {', '.join(_benches())}"
        )
    _script("bench", paths.ROOT / "bench" / f"{options.name}.py", options.rest)


def _backtest(options):
    from . import venv

    with console.locked():
        venv.ensure()
        venv.ensure_beside(paths.ROOT / "requirements-backtest.lock", paths.STATE / "backtest")
    environment = venv.environment()
    environment["PYTHONPATH"] = str(paths.STATE / "backtest")
    command = [str(paths.PYTHON), str(paths.SCRIPTS / "backtest.py"), *options.rest]
    os.execve(command[0], command, environment)


def _load(options):
    _script("load", paths.SCRIPTS / "load.py", options.rest)


def _pictures(options):
    _script("pictures", paths.SCRIPTS / "pictures.py", options.rest)


def _script(kind, path, arguments):
    """Become scripts/run_script.py, inside the virtual environment."""
    from . import odoo, venv

    if not path.exists():
        raise console.Trouble(f"{path} is not there", "run ./dev from a complete checkout")
    source = odoo.set_up().source
    command = [str(paths.PYTHON), str(paths.SCRIPTS / "run_script.py"), kind, str(path), *arguments]
    os.execve(command[0], command, venv.environment(source))


def _stop(_options):
    from . import postgres_process, serving

    served = serving.stop()
    database = postgres_process.stop()
    console.say(f"  Odoo: {f'{served} stopped' if served else 'was not running'}")
    console.say(f"  PostgreSQL: {'stopped' if database else 'was not running'}")


def _clean(options):
    from . import cleaning

    cleaning.clean(everything=options.all)
