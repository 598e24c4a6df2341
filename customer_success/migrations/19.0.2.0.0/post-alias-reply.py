from odoo import SUPERUSER_ID, api

FORMER = "not known to us as that of a customer"
REPLY = (
    "<p>Your mail could not be taken in: this address accepts mails from registered senders only. "
    "Please write to the person whom you know here.</p>"
)


def migrate(cr, _version):
    """Replace the reply to strangers, which said who is a customer, unless somebody has written another one."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    alias = env.ref("customer_success.mail_alias_barrier", raise_if_not_found=False)
    if alias and FORMER in (alias.alias_bounced_content or ""):
        alias.alias_bounced_content = REPLY
