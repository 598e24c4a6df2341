"""A process of its own that helps with the night: DATABASE ADDONS_PATH. Not a bench itself.

Says "ready" once Odoo is loaded, waits for a line, works off the batches, and says "done".
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
