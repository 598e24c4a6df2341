from odoo import api, fields, models


class CustomerSuccessSegment(models.Model):
    """A segment with the targets for the years after go-live."""

    _inherit = "customer.success.segment"

    target_ids = fields.One2many("customer.success.target", "segment_id", "Targets by Year")

    def _milder_than(self, other):
        """Compare each of its targets with the one that would hold for that year in the other segment, or for all."""
        found = super()._milder_than(other)
        usual = (
            self.env["customer.success.target"]
            .sudo()
            .search([("segment_id", "=", False), ("partner_id", "=", False)])
        )

        def holding(mine):
            for targets in (other.target_ids, usual):
                same = targets.filtered(
                    lambda t: (
                        (t.kind, t.product_id) == (mine.kind, mine.product_id)
                        and t.year <= mine.year
                    )
                )
                if same:
                    return max(same, key=lambda t: t.year).target
            return None

        held = [(mine.target, holding(mine)) for mine in self.target_ids]
        if any(theirs is not None and mine < theirs for mine, theirs in held):
            found.append(self._fields["target_ids"]._description_string(self.env))
        return found

    @api.model
    def _dependent_fields(self):
        return super()._dependent_fields() | {"success_year_ids", "success_year_verdict"}
