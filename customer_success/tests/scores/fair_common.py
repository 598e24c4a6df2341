from ..common import SuccessCase, days


class FairCase(SuccessCase):
    """A base class for tests of what a figure is compared with: a customer that is long live, and its months of use."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(900))

    def _lines(self, customer=None):
        """Return the words of each factor as a CSM reads them."""
        customer = customer or self.customer
        self._rescore(customer)
        return str(customer.with_user(self.csm).success_explanation)

    def _score(self):
        self.env.invalidate_all()
        return self._rescore(self.customer)

    def _factor(self, code, customer=None):
        self.env.invalidate_all()
        score = self._rescore(customer or self.customer)
        return {line["code"]: line for line in score.breakdown["factors"]}.get(code)

    def _codes(self):
        """Return the codes of the symptoms that show after a check."""
        self.env["customer.success.symptom.flag"]._check(self.customer.ids)
        return sorted(self.customer.success_symptom_flag_ids.symptom_id.mapped("code"))

    def _months(self, *figures, product=None, ago=1, **vals):
        """Record monthly use ``(licensed, active)``; the last one is that of ``ago`` months ago, ``None`` is no row."""
        for number, figure in enumerate(reversed(figures)):
            if figure is not None:
                year, month = divmod(2026 * 12 + 5 - ago - number, 12)
                self._usage(
                    self.customer,
                    *figure,
                    when=f"{year}-{month + 1:02}-01",
                    product_id=(product or self.product).id,
                    **vals,
                )

    def _active(self, *active, **vals):
        """Record months of so many active users of 100."""
        self._months(*[(100, number) for number in active], **vals)

    def _school(self, *lows, high=95, **vals):
        """Record years of use that is low in March, April and May; the last low months are those of 2026."""
        for_years = []
        for low in lows:
            for_years += [high] * 9 + [low] * 3
        self._active(*for_years, **vals)

    def _again(self, *active, **vals):
        """Record months of so many active users of 100 in place of what was recorded; return the value of use."""
        self.customer.success_usage_ids.unlink()
        self._active(*active, **vals)
        return self._factor("use")["value"]
