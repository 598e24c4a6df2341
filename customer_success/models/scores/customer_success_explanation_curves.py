from odoo import api, fields, models

from ...scoring.drawn import behind
from ...scoring.risk import WORDS
from ...scoring.shapes import Levels
from ...scoring.shown import say_range

WORD_MODELS = {
    "company": "res.company",
    "product": "product.product",
    "country": "res.country",
    "industry": "res.partner.industry",
    "segment": "customer.success.segment",
    "channel": "res.partner",
}


class CustomerSuccessExplanation(models.AbstractModel):
    """The range of a risk, its place on each curve, its words, and what it means that a factor is unknown."""

    _inherit = "customer.success.explanation"

    def _say_range(self, renewal_score):
        """Return the range in which the true risk lies, and whether anything was learned from own outcomes."""
        found = say_range(self.env, renewal_score.risk_low, renewal_score.risk_high)
        if not found:
            return ""
        learned, _spread = self.env["customer.success.risk.version"]._in_force()
        if learned:
            return self.env._("In four of five cases the true risk is %s.", found)
        return self.env._(
            "In four of five cases the true risk is %s. The range is wide because no outcome of your own has been "
            "learned yet: so far the risk is what experts expect.",
            found,
        )

    @api.model
    def _say_word(self, code, word):
        """Return the name of a word of the risk, as the current user may see it; empty if they may not or it is gone."""
        if code == "channel" and word == "0":
            return self.env._("Bought by the customer itself")
        record = self.env[WORD_MODELS[code]].with_user(self.env.user).browse(int(word)).exists()
        record = record._filtered_access("read").with_context(display_default_code=False)
        return record.display_name or ""

    @api.model
    def _say_words_and_unknown(self, renewal_score, lines):
        """Return the facts of words and of unknown factors among the lines of a risk, ``{code: text}``."""
        _, said = self.env._, {}
        found = (renewal_score.breakdown or {}).get("found")
        if found is None:  # an earlier version stored the score
            return said
        versions = self.env["customer.success.risk.version"].sudo()
        shapes, _spread = versions._in_force()
        support = versions.search([("state", "=", "in_force")], limit=1).support or {}
        for line in lines:
            code = line["code"]
            if code in WORDS and code in found:
                name, shape = self._say_word(code, found[code]), shapes.get(code)
                if isinstance(shape, Levels) and found[code] not in shape.levels:
                    name = name and _(
                        "%s, of which too few renewals have ended to learn from", name
                    )
                said[code] = name
            elif code in shapes and code != "base" and code not in found:
                said[code] = self._say_unknown(support.get(code), line["points"])
        return said

    def _say_unknown(self, support, points):
        """Return what it means that a factor is unknown; ``support`` are the outcomes behind its knots, the unknown ones last."""
        if isinstance(support, list) and not any(support[:-1]):
            return self.env._("Unknown, as of all renewals that have ended so far")
        if points > 0:
            return self.env._("Unknown; customers of whom it was unknown left more often")
        return self.env._("Unknown; customers of whom it was unknown left less often")

    @api.model
    def _places(self, renewal_score):
        """Return the curves of a renewal's risk with its place on each, see :meth:`~._curves`, and a sentence for each."""
        found = (renewal_score.breakdown or {}).get("found") or {}
        found = {code: place for code, place in found.items() if code not in WORDS}
        version = (
            self.env["customer.success.risk.version"]
            .sudo()
            .search([("state", "=", "in_force")], limit=1)
        )
        factors = self.env["customer.success.factor"].sudo().search(fields.Domain.TRUE)
        support = version.support or {}
        curves = version._curves(factors, version._shapes(), found)
        for curve in curves:
            code = curve["code"]
            known = behind(code, found[code], support[code]) if support.get(code) else 0
            curve["said"] = (
                self.env._("Outcomes behind this stretch: %d", known)
                if known
                else self.env._(
                    "No outcome behind this stretch yet: it follows what experts expect"
                )
            )
        return curves
