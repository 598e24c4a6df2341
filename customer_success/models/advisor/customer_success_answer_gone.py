from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.people import HAS_LEFT


class CustomerSuccessAnswer(models.Model):
    """Answers of people who have left: they stay readable, and are never current."""

    _inherit = "customer.success.answer"

    is_gone = fields.Boolean(
        "Has Left",
        compute="_compute_is_gone",
        compute_sudo=True,
        search="_search_is_gone",
        help="The contact who gave this answer was archived or now belongs to another company: the answer is history.",
    )

    @api.depends("contact_id.active", "contact_id.commercial_partner_id", "partner_id")
    def _compute_is_gone(self):
        for answer in self:
            contact = answer.contact_id
            answer.is_gone = bool(contact) and (
                not contact.active or contact.commercial_partner_id != answer.partner_id
            )

    def _search_is_gone(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["contact_id", "partner_id"])
        self.env["res.partner"].flush_model(["active", "commercial_partner_id"])
        gone = SQL(
            f"""(SELECT answer.id
                   FROM customer_success_answer answer
              LEFT JOIN res_partner contact ON contact.id = answer.contact_id
                  WHERE {HAS_LEFT})"""
        )
        return [("id", "in" if True in value else "not in", gone)]
