from odoo import api, fields, models

from ..common.known_float import KnownFloat
from .customer_success_usage_figures import DEGREES


class CustomerSuccessIntendedUseChange(models.Model):
    """A change of one target of an intended use, with its author, day and reason. Append-only.

    A lower target that a manager has to approve is kept here until then; the intended use keeps the former one.
    """

    _name = "customer.success.intended.use.change"
    _inherit = ["customer.success.yardstick.change"]
    _description = "Change of a Target of Use"
    _rec_name = "product_id"
    _yardstick = "use_id"

    use_id = fields.Many2one(
        "customer.success.intended.use",
        "Intended Use",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    product_id = fields.Many2one(
        "product.product",
        readonly=True,
        index=True,
        ondelete="cascade",
        help="Empty if the target of the settings was changed, which counts where no entry sets one.",
    )
    target = fields.Selection(
        [("adoption", "Adoption Rate %"), *DEGREES.items()], required=True, readonly=True
    )
    old_value = KnownFloat("Before", digits=(5, 1), readonly=True)
    new_value = KnownFloat("After", digits=(5, 1), readonly=True)
    value = KnownFloat(
        "Target Entered",
        digits=(5, 1),
        readonly=True,
        help="Empty if the entry has no target of its own any more: that of all customers counts, else the usual one.",
    )

    _check_value = models.Constraint(
        "CHECK(value BETWEEN 1 AND 100)",
        "Targets must be between 1 and 100. Leave a target empty if there is none.",
    )

    def _apply(self):
        for change in self:
            change.use_id._store_targets({change.target: change.value})

    def _said(self):
        self.ensure_one()
        if not self.product_id:
            return self.env._(
                "The adoption target of the settings was lowered from %(old)g to %(new)g by %(user)s.",
                old=self.old_value,
                new=self.new_value,
                user=self.user_id.sudo().name or "",
            )
        product = self.product_id.sudo().with_context(display_default_code=False).display_name
        said = self.env._(
            "%(product)s: target of “%(target)s” lowered from %(old)g to %(new)g by %(user)s",
            product=product,
            target=dict(self._fields["target"]._description_selection(self.env))[self.target],
            old=self.old_value,
            new=self.new_value,
            user=self.user_id.sudo().name or "",
        )
        return f"{said}: {self.reason}" if self.reason else f"{said}."

    @api.model
    def _say_lowered(self):
        return self.env._("Target of use lowered")
