from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..models.barriers.customer_success_barrier import EVIDENCE_FROM, SEVERITIES


class CustomerSuccessBarrierCheck(models.TransientModel):
    """A dialog that searches for barriers in all areas, also at customers who believe that they know theirs."""

    _name = "customer.success.barrier.check"
    _description = "Search for Barriers"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="cascade")
    hints = fields.Html(compute="_compute_hints", sanitize=False)
    line_ids = fields.One2many("customer.success.barrier.check.line", "check_id")
    users_asked = fields.Integer(
        help="The number of people who were asked and who work with the product. Leaders alone do not know the barriers."
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        areas = self.env["customer.success.barrier"]._areas()
        values.setdefault(
            "line_ids",
            [
                Command.create({"area": code, "question": self.env._(area.question)})
                for code, area in areas.items()
            ],
        )
        return values

    @api.depends("partner_id")
    def _compute_hints(self):
        for check in self:
            lines = check.partner_id._success_barrier_hints()
            check.hints = (
                self.env["ir.qweb"]._render("customer_success.attention", {"lines": lines})
                if lines
                else False
            )

    def action_finish(self):
        """Create a barrier for each area in which one was found, and record the day of the search."""
        self.ensure_one()
        if not self.partner_id.filtered_domain(self.env["res.partner"]._get_success_own_domain()):
            raise AccessError(
                self.env._("Only users who follow a customer can search for its barriers.")
            )
        if self.users_asked <= 0:
            raise UserError(
                self.env._(
                    "Ask people who work with the product, not only their leaders, and enter their number. "
                    "Leaders often only assume the barriers."
                )
            )
        found = self.line_ids.filtered("found")
        search = self._keep_search(len(found))
        barriers = self.env["customer.success.barrier"].create(
            [
                {
                    "search_id": search.id,
                    "partner_id": self.partner_id.id,
                    "name": line.name or line.question,
                    "area": line.area,
                    "severity": line.severity,
                    "evidence": line.evidence,
                    "evidence_from": line.evidence_from,
                    # A barrier that only leaders report is not confirmed yet.
                    "state": "potential" if line.evidence_from == "leaders" else "confirmed",
                }
                for line in found
            ]
        )
        self.env["customer.success.score.request"]._add(self.partner_id)
        action = self.partner_id.action_success_barriers()
        action["domain"] = [("id", "in", barriers.ids)] if barriers else action["domain"]
        return action

    def _keep_search(self, found):
        """Add this search to the history of the customer; return it.

        The score counts the latest one, unless one that reached further is still fresh.
        """
        partner = self.partner_id.sudo()
        areas = self.env["customer.success.barrier"]._areas()
        looked = set(self.line_ids.mapped("area")) & areas.keys()
        share = 100.0 * len(looked) / len(areas)
        kept = partner.success_barriers_checked and not partner.success_barriers_stale
        before = partner.success_barriers_asked * (partner.success_barriers_areas or 0.0)
        if not kept or before <= self.users_asked * share:
            partner.write(
                {
                    "success_barriers_checked": fields.Date.context_today(self),
                    "success_barriers_asked": self.users_asked,
                    "success_barriers_areas": share,
                }
            )
        return (
            self.env["customer.success.barrier.search"]
            .sudo()
            .create(
                {
                    "partner_id": partner.id,
                    "date": fields.Date.context_today(self),
                    "user_id": self.env.uid,
                    "people_asked": self.users_asked,
                    "areas_share": share,
                    "found": found,
                }
            )
        )


class CustomerSuccessBarrierCheckLine(models.TransientModel):
    _name = "customer.success.barrier.check.line"
    _description = "Area of a Search for Barriers"

    check_id = fields.Many2one("customer.success.barrier.check", required=True, ondelete="cascade")
    area = fields.Selection(
        lambda self: self.env["customer.success.barrier"]._area_choices(),
        required=True,
        readonly=True,
    )
    question = fields.Char("Ask", readonly=True)
    found = fields.Boolean("There Is One")
    name = fields.Char("What Stops People")
    severity = fields.Selection(
        SEVERITIES,
        default="1",
        required=True,
    )
    evidence = fields.Char()
    evidence_from = fields.Selection(
        EVIDENCE_FROM,
        "Said By",
        default="users",
        required=True,
    )
