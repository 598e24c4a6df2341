from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

# What only the system sets: who has left is known from contract terms (models/renewals/res_partner_former.py).
MACHINE = {"success_former_date", "success_former_noted"}


class ResPartner(models.Model):
    """A former customer: it left with its last term, keeps its stage and all its records, and counts nowhere.

    It is out of scores, averages, lists, boards, playbooks and mails, as a company that is not followed. Each wing ends
    in :meth:`_success_leave` what it keeps for customers, and begins it again in :meth:`_success_come_back`.
    """

    _inherit = "res.partner"

    success_former_date = fields.Date(
        "Former Customer Since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The day on which the last contract term ended. A new renewal brings the customer back.",
    )
    success_former_noted = fields.Date(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The day since which the customer is left out: it became known then that its last term had ended.",
    )
    success_is_former = fields.Boolean(
        "Former Customer",
        compute="_compute_success_is_former",
        search="_search_success_is_former",
        groups="base.group_user",
    )
    success_may_return = fields.Selection(
        [("likely", "Likely"), ("possible", "Possibly"), ("unlikely", "Unlikely")],
        "May Come Back",
        copy=False,
        groups="customer_success.group_success_user",
    )

    @api.depends("success_former_date")
    def _compute_success_is_former(self):
        for partner in self:
            partner.success_is_former = bool(partner.success_former_date)

    def _search_success_is_former(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("success_former_date", "!=" if True in value else "=", False)

    @api.model
    def _search(self, domain, *args, **options):
        """Find former customers in a list of customers if a filter asks for them, as Odoo finds archived records.

        The actions leave them out by ``('success_is_former', '=', False)``. A filter for former customers would contradict
        that and find nothing, so it takes the place of this condition.
        """
        return super()._search(_asked(Domain(domain)), *args, **options)

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_former(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._without_former(vals)
        if "success_former_date" not in vals:
            return super().write(vals)
        is_leaving = bool(vals["success_former_date"])
        changing = self.filtered(lambda partner: partner.success_is_former != is_leaving)
        before = {partner: partner.success_former_date for partner in changing}
        result = super().write(vals)
        if changing:
            # The statements of the wings read the table.
            self.flush_recordset(["success_former_date"])
            if is_leaving:
                changing._success_leave()
            else:
                changing._success_come_back(before)
        return result

    @api.model
    def _without_former(self, vals):
        """Return ``vals`` without what only the system sets, so that nobody takes a poor customer out of the averages."""
        if self.env.su or not MACHINE & vals.keys():
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    # ------------------------------------------------------------------------------------------
    # Leaving and coming back
    # ------------------------------------------------------------------------------------------

    def _success_leave(self):
        """Tell in the chatter that these companies are former customers; wings extend it.

        Every employee reads the chatter of a company, so reason and value stay on the renewal and in the team's fields.
        """
        self.success_former_noted = fields.Date.context_today(self)
        for partner in self:
            partner._message_log(
                body=self.env._(
                    "Former customer since %(date)s, last in stage “%(stage)s”.",
                    date=format_date(self.env, partner.success_former_date),
                    stage=partner.success_stage_id.name,
                )
            )

    def _success_come_back(self, since):
        """Take these customers up again where they were, without the days when they were away; wings extend it.

        ``since`` is ``{customer: the day since which it had been a former customer}``.
        """
        today = fields.Date.context_today(self)
        for partner in self:
            noted, entered = partner.success_former_noted, partner.success_stage_date
            away = today - max(noted, entered) if noted and entered else None
            partner.write(
                {
                    "success_former_noted": False,
                    "success_may_return": False,
                    **({"success_stage_date": entered + away} if away else {}),
                }
            )
            partner._message_log(
                body=self.env._(
                    "Customer again, in stage “%(stage)s”. Former customer since %(date)s until then.",
                    stage=partner.success_stage_id.name,
                    date=format_date(self.env, since[partner]),
                )
            )
        self.env["customer.success.score.request"]._add(self)
        self._success_cancel_steps()

    def _success_cancel_steps(self):
        """Cancel the steps for leaving well and for winning back of customers that stay or are back; wings extend it."""

    def _success_close_work(self):
        """Close what is open at these customers, as the dialog that ended the last term asked, and tell it in the chatter."""
        said = {partner: partner._success_open_work() for partner in self}
        self._success_close_records()
        for partner, lines in said.items():
            if lines:
                partner._message_log(
                    body=self.env._("Closed because the customer left: %s.", "; ".join(lines))
                )

    def _success_open_work(self):
        """Return what is open at this customer, as short texts; wings extend it."""
        self.ensure_one()
        return []

    def _success_close_records(self):
        """Close what :meth:`_success_open_work` names; wings extend it."""


def _asked(domain):
    """Return the domain without the condition that leaves former customers out, if another condition asks for them.

    The condition is one of several that must hold, so that one for former customers could otherwise not hold.
    """
    parts = list(getattr(domain, "children", ())) if _joins_by_and(domain) else []
    left_out = [part for part in parts if _says(part, False)]
    if not left_out:
        return domain
    others = [part for part in parts if not _says(part, False)]
    if not any(_says(part, True) for other in others for part in other.iter_conditions()):
        return domain
    return Domain.AND(others)


def _joins_by_and(domain):
    return getattr(domain, "OPERATOR", "") == "&"


def _says(condition, is_former):
    """Return True if this is the condition ``success_is_former`` with the value ``is_former``."""
    if getattr(condition, "field_expr", "") != "success_is_former":
        return False
    values = condition.value if condition.operator in ("in", "not in") else [condition.value]
    same = condition.operator in ("=", "in", "==")
    return {bool(value) == same for value in values} == {is_former}
