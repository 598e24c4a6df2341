from .risk_step import RISK, RISK_LIMITS
from .trigger import Trigger, register


@register
class RiskBand(Trigger):
    """The churn risk has risen into the band."""

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
            "The churn risk rises into the band. The first score of a customer is where it begins, no rise."
        )

    def reason(self, words, facts):
        return words._(
            "The churn risk became %(band)s: %(risk).0f %%",
            band=words.label("customer.success.score", "risk_band", facts["band"]),
            risk=facts["risk"],
        )
