from .risk_step import RISK, RISK_LIMITS
from .trigger import Trigger, register


@register
class ViewsDiffer(Trigger):
    """The CSM is confident and the risk high, or worried and the risk low, since both are so."""

    code = "views_differ"
    label = "Machine and CSM disagree"
    limits = RISK_LIMITS
    steps = (RISK,)
    causes = """
    SELECT play.id, customer.id,
           customer.sentiment || ':' || GREATEST(customer.sentiment_date, risk.since),
           GREATEST(customer.sentiment_date, risk.since),
           jsonb_build_object('view', customer.sentiment, 'band', risk.risk_band,
                              'risk', risk.renewal_risk)
      FROM risk
      JOIN customer ON customer.id = risk.partner_id
       AND customer.sentiment = CASE risk.level WHEN 'low' THEN 'worried' ELSE 'confident' END
      JOIN play ON play.trigger = 'views_differ' AND FITS
     WHERE risk.level IN ('low', 'high')
       AND GREATEST(customer.sentiment_date, risk.since) BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _("The CSM is confident and the risk is high, or worried and the risk is low.")

    def reason(self, words, facts):
        return words._(
            "The CSM is %(view)s, the machine sees a %(band)s risk of %(risk).0f %%",
            view=words.label("res.partner", "success_sentiment", facts["view"]),
            band=words.label("customer.success.score", "risk_band", facts["band"]),
            risk=facts["risk"],
        )
