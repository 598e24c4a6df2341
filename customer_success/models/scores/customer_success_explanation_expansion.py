from odoo import api, models

from ...scoring import expansion


class CustomerSuccessExplanation(models.AbstractModel):
    """The expansion likelihood in words."""

    _inherit = "customer.success.explanation"

    @api.model
    def _say_expansion(self, renewal):
        """Return how the expansion likelihood of a renewal is made up, and that a renewal at risk is secured first."""
        score = renewal.score_id
        known = (score.breakdown or {}).get("expansion")
        if not known or score.expansion_likelihood is False:
            return ""
        names = self._factor_names()
        lines = self._expansion_lines(known).items()
        said = [
            self.env._(
                "Of such customers who stay, and keep their seats, %(chance).0f %% buy more, so the expansion likelihood is "
                "%(likelihood).1f %%",
                chance=known["chance"],
                likelihood=score.expansion_likelihood,
            ),
            *(
                self.env._("%(reason)s %(points)+.1f", reason=names.get(code, code), points=points)
                for code, points in sorted(lines, key=lambda line: -abs(line[1]))
                if code != "base" and points
            ),
        ]
        if score.risk_band in ("high", "critical"):
            said.append(self.env._("This is no time to sell: secure the renewal first"))
        return " · ".join(said)

    @api.model
    def _expansion_lines(self, known):
        """Return the lines that add up to a stored chance; none if the coefficients have changed since."""
        coefficients = self.env["customer.success.score"]._usual_rules().coefficients
        if expansion.BASE not in coefficients:
            return {}
        lines = expansion.lines(known["found"], coefficients)
        return lines if abs(sum(lines.values()) - known["chance"]) < 0.06 else {}
