from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.tools import file_open

CATALOGUE = "customer_success/data/customer_success_question_data.xml"


def migrate(cr, version):
    """Set the new fields of existing questions from the catalogue, and create the advice for worrying answers."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    with file_open(CATALOGUE, "rb") as stream:
        catalogue = etree.parse(stream)
    for record in catalogue.iter("record"):
        question = env.ref(f"customer_success.{record.get('id')}", raise_if_not_found=False)
        if question and not question.purpose:
            question.write(
                {
                    field.get("name"): field.text
                    for field in record.iter("field")
                    if field.get("name") in ("purpose", "strong_answer", "worrying_answer")
                }
            )
    current = env["customer.success.answer"].search(
        [("is_current", "=", True), ("signal", "in", ("concern", "blocker"))]
    )
    env["customer.success.advice"]._propose(current)
    cron = env.ref("customer_success.ir_cron_success_care", raise_if_not_found=False)
    if cron:
        cron.name = "Customer Success: run plays"
