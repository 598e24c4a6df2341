from odoo import api, fields, models

from ...scoring import groups
from ..common.known_float import KnownFloat

TEAM = "customer_success.group_success_user"
SAID = (
    "success_health",
    "success_confidence",
    "success_renewal_risk",
    "success_risk_band",
    "success_value_at_risk",
    "success_currency_id",
)


class ResPartner(models.Model):
    """The figures of a group of customers, computed when it is looked at, from those that the reader may see."""

    _name = "res.partner"
    _inherit = ["res.partner", "customer.success.group.risk"]

    success_group_health = KnownFloat(
        "Health of the Group",
        compute="_compute_success_group_health",
        groups=TEAM,
        help="The mean of the health scores of the group's customers, weighted by the annual value of their pending "
        "renewals; high is good.",
    )
    success_group_confidence = KnownFloat(
        "Known of the Group %", compute="_compute_success_group_health", groups=TEAM
    )
    success_group_worst_id = fields.Many2one(
        "res.partner",
        "Worst Health",
        compute="_compute_success_group_health",
        groups=TEAM,
        help="The customer of the group with the lowest health score.",
    )
    success_group_renewal_count = fields.Integer(
        "Pending Renewals", compute="_compute_success_group_work", groups=TEAM
    )
    success_group_next_renewal_date = fields.Date(
        "Next Renewal of the Group", compute="_compute_success_group_work", groups=TEAM
    )
    success_group_barrier_count = fields.Integer(
        "Open Barriers of the Group", compute="_compute_success_group_work", groups=TEAM
    )
    success_group_last_talk_date = fields.Date(
        "Last Conversation of the Group", compute="_compute_success_group_work", groups=TEAM
    )

    @api.depends("success_group_ids")
    @api.depends_context("uid", "allowed_company_ids", "company")
    def _compute_success_group_risk(self):
        headlines = self._success_group_headlines(
            {head: head.success_group_ids.ids for head in self}
        )
        for head, headline in headlines.items():
            head.update(headline)

    @api.depends("success_group_ids")
    @api.depends_context("uid", "allowed_company_ids", "company")
    def _compute_success_group_health(self):
        members = {head: head.success_group_ids.ids for head in self}
        found, _missing = self._success_together(members, self._success_values(members))
        for head in self:
            together = found[head]
            head.success_group_health = together.health
            head.success_group_confidence = together.confidence
            head.success_group_worst_id = together.worst_id

    @api.depends("success_group_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_success_group_work(self):
        members = {head: head.success_group_ids.ids for head in self}
        customers = self._success_of(members)
        of_them = fields.Domain("partner_id", "in", customers.ids)
        renewals, barriers, talks = {}, {}, {}
        if customers:
            readers = self.sudo(False).env
            for partner, count, date in readers["customer.success.renewal"]._read_group(
                of_them & fields.Domain("outcome", "=", "pending"),
                ["partner_id"],
                ["__count", "date_renewal:min"],
            ):
                renewals[partner.id] = (count, date)
            barriers = {
                partner.id: count
                for partner, count in readers["customer.success.barrier"]._read_group(
                    of_them & fields.Domain("is_open", "=", True), ["partner_id"], ["__count"]
                )
            }
            customers.fetch(["success_last_talk_date"])
            talks = {one.id: one.success_last_talk_date for one in customers}
        for head, ids in members.items():
            due = [renewals[id_] for id_ in ids if id_ in renewals]
            head.success_group_renewal_count = sum(count for count, _date in due)
            head.success_group_next_renewal_date = min((date for _n, date in due), default=False)
            head.success_group_barrier_count = sum(barriers.get(id_, 0) for id_ in ids)
            head.success_group_last_talk_date = max(
                (talks[id_] for id_ in ids if talks.get(id_)), default=False
            )

    # ------------------------------------------------------------------------------------------
    # Reading what they say, with a fixed number of queries for any number of groups of any size
    # ------------------------------------------------------------------------------------------

    def _success_of(self, members):
        """Return all customers of these groups, ``{head: ids}``, as their reader."""
        found = {id_ for ids in members.values() for id_ in ids}
        return self.sudo(False).browse(sorted(found))

    def _success_group_headlines(self, members):
        """Return ``{group: {field: value}}`` of the headlines; see :meth:`_success_together`."""
        found, missing = self._success_together(members)
        bands = {one.id: one.success_risk_band for one in self._success_of(members)}
        return {
            group: {
                "success_group_renewal_risk": together.risk,
                "success_group_risk_band": bands.get(together.riskiest_id, False),
                "success_group_riskiest_id": together.riskiest_id,
                "success_group_currency_id": self.env.company.currency_id.id,
                "success_group_value_at_risk": None if missing[group] else together.at_risk,
                "success_group_missing_rates": ", ".join(missing[group]) or False,
            }
            for group, together in found.items()
        }

    def _success_together(self, members, values=None):
        """Return what the customers of each group say, and the currencies without a rate: two dicts by group.

        ``members`` is ``{group: ids of its customers}``; the keys may be anything. ``values`` is their annual value by
        id, which weighs their health.
        """
        customers = self._success_of(members)
        customers.fetch(SAID)
        company = self.env.company
        factors = customers.success_currency_id._success_factors(company)
        values, by_id, missing = values or {}, {}, {}
        for one in customers:
            currency, amount = one.success_currency_id, one.success_value_at_risk
            factor = factors.get((company.id, currency.id))
            if currency and amount and factor is None:
                missing[one.id] = currency.name
            by_id[one.id] = groups.Member(
                one.id,
                _known(one.success_health),
                _known(one.success_confidence),
                _known(one.success_renewal_risk),
                amount * factor if currency and factor is not None else None,
                values.get(one.id),
            )
        return (
            {head: groups.together([by_id[id_] for id_ in ids]) for head, ids in members.items()},
            {
                head: sorted({missing[id_] for id_ in ids if id_ in missing})
                for head, ids in members.items()
            },
        )

    def _success_values(self, members):
        """Return the annual value that counts of the pending renewals of these customers in the company's currency, by id.

        A customer with a value in a currency without a rate is left out: its value is unknown.
        """
        customers = self._success_of(members)
        if not customers:
            return {}
        rows = customers.env["customer.success.renewal"]._read_group(
            [("partner_id", "in", customers.ids), ("outcome", "=", "pending")],
            ["partner_id", "currency_id"],
            ["counted_value:sum"],
        )
        company = self.env.company
        currencies = self.env["res.currency"].union(*(currency for _p, currency, _v in rows))
        factors = currencies._success_factors(company) if currencies else {}
        values = {}
        for partner, currency, value in rows:
            factor = factors.get((company.id, currency.id))
            if value and (factor is None or values.get(partner.id, 0.0) is None):
                values[partner.id] = None
            elif value:
                values[partner.id] = values.get(partner.id, 0.0) + value * factor
        return values


def _known(value):
    return None if value is False else value
