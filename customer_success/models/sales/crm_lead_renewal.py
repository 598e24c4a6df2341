from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..common.known_float import KnownFloat

KINDS = [("renewal", "Renewal"), ("upsell", "Upsell"), ("referral", "Referral")]


class CrmLead(models.Model):
    """A lead with its kind of business: a renewal, an upsell or a referral."""

    _inherit = "crm.lead"

    success_renewal_id = fields.Many2one(
        "customer.success.renewal",
        "Renewal",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        readonly=True,
        check_company=True,
        groups="base.group_user",
        help="The contract term that this opportunity will renew.",
    )
    success_own_risk = KnownFloat(
        related="success_renewal_id.churn_risk",
        string="Risk of This Renewal %",
        groups="base.group_user",
        help="The churn risk of the renewal itself. That of its customer is the highest of its renewals.",
    )
    success_own_range = fields.Char(
        related="success_renewal_id.risk_range",
        string="Range of This Risk",
        groups="base.group_user",
    )
    success_notice_said = fields.Char(
        related="success_renewal_id.notice_said",
        string="Notice of the Customer",
        groups="base.group_user",
    )
    success_overuse_said = fields.Char(
        related="success_renewal_id.overuse_said",
        string="Use above Licences",
        groups="base.group_user",
        help="More users are active than are licensed. What they would cost is not part of the expected revenue.",
    )
    success_kind = fields.Selection(
        KINDS,
        "Kind of Business",
        compute="_compute_success_kind",
        store=True,
        readonly=False,
        index="btree_not_null",
        groups="base.group_user",
        help="An upsell is more business with a customer. A referral is a new customer that an existing one referred.",
    )
    success_referred_by_id = fields.Many2one(
        "res.partner",
        "Referring Customer",
        index="btree_not_null",
        tracking=True,
        domain="[('success_stage_id', '!=', False)]",
        groups="base.group_user",
        help="The customer that referred them.",
    )

    success_told = fields.Json(
        "Told by the Renewal",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What the renewal gave last. A revenue or date that differs was entered by a person.",
    )
    success_put_away = fields.Boolean(
        "Lost with Its Term",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The term was archived, so nobody decided anything: the opportunity is open again when the term is back.",
    )

    _success_renewal_uniq = models.UniqueIndex(
        "(success_renewal_id) WHERE success_renewal_id IS NOT NULL",
        "This renewal already has an opportunity.",
    )

    @api.depends("success_renewal_id", "success_referred_by_id")
    def _compute_success_kind(self):
        for lead in self:
            if lead.success_renewal_id:
                lead.success_kind = "renewal"
            elif lead.success_referred_by_id:
                lead.success_kind = "referral"
            elif lead.success_kind == "renewal":
                lead.success_kind = False

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        # Check after creation, as the renewal may also come from a default in the context.
        self._check_success_renewal(leads.sudo().success_renewal_id)
        leads._success_remember()
        return leads

    def write(self, vals):
        if "success_renewal_id" in vals:
            before = self.sudo().success_renewal_id
            after = before.browse(vals["success_renewal_id"] or [])
            # Odoo's merge also writes unchanged renewals, which need no check.
            self._check_success_renewal((before | after) - (before & after))
            linked = self.sudo().filtered(lambda lead: lead.success_renewal_id != after)
            result = super().write(vals)
            linked._success_remember()
            return result
        return super().write(vals)

    def _check_success_renewal(self, renewals):
        """Raise AccessError if the user may not write these renewals.

        Winning an opportunity may end its renewal, so only users who may do that link or unlink the two.
        """
        if not self.env.su and renewals and not renewals.with_env(self.env).has_access("write"):
            raise AccessError(
                self.env._(
                    "Only the team that follows the customer can set the renewal of this opportunity."
                )
            )

    # ------------------------------------------------------------------------------------------
    # What the renewal told, and what a person entered since
    # ------------------------------------------------------------------------------------------

    def _success_remember(self):
        """Keep what the renewals of these opportunities say now, as the mark of what nobody has touched."""
        leads = self.sudo().filtered("success_renewal_id")
        factors = leads.success_renewal_id._company_factors() if leads else {}
        for lead in leads:
            lead.success_told = False
            lead.success_told = lead.success_renewal_id._said_to_lead(lead, factors)

    def _success_is_as_told(self, name, told):
        """Return True if a value of this opportunity is the one that the renewal told."""
        self.ensure_one()
        value = self[name]
        if name == "expected_revenue":
            currency = self.company_currency or self.env.company.currency_id
            return not currency.compare_amounts(value, told or 0.0)
        if name == "date_deadline":
            return (value and fields.Date.to_string(value)) == (told or False)
        if self._fields[name].relational:
            # A customer that was merged is gone, and Odoo has moved the opportunity.
            return value.id == (told or False) or bool(told and not value.browse(told).exists())
        return value == told

    def _success_is_untouched(self):
        """Return True if the revenue is the one that the renewal told."""
        self.ensure_one()
        told = (self.sudo().success_told or {}).get("expected_revenue")
        return told is not None and self._success_is_as_told("expected_revenue", told)

    def _merge_opportunity_into(self, other):
        """Merge another opportunity into this one, which keeps its figures; messages and activities move."""
        self.ensure_one()
        self._merge_log_summary(self._merge_followers(other), other)
        self._merge_dependences(other)
        other.unlink()

    def _success_win_at(self, value):
        """Set the revenue to what was won with the renewal, so that it follows again if the renewal is reopened."""
        self.ensure_one()
        told = self.sudo().success_told or {}
        self.write({"expected_revenue": value, "success_told": {**told, "expected_revenue": value}})

    def _success_say_kept(self, said, kept):
        """Log what the renewal says now of values that a person entered and that therefore stay."""
        self.ensure_one()
        if "expected_revenue" in kept:
            self._message_log(
                body=self.env._(
                    "The renewal is now worth %(value)s. The expected revenue of this opportunity was entered by hand and stays.",
                    value=self.company_currency.format(said["expected_revenue"]),
                )
            )
        if "date_deadline" in kept:
            self._message_log(
                body=self.env._(
                    "The renewal is now to be closed by %(date)s. The expected closing of this opportunity was entered by hand "
                    "and stays.",
                    date=format_date(self.env, said["date_deadline"]),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_pending_renewal(self):
        """Refuse to delete opportunities of pending renewals: the nightly job would create them again."""
        if any(renewal.outcome == "pending" for renewal in self.sudo().success_renewal_id):
            raise UserError(
                self.env._(
                    "The renewal of this opportunity is pending. Mark the opportunity as lost instead: the CSM is "
                    "informed, and it is not created again."
                )
            )

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        """Inform renewals of the end of their opportunities, unless the renewal ended first."""
        result = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        ours = self.sudo().filtered("success_renewal_id")

        def turned(was, name):
            """Return the opportunities whose status ``name`` changed from ``was``."""
            return ours.filtered(
                lambda lead: (
                    new_status_by_lead.get(lead.id, {}).get(name, False) is not was
                    and old_status_by_lead.get(lead.id, {}).get(name, False) is was
                )
            )

        turned(False, "is_won").success_renewal_id._lead_won()
        turned(False, "is_lost").success_renewal_id._lead_lost()
        reopened = (turned(True, "is_won") | turned(True, "is_lost")).filtered(
            lambda lead: lead.won_status == "pending"
        )
        reopened.success_renewal_id._lead_reopened()
        return result

    def _reopen_for_renewal(self):
        """Reopen the opportunities, because their renewals are pending again."""
        for lead in self.filtered(lambda lead: lead.won_status != "pending"):
            if lead.won_status == "lost":
                lead.action_restore()
                continue
            open_stage = lead._stage_find(
                domain=[("is_won", "=", False)], order="sequence desc, id desc"
            )
            lead.stage_id = open_stage
            lead.probability = lead.automated_probability

    def _merge_get_fields_specific(self):
        """Move the renewal to the merged opportunity.

        A renewal has one opportunity, so it is removed from the others first.
        """

        def renewal_of(fname, leads):
            renewal = leads.sudo()[fname][:1]
            leads[1:].sudo().write({fname: False})
            leads.env.flush_all()
            # Written here in sudo, as the user who merges may have no rights on renewals.
            leads[0].sudo()[fname] = renewal
            return renewal.id

        def kind_of(fname, leads):
            kinds = leads.mapped(fname)
            return "renewal" if "renewal" in kinds else next(filter(None, kinds), False)

        return {
            **super()._merge_get_fields_specific(),
            # The order matters: the kind depends on the renewal, which is removed from the others.
            "success_kind": kind_of,
            "success_renewal_id": renewal_of,
            "success_referred_by_id": lambda fname, leads: leads[fname][:1].id,
            "success_for_id": lambda fname, leads: leads[0][fname].id,
        }
