from odoo import api, fields, models

from ...scoring.effects import LEAST


class CustomerSuccessMeasured(models.AbstractModel):
    """A catalogue of things that are done for customers, each with a line that says what was seen of their effect."""

    _name = "customer.success.measured"
    _description = "Thing Whose Effect Is Measured"
    _effect_kind = None  # the kind of :class:`CustomerSuccessEffect`

    effect_said = fields.Char(
        "Does It Work?",
        compute="_compute_effect_said",
        groups="customer_success.group_success_user",
        help="What happened afterwards, compared with customers as much at risk in the same month for whom it was not done. "
        "It is observation, not proof.",
    )

    @api.depends_context("lang", "company")
    def _compute_effect_said(self):
        measured = self.env["customer.success.effect"]._measured(
            self._effect_kind, [str(id_) for id_ in self._origin.ids], self.env.company
        )
        for one in self:
            effect = measured.get(str(one._origin.id))
            one.effect_said = (
                effect.said
                if effect
                else self.env._("Too few yet: %(number)d of %(least)d.", number=0, least=LEAST)
            )
