"""What Odoo may log at WARNING or above while our addon is installed and tested.

Everything else fails the run. Tests that provoke a warning use `mute_logger` or `assertLogs`.
Each line: logger, message (regular expressions, matched from the start), why it is harmless.
"""

import re

ALLOWED = (
    (
        r"odoo\.tests\.result",
        r"\d+ failed, \d+ error",
        "sums up failures that are counted one by one",
    ),
    (
        r"odoo\.modules\.loading",
        r"Module \w+: \d+ failures|At least one test failed",
        "sums up failures that are counted one by one",
    ),
    (
        r"odoo\.addons\..*",
        r"Chrome executable not found",
        "each tour that it stops is counted as failed",
    ),
    (
        r"odoo\.addons\.base\.models\.ir_actions_report",
        r"You need Wkhtmltopdf",
        "PDF reports are not tested",
    ),
)


def is_allowed(logger, message, allowed=ALLOWED):
    """
    >>> is_allowed("odoo.addons.base.models.ir_actions_report", "You need Wkhtmltopdf to print")
    True
    >>> is_allowed("odoo.addons.customer_success", "You need Wkhtmltopdf to print")
    False
    """
    return any(
        re.fullmatch(name, logger) and re.match(text, message) for name, text, _why in allowed
    )
