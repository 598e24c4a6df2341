from odoo import api, fields, models
from odoo.exceptions import AccessError

# The fields in which people record their judgement; only the customer success team may write them.
FACTS = {
    "success_stage_id",
    "success_stage_date",
    "success_user_id",
    "success_go_live_date",
    "success_sentiment",
    "success_sentiment_date",
    "success_sentiment_note",
    "success_segment_id",
    "success_segment_manual",
    "success_complexity",
    "success_routine_fit",
    "success_since_date",
    "success_adoption_bought",
    "success_may_return",
}
# The fields whose change asks for a new score.
SCORED_FACTS = {
    "success_stage_id",
    "success_stage_date",
    "success_go_live_date",
    "success_segment_id",
    "success_complexity",
    "success_routine_fit",
    "success_since_date",
    "success_adoption_bought",
    "active",
}


class ResPartner(models.Model):
    """A customer: a commercial partner with a stage. Every field here is hidden from portal users."""

    _name = "res.partner"
    _inherit = ["res.partner", "customer.success.scored"]

    success_user_id = fields.Many2one(
        "res.users",
        "CSM",
        default=lambda self: (
            self.env.uid
            if self.env.context.get("success_new_customer")
            and not self.env.context.get("default_parent_id")
            else False
        ),
        index="btree_not_null",
        tracking=True,
        copy=False,
        domain=[("share", "=", False)],
        groups="base.group_user",
        help="The customer success manager is the customer's trusted advisor.",
    )
    success_go_live_date = fields.Date(
        "Go-Live",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="The date on which the customer went live, or plans to.",
    )
    success_go_live_first = fields.Date(
        "First Go-Live Known",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The earliest go-live date that a live customer had before it was moved or emptied. The target for "
        "use rises from this day on, so that moving the date does not start it anew.",
    )
    success_sentiment = fields.Selection(
        [("confident", "Confident"), ("watchful", "Watchful"), ("worried", "Worried")],
        "My View",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="The CSM's own view of the customer, shown beside the computed health.",
    )
    success_sentiment_date = fields.Date(
        "View Since", readonly=True, copy=False, groups="base.group_user"
    )
    success_sentiment_note = fields.Text(
        "Why I Think So",
        copy=False,
        groups="customer_success.group_success_user",
    )
    success_attention = fields.Html(
        "Needs Attention",
        compute="_compute_success_attention",
        sanitize=False,
        groups="customer_success.group_success_user",
    )

    # Queries for scores read customers only, so the index leaves out all other contacts.
    _success_customer_idx = models.Index("(id) WHERE success_stage_id IS NOT NULL AND active")

    # ------------------------------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------------------------------

    @api.depends("success_stage_id", "success_former_date")
    @api.depends_context("lang")
    def _compute_success_attention(self):
        for partner in self:
            is_current = partner.success_stage_id and not partner.success_former_date
            lines = partner._success_attention_lines() if is_current else []
            partner.success_attention = (
                self.env["ir.qweb"]._render("customer_success.attention", {"lines": lines})
                if lines
                else False
            )

    def _success_attention_lines(self):
        """Return the texts of what needs the CSM's attention, most urgent first; wings extend it."""
        self.ensure_one()
        return []

    def _check_success_field(self, name):
        """Check the groups of a field that has a search method: Odoo leaves this to the method."""
        self._check_field_access(self._fields[name], "read")

    def _field_to_sql(self, alias, field_expr, query=None):
        """Check the groups of our related fields as well.

        Odoo checks only the groups of the field at the end of the relation, so a portal user could
        otherwise sort, group and average by a score that it may not read.
        """
        if field_expr.startswith("success_"):
            field = self._fields.get(field_expr)
            if field and field.related and not field.store:
                self._check_field_access(field, "read")
        return super()._field_to_sql(alias, field_expr, query)

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals.pop("success_go_live_first", None)
        for vals in vals_list:
            self._check_success_facts(vals)
            self._stamp_success_dates(vals)
        partners = super().create(vals_list)
        customers = partners.filtered("success_stage_id")
        self.env["customer.success.score.request"]._add(customers)
        return partners

    def write(self, vals):
        self._check_success_facts(vals)
        self._stamp_success_dates(vals)
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "success_go_live_first"}
        if "success_go_live_date" in vals:
            self._keep_success_go_live(fields.Date.to_date(vals["success_go_live_date"]))
        elif (
            self.env["customer.success.stage"].browse(vals.get("success_stage_id")).phase
            == "before"
        ):
            self._keep_success_go_live(None)
        result = super().write(vals)
        if SCORED_FACTS & vals.keys():
            self.env["customer.success.score.request"]._add(self)
        return result

    def _success_live_since(self):
        """Return the first day on which the customer is known to be live; None in the stages up to go-live."""
        self.ensure_one()
        if self.success_stage_id.phase != "after":
            return None
        known = [self.success_go_live_first, self.success_go_live_date]
        if not any(known):
            moves = self.success_stage_move_ids
            known = moves.filtered(lambda m: m.stage_id.phase in ("go_live", "after")).mapped(
                "date"
            )
        return min(filter(None, known), default=None)

    def _keep_success_go_live(self, moved):
        """Keep the go-live date of live customers that gives way to a later date or to none."""
        today = fields.Date.context_today(self)
        for partner in self.sudo().filtered(
            lambda partner: partner.success_stage_id.phase in ("go_live", "after")
        ):
            live = partner.success_go_live_date
            first = partner.success_go_live_first
            if live and live <= today and (not moved or live < moved):
                partner.success_go_live_first = min(live, first) if first else live

    @api.model
    def _stamp_success_dates(self, vals):
        if vals.get("success_sentiment"):
            vals.setdefault("success_sentiment_date", fields.Date.context_today(self))

    def _check_success_facts(self, vals):
        """Refuse changes of customer facts to users outside the customer success team.

        Members of the team who see only their own customers may change those and customers
        without a CSM.
        """
        if self.env.su:
            return
        changed = [name for name in FACTS & vals.keys() if self._changes_success(name, vals)]
        if changed:
            self._check_success_role()
        if "success_user_id" in changed:
            self._check_success_may_give()

    def _check_success_role(self):
        """Raise AccessError if the user may not change the adoption of these customers."""
        user = self.env.user
        if not user.has_group("customer_success.group_success_user"):
            raise AccessError(
                self.env._("Only the customer success team can change a customer's adoption.")
            )
        if user.has_group("customer_success.group_success_user_all"):
            return
        self._refuse_others(user | user.success_deputy_for_ids)

    def _check_success_may_give(self):
        """Raise AccessError if the user may not give these customers to another CSM; a deputy may not."""
        user = self.env.user
        if not user.has_group("customer_success.group_success_user_all"):
            self._refuse_others(user)

    def _refuse_others(self, users):
        """Raise AccessError if somebody else than these users follows one of these customers."""
        others = self.sudo().filtered(
            lambda partner: partner.success_user_id and partner.success_user_id not in users
        )
        if others:
            raise AccessError(
                self.env._(
                    "%(customer)s is followed by %(csm)s. Ask them or your manager to hand over the customer.",
                    customer=others[0].display_name,
                    csm=others[0].success_user_id.name,
                )
            )

    def _changes_success(self, name, vals):
        """Return True if ``vals`` changes the field; Odoo's merge also writes unchanged values."""
        if not self:
            return bool(vals[name])
        field = self._fields[name]
        return any(
            field.convert_to_cache(vals[name], partner)
            != field.convert_to_cache(partner[name], partner)
            for partner in self.sudo()
        )

    @api.model
    def _get_success_customer_domain(self):
        """Return the domain of the customers that lists and exports show: all, or the user's own; former ones not."""
        return self._get_success_own_domain() & fields.Domain("success_is_former", "=", False)

    @api.model
    def _get_success_own_domain(self):
        """Return the domain of the customers that the user may work on: all, or the user's own; former ones too."""
        customers = fields.Domain("success_stage_id", "!=", False)
        if self.env.user.has_group("customer_success.group_success_user_all"):
            return customers
        users = self.env.user | self.env.user.success_deputy_for_ids
        return customers & fields.Domain("success_user_id", "in", [*users.ids, False])

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def _action_success(self, xmlid, **context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_success.{xmlid}")
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id, **context}
        return action
