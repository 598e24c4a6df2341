from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

KINDS = [("renewal", "Renewal"), ("upsell", "Upsell"), ("referral", "Referral")]


class CrmLead(models.Model):
    """What an opportunity is to customer success: a renewal, more for a customer, or one that a customer referred."""

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
        help="The contract term that this opportunity is to renew.",
    )
    success_kind = fields.Selection(
        KINDS,
        "Kind of Business",
        compute="_compute_success_kind",
        store=True,
        readonly=False,
        index="btree_not_null",
        groups="base.group_user",
        help="More for a customer is an upsell; a new customer whom another one sent is a referral.",
    )
    success_referred_by_id = fields.Many2one(
        "res.partner",
        "Referred by",
        index="btree_not_null",
        tracking=True,
        domain="[('success_stage_id', '!=', False)]",
        groups="base.group_user",
        help="The customer who sent them.",
    )

    _success_renewal_uniq = models.UniqueIndex(
        "(success_renewal_id) WHERE success_renewal_id IS NOT NULL",
        "This renewal has an opportunity already.",
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
        # Afterwards, as the renewal may come from a default in the context as well.
        self._check_success_renewal(leads.sudo().success_renewal_id)
        return leads

    def write(self, vals):
        if "success_renewal_id" in vals:
            before = self.sudo().success_renewal_id
            after = before.browse(vals["success_renewal_id"] or [])
            # Those that stay, a merge writes as well.
            self._check_success_renewal((before | after) - (before & after))
        return super().write(vals)

    def _check_success_renewal(self, renewals):
        """Winning an opportunity may end its renewal: only who may do that links the two, or parts them."""
        if not self.env.su and renewals and not renewals.with_env(self.env).has_access("write"):
            raise AccessError(
                self.env._("Only who follows the customer says which renewal this is about.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_pending_renewal(self):
        """Deleted, it would be opened again the next night."""
        if any(renewal.outcome == "pending" for renewal in self.sudo().success_renewal_id):
            raise UserError(
                self.env._(
                    "This opportunity is for a renewal that is pending. Mark it as lost: the CSM is told, and it is "
                    "not opened again."
                )
            )

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        """A renewal hears of the end of its opportunity, unless it is the renewal that ended it."""
        result = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        ours = self.sudo().filtered("success_renewal_id")

        def turned(was, name):
            """The renewals of the opportunities whose status ``name`` changed from ``was``."""
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
        """Take the opportunity back into the pipeline: its renewal is pending again."""
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
        """The renewal goes to the opportunity that stays; it has one at a time, so it leaves the others first."""

        def renewal_of(fname, leads):
            renewal = leads.sudo()[fname][:1]
            leads[1:].sudo().write({fname: False})
            leads.env.flush_all()
            # Handed over here, as who merges may have no right to renewals.
            leads[0].sudo()[fname] = renewal
            return renewal.id

        def kind_of(fname, leads):
            kinds = leads.mapped(fname)
            return "renewal" if "renewal" in kinds else next(filter(None, kinds), False)

        return {
            **super()._merge_get_fields_specific(),
            # In this order: the kind depends on the renewal, which is taken from the others.
            "success_kind": kind_of,
            "success_renewal_id": renewal_of,
            "success_referred_by_id": lambda fname, leads: leads[fname][:1].id,
        }
