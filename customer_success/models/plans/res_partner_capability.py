from odoo import api, fields, models
from odoo.tools import SQL

from .customer_success_plan_content import PROGRAMMES, RATINGS

# The fields of a customer that show what the active plan says about its capability.
CAPABILITY = {
    "success_expertise": "expertise",
    "success_tools": "tools",
    "success_capacity": "capacity",
    "success_programme": "internal_programme",
}
WEAK = ("1", "2")  # the ratings that are a gap
GROUP = "customer_success.group_success_user"


def _rating(name, label, text):
    return fields.Selection(
        RATINGS,
        label,
        compute="_compute_success_capability",
        search=f"_search_{name}",
        groups=GROUP,
        help=text,
    )


class ResPartner(models.Model):
    """A customer's own capability, as its active success plan rates it, and what closes the gaps."""

    _inherit = "res.partner"

    success_expertise = _rating(
        "success_expertise",
        "Expertise",
        "The customer's skills for bringing about adoption, from the active success plan.",
    )
    success_tools = _rating(
        "success_tools",
        "Tools",
        "The customer's tools for following and steering adoption, from the active success plan.",
    )
    success_capacity = _rating(
        "success_capacity",
        "Capacity",
        "The time that the customer's people have for adoption, from the active success plan.",
    )
    success_programme = fields.Selection(
        PROGRAMMES,
        "Own Success Programme",
        compute="_compute_success_capability",
        search="_search_success_programme",
        groups=GROUP,
        help="Says if the customer runs a success programme of its own, from the active success plan.",
    )

    @api.depends(
        "success_plan_ids.state",
        "success_plan_ids.expertise",
        "success_plan_ids.tools",
        "success_plan_ids.capacity",
        "success_plan_ids.internal_programme",
    )
    def _compute_success_capability(self):
        """Read the active plans of all customers in one query."""
        plans = (
            self.env["customer.success.plan"]
            .sudo()
            .search([("partner_id", "in", self.ids), ("state", "=", "active")])
            .grouped("partner_id")
        )
        for partner in self:
            plan = plans.get(partner.sudo()._origin)
            for name, column in CAPABILITY.items():
                partner[name] = plan[column] if plan else False

    def _search_success_expertise(self, operator, value):
        return self._search_success_capability("success_expertise", operator, value)

    def _search_success_tools(self, operator, value):
        return self._search_success_capability("success_tools", operator, value)

    def _search_success_capacity(self, operator, value):
        return self._search_success_capability("success_capacity", operator, value)

    def _search_success_programme(self, operator, value):
        return self._search_success_capability("success_programme", operator, value)

    def _search_success_capability(self, name, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field(name)
        self._flush_success_capability()
        said = SQL(
            "SELECT partner_id FROM customer_success_plan WHERE state = 'active' AND %s",
            SQL.identifier(CAPABILITY[name]),
        )
        found = fields.Domain(
            "id", "in", SQL("(%s = ANY(%s))", said, [one for one in value if one])
        )
        if False in value:
            found |= fields.Domain("id", "not in", SQL("(%s IS NOT NULL)", said))
        return found

    def _flush_success_capability(self):
        self.env["customer.success.plan"].flush_model(["partner_id", "state", *CAPABILITY.values()])

    def _field_to_sql(self, alias, field_expr, query=None):
        """Sort, group and export by what the active plan says, of which there is at most one."""
        if field_expr not in CAPABILITY:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_success_field(field_expr)
        self._flush_success_capability()
        return SQL(
            "(SELECT plan.%s FROM customer_success_plan plan WHERE plan.partner_id = %s AND plan.state = 'active')",
            SQL.identifier(CAPABILITY[field_expr]),
            SQL.identifier(alias, "id"),
        )

    # ------------------------------------------------------------------------------------------
    # Attention
    # ------------------------------------------------------------------------------------------

    @api.depends("success_expertise", "success_tools", "success_capacity", "success_programme")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        return super()._success_attention_lines() + self._success_capability_gaps()

    def _success_capability_gaps(self):
        """Return a sentence for each gap in the customer's capability, with what closes it."""
        self.ensure_one()
        gaps = []
        if self.success_expertise in WEAK:
            gaps.append(
                self.env._(
                    "Their expertise is %s of 5: have those who lead the change learn how use is brought about, "
                    "or bring in somebody who has done it.",
                    self.success_expertise,
                )
            )
        if self.success_tools in WEAK:
            gaps.append(
                self.env._(
                    "Their tools are %s of 5: agree on one report of use that their managers look at each month.",
                    self.success_tools,
                )
            )
        if self.success_capacity in WEAK:
            gaps.append(
                self.env._(
                    "Their capacity is %s of 5: ask the sponsor who gets how many hours for adoption, from which day on.",
                    self.success_capacity,
                )
            )
        if self.success_programme == "none":
            gaps.append(
                self.env._(
                    "They have no success programme of their own: propose a small group with fixed dates and a say."
                )
            )
        return gaps
