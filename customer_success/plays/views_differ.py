from ..scoring.shown import whole
from .risk_step import RISK, RISK_LIMITS
from .trigger import Trigger, register


@register
class ViewsDiffer(Trigger):
    """A trigger: the CSM is confident and the risk is high, or the CSM is worried and the risk is low.

    The day of the cause is the first day on which both hold. A view from before a new formula or other weights,
    which only these contradict, is no cause.
    """

    code = "views_differ"
    label = "Risk and CSM's view differ"
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
       AND GREATEST(customer.sentiment_date, risk.since) > risk.moved
       AND (risk.since IS NOT NULL
            OR (customer.sentiment_date >= risk.formula_since AND customer.sentiment_date >= risk.rules_since))
    """

    def explanation(self, _):
        return _(
            "Starts when the CSM is confident and the churn risk is high, or the CSM is worried and the churn risk is low."
        )

    def reason(self, words, facts):
        return words._(
            "The CSM is %(view)s, but the churn risk is %(band)s: %(risk)d %%",
            view=words.label("res.partner", "success_sentiment", facts["view"]),
            band=words.label("customer.success.score", "risk_band", facts["band"]),
            risk=whole(facts["risk"]),
        )
