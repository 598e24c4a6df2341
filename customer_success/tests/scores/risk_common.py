from datetime import timedelta

from ..common import SuccessCase, days


class RiskCase(SuccessCase):
    """A base class with renewals that ended, each with checkpoints before its end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.versions = cls.env["customer.success.risk.version"]
        cls.experts = cls.env.ref("customer_success.customer_success_risk_version_experts")
        cls.factors = {f.code: f for f in cls.env["customer.success.factor"].search([])}

    def setUp(self):
        super().setUp()
        type(self).ended = 0

    def _end(self, number, left, found, horizons=(90,), view=None, company=None, **vals):
        """Create renewals that ended, one each day and the most recent last, with checkpoints; return them.

        ``left`` and ``found`` return the outcome and the deviations of the renewal with a number, ``view`` what the CSM
        thought.
        """
        ended = self.env["customer.success.renewal"]
        for index in range(number):
            cls = type(self)
            cls.ended += 1
            decided = days(900 - cls.ended)
            churned = left(index)
            renewal = self._renewal(
                self._customer(f"Ended {cls.ended}"),
                date_start=decided - timedelta(365),
                date_renewal=decided,
                **({"company_id": company.id} if company else {}),
            )
            self._checkpoints(renewal, found(index), horizons, decided, view=view and view(index))
            renewal.write(
                {
                    "outcome": "churned" if churned else "renewed",
                    "date_outcome": decided,
                    **({} if churned else vals),
                }
            )
            ended |= renewal
        return ended

    def _checkpoints(self, renewal, found, horizons, decided, seats=None, view=None):
        self.env["customer.success.checkpoint"].create(
            [
                {
                    "renewal_id": renewal.id,
                    "horizon": horizon,
                    "date": decided - timedelta(horizon),
                    "breakdown": {"found": found, "seats": seats},
                    "csm_view": view,
                }
                for horizon in horizons
            ]
        )

    def _use_decides(self, number=80):
        """End renewals of which one in eight churned after good use, and three in four after poor use."""
        self._end(
            number,
            left=lambda n: n % 8 == 0 if n % 2 == 0 else n % 8 != 1,
            found=lambda n: {"use": 1.5 if n % 2 == 0 else -1.5},
        )
