from ..scoring.shown import whole
from .risk_step import RISK, RISK_LIMITS
from .trigger import Trigger, register


@register
class RiskBand(Trigger):
    """A trigger: the churn risk has risen into the band."""

    code = "risk_band"
    label = "The churn risk rises"
    parameters = ("risk_from",)
    limits = RISK_LIMITS
    steps = (RISK,)
    causes = """
    SELECT play.id, customer.id,
           risk.since::text,
           risk.since,
           jsonb_build_object('band', risk.risk_band, 'risk', risk.renewal_risk)
      FROM risk
      JOIN customer ON customer.id = risk.partner_id
      JOIN play ON play.trigger = 'risk_band' AND play.risk_from = risk.level AND FITS
     WHERE risk.since BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _(
            "Starts when the churn risk rises into this band. The first score of a customer does not count as a rise."
        )

    def reason(self, words, facts):
        return words._(
            "The churn risk has become %(band)s: %(risk)d %%",
            band=words.label("customer.success.score", "risk_band", facts["band"]),
            risk=whole(facts["risk"]),
        )
