from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.customer_success_mass_change import TAKING_BACK

# Only the system sets these.
MACHINE = {"success_csm_since", "success_csm_before_id", "success_handover_id"}
HANDED_OVER = ["success_user_id", *sorted(MACHINE)]


class ResPartner(models.Model):
    """A customer whose CSM changes, however that is done: the open work moves along, and can be taken back as one."""

    _name = "res.partner"
    _inherit = ["res.partner", "customer.success.undoable"]

    success_csm_since = fields.Date(
        "CSM Since",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The day on which this CSM took the customer over. Empty if it is not known.",
    )
    success_csm_before_id = fields.Many2one(
        "res.users",
        "CSM Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )
    success_handover_id = fields.Many2one(
        "customer.success.mass.change",
        "Handed Over In",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="customer_success.group_success_user",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_handover(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._without_handover(vals)
        if "success_user_id" not in vals or (self.env.su and self.env.context.get(TAKING_BACK)):
            return super().write(vals)
        new = self.env["res.users"].browse(vals["success_user_id"] or [])
        changing = self.sudo().filtered(
            lambda partner: partner.success_stage_id and partner.success_user_id != new
        )
        if not changing:
            return super().write(vals)
        formers = {partner: partner.success_user_id for partner in changing}
        given = changing.filtered(formers.get)
        if given and new and not self.env.su:
            self._check_success_facts(vals)
            changing._check_success_new_csm(new)
        change = self.env["customer.success.mass.change"]._current()
        if not change and given and new:
            change = change._begin("handover", changing._say_success_handover(new))
        if change and given and new and not change.user_to_id and change.kind != "load":
            change.user_to_id = new
        before = change._values(changing, HANDED_OVER)
        result = super().write(vals)
        for former, customers in changing.grouped(formers.get).items():
            customers._note_success_csm(former, new, change)
        if change:
            change._keep(changing, before)
            if new:
                for former, customers in given.grouped(formers.get).items():
                    change._move_work(customers, former, new)
        return result

    def _note_success_csm(self, former, new, change):
        self.write(
            {
                "success_csm_since": bool(new) and fields.Date.context_today(self),
                # Who followed it last, also if nobody did for a while.
                **({"success_csm_before_id": former.id} if former else {}),
                "success_handover_id": bool(former and new) and change.id,
            }
        )

    def _is_mass_edit(self):
        """Keep changes of customers only."""
        return super()._is_mass_edit() and any(self.sudo().mapped("success_stage_id"))

    @api.model
    def _mass_edit_names(self):
        """Leave out what the hand-over keeps."""
        return [name for name in super()._mass_edit_names() if name not in HANDED_OVER]

    @api.model
    def _names_of_jobs(self):
        return super()._names_of_jobs() | {"success_segment_id", "message_bounce"}

    @api.model
    def _without_handover(self, vals):
        if self.env.su or not MACHINE & vals.keys():
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    def _say_success_handover(self, new):
        """Return what a hand-over of these customers is called."""
        if len(self) == 1:
            return self.env._(
                "%(customer)s to %(csm)s", customer=self.display_name, csm=new.sudo().name
            )
        return self.env._("%(number)d customers to %(csm)s", number=len(self), csm=new.sudo().name)

    def _check_success_new_csm(self, new):
        """Raise ValidationError if this user cannot follow these customers."""
        new = new.sudo()
        if not new.active:
            raise ValidationError(
                self.env._("%s is archived. Choose somebody who works here.", new.name)
            )
        if new.share or not new.has_group("customer_success.group_success_user"):
            raise ValidationError(
                self.env._(
                    "%s is not in the customer success team. Give them the role first, or choose somebody else.",
                    new.name,
                )
            )
        strangers = self.sudo().filtered(
            lambda partner: partner.company_id and partner.company_id not in new.company_ids
        )
        if strangers:
            raise ValidationError(
                self.env._(
                    "%(csm)s does not work for the company of %(customers)s.",
                    csm=new.name,
                    customers=", ".join(strangers[:3].mapped("display_name")),
                )
            )
