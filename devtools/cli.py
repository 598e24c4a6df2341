"""The verbs of ./dev."""

import argparse
import sys

from . import console, paths


def main(arguments):
    parser = _parser()
    options = parser.parse_args(_protect_rest(arguments))
    if not getattr(options, "action", None):
        parser.print_help()
        return 2
    try:
        return options.action(options) or 0
    except console.Trouble as trouble:
        print(trouble.line(), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("./dev: stopped", file=sys.stderr)
        return 130


def _protect_rest(arguments):
    """Keep argparse's hands off what follows `--`."""
    return arguments


def _parser():
    parser = argparse.ArgumentParser(prog="./dev")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    add = verbs.add_parser("odoo", help="Odoo's own command line: ./dev odoo -- ARGS")
    add.add_argument("rest", nargs="*")
    add.set_defaults(action=_odoo)
    add = verbs.add_parser("test")
    add.add_argument("--tags", default="")
    add.set_defaults(action=_test)
    return parser


def _test(options):
    from . import testing
    return 0 if testing.run(options.tags) else 1


def _odoo(options):
    from . import odoo
    odoo.set_up().replace_process(*options.rest)
