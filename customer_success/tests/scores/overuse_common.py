from dateutil.relativedelta import relativedelta

from ..common import TODAY, SuccessCase


class OveruseCase(SuccessCase):
    """A base class with customers whose active users are told month by month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.overuses = cls.env["customer.success.overuse"]

    @classmethod
    def _months(cls, customer, *active, licensed=100, **vals):
        """Record the active users of the last months, the latest last; ``None`` leaves a month out."""
        latest = TODAY.replace(day=1) - relativedelta(months=1)
        return cls.env["customer.success.usage"].create(
            [
                {
                    "partner_id": customer.id,
                    "product_id": cls.product.id,
                    "source": "measured",
                    "date": latest - relativedelta(months=ago),
                    "licensed_users": licensed,
                    "active_users": users,
                    **vals,
                }
                for ago, users in enumerate(reversed(active))
                if users is not None
            ]
        )

    @classmethod
    def _over(cls, name="Over", months=7, active=150, **vals):
        """Return a customer with 100 seats for 12,000 a year, and more active users for some months."""
        customer = cls._customer(name, **vals)
        cls._renewal(customer)
        cls._months(customer, *[90] * 2, *[active] * months)
        cls._rescore(customer)
        return customer

    def _told(self, customer):
        """Return what is told of a customer after a night."""
        self._rescore(customer)
        return self.overuses.search(
            [("partner_id", "=", customer.id), ("is_lasting", "=", True)], order="users_over desc"
        )
