from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ResPartner(models.Model):
    """The segment of a customer: the first that fits, or the one that a person set."""

    _inherit = "res.partner"

    success_segment_id = fields.Many2one(
        "customer.success.segment",
        "Segment",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        copy=False,
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        groups="base.group_user",
        help="The first segment whose filter fits this customer. If you set another one, it is kept. Empty it to let the filters decide again.",
    )
    success_segment_manual = fields.Boolean(
        "Segment Set by Hand", readonly=True, copy=False, groups="base.group_user"
    )

    success_segment_note = fields.Html(
        "Segments That Fit",
        compute="_compute_success_segment_note",
        sanitize=False,
        groups="customer_success.group_success_user",
        help="The segments that also fit this customer, or that none fits.",
    )

    @api.depends("success_segment_id", "success_segment_manual", "success_stage_id")
    @api.depends_context("lang")
    def _compute_success_segment_note(self):
        """Compute it for all customers in two queries: the segments, and who fits them."""
        followed = self.filtered("success_stage_id")._origin
        fitting = self.env["customer.success.segment"]._fitting_segments(followed.ids)
        for partner in self:
            said = partner._say_segment(fitting.get(partner._origin.id))
            partner.success_segment_note = said and escape(said)

    def _say_segment(self, fitting):
        """Return which segments fit besides the one that holds the customer; ``None`` if there are no segments."""
        _ = self.env._
        if fitting is None:
            return False
        held = self.success_segment_id.sudo()
        others = ", ".join((fitting - held).mapped("name"))
        if self.success_segment_manual:
            if held == fitting[:1]:
                return _("The filters would choose it, too.")
            if not fitting:
                return _("By the filters, no segment fits.")
            return _("The filters would choose “%s”.", fitting[0].name)
        if not fitting:
            return _("No segment fits: the usual rules hold, and no rhythm.")
        if others:
            return _("Also fits: %s. The first in the list holds it.", others)
        return False

    @api.constrains("success_segment_id", "company_id")
    def _check_success_segment_company(self):
        """Refuse a segment that a person sets for a customer of another company; the job corrects its own."""
        for partner in self:
            segment = partner.success_segment_id.sudo()
            if (
                partner.success_segment_manual
                and segment.company_id
                and segment.company_id != partner.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "The segment “%(segment)s” holds customers of %(company)s only. Choose another one for %(customer)s.",
                        segment=segment.name,
                        company=segment.company_id.name,
                        customer=partner.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("success_segment_id"):
                vals.setdefault("success_segment_manual", True)
        partners = super().create(vals_list)
        for partner in partners.filtered("success_segment_manual"):
            partner._check_success_segment_mild(partner.success_segment_id)
        self.env["customer.success.segment"]._assign(partners.filtered("success_stage_id").ids)
        return partners

    def write(self, vals):
        if "success_segment_id" in vals and self._changes_success("success_segment_id", vals):
            vals = {"success_segment_manual": bool(vals["success_segment_id"]), **vals}
            segment = self.env["customer.success.segment"].browse(vals["success_segment_id"] or [])
            self._check_success_segment_mild(segment)
        starting = (
            self.filtered(lambda partner: not partner.success_stage_id)
            if vals.get("success_stage_id")
            else self.browse()
        )
        result = super().write(vals)
        given_back = self if vals.get("success_segment_manual") is False else self.browse()
        self.env["customer.success.segment"]._assign((starting | given_back).ids)
        return result

    def _check_success_segment_mild(self, segment):
        """Refuse a segment that judges these customers more mildly than the one that the filters choose, if no manager sets it."""
        if self.env.su or not segment:
            return
        rated = self.filtered(
            lambda p: p.success_stage_id and not self.env.user._success_decides_on(p)
        )
        fitting = self.env["customer.success.segment"]._fitting_segments(rated._origin.ids)
        for partner in rated:
            chosen = fitting.get(partner._origin.id, segment.browse())[:1]
            milder = segment.sudo()._milder_than(chosen.sudo()) if segment != chosen else []
            if not milder:
                continue
            raise UserError(
                self.env._(
                    "The segment “%(segment)s” judges %(customer)s more mildly than “%(chosen)s”, which the filters choose: "
                    "%(limits)s. A customer success manager who is not its CSM can set it.",
                    segment=segment.sudo().name,
                    customer=partner.display_name,
                    chosen=chosen.sudo().name or self.env._("the usual rules"),
                    limits=", ".join(milder),
                )
            )

    def action_success_segment_back(self):
        """Let the filters of the segments decide again for these customers."""
        self.success_segment_manual = False
