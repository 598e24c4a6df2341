from odoo import models

from ...scoring.factor import FACTORS


class CustomerSuccessExplanation(models.AbstractModel):
    """The actions that would help most, in an order that follows what was measured."""

    _inherit = "customer.success.explanation"

    def _in_order(self, partner, effects):
        """Return the actions with those first whose kind was seen to help, and those last that was seen to harm."""
        ranks = self._effect_ranks(partner, effects)
        return sorted(
            super()._in_order(partner, effects),
            key=lambda effect: -ranks.get((effect.lever.kind, str(effect.subject)), 0),
        )

    def _effect_ranks(self, partner, effects):
        """Return ``{(kind, barrier): 1 or -1}`` of the barriers among the actions whose area has a measured effect."""
        levers = FACTORS["barriers"].levers if "barriers" in FACTORS else ()
        ids = {effect.subject for effect in effects if effect.lever in levers}
        areas = {
            barrier.id: barrier.area
            for barrier in self.env["customer.success.barrier"].sudo().browse(ids).exists()
        }
        ranks = self.env["customer.success.effect"]._ranks(
            "barrier", set(areas.values()), partner.company_id or self.env.company
        )
        return {
            (lever.kind, str(id_)): ranks[area]
            for id_, area in areas.items()
            if area in ranks
            for lever in levers
        }
