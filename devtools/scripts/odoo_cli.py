"""Odoo's own command line, without this directory or the current one on Python's path."""

import sys

sys.path.pop(0)

from odoo.cli import main

main()
