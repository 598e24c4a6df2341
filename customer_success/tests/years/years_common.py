from datetime import date

from ..common import TODAY, SuccessCase


def month(ago):
    """Return the first day of the month ``ago`` months before the frozen day of the tests."""
    number = TODAY.year * 12 + TODAY.month - 1 - ago
    return date(number // 12, number % 12 + 1, 1)


class YearsCase(SuccessCase):
    """A base class for tests of the years after go-live."""

    def _live(self, ago=30, name="Acme", **vals):
        """Return a customer that went live on the first day of the month ``ago`` months ago."""
        return self._customer(name, success_go_live_date=month(ago), **vals)

    def _months(self, customer, first, active, licensed=100, **vals):
        """Record use from the month ``first`` months ago on, one number of active users for each month."""
        for n, number in enumerate(active):
            if number is not None:
                self._usage(customer, licensed, number, month(first - n), **vals)

    def _target(self, kind="adoption", year=1, target=80, **vals):
        return (
            self.env["customer.success.target"]
            .with_user(self.manager)
            .create({"kind": kind, "year": year, "target": target, **vals})
        )

    def _year(self, customer, year, product=None):
        """Return the year of a customer, as its CSM reads it, after the job for changed customers."""
        self._rescore(customer)
        found = (
            self.env["customer.success.year"]
            .with_user(self.csm)
            .search(
                [
                    ("partner_id", "=", customer.id),
                    ("year", "=", year),
                    ("product_id", "=", product.id if product else False),
                ]
            )
        )
        self.assertEqual(len(found), 1)
        return found

    def _attention(self, customer):
        self._rescore(customer)
        return str(customer.with_user(self.csm).success_attention)
