"""A separate process that takes part in a night. This module is not a bench itself.

Arguments: DATABASE ADDONS_PATH. The process prints "ready" once Odoo is loaded, waits for a line, scores
the batches, and prints "done".
"""

import sys

import odoo.api
from odoo.modules.registry import Registry
from odoo.tools import config

database, addons_path = sys.argv[1:]
config.parse_config(
    ["--addons-path", addons_path, "--log-level=critical", "--no-http", "--max-cron-threads=0"],
    setup_logging=True,
)
with Registry(database).cursor() as cr:
    env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
    cr.rollback()
    print("ready", flush=True)
    sys.stdin.readline()
    env["customer.success.score"]._cron_score_batches()
print("done", flush=True)
