from contextlib import contextmanager
from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import SuccessCase, days

JOB = "customer_success.ir_cron_renew_themselves"


class AutoCase(SuccessCase):
    """A base class with contracts that renew themselves, recorded by the CSM, and the dialogs of notices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.renewals = cls.env["customer.success.renewal"]

    def _monthly(self, start=date(2026, 6, 1), end=date(2026, 6, 30), customer=None, **vals):
        """Record a contract from month to month that renews itself, as the CSM does."""
        vals = {"auto_renew": True, "date_start": start, "date_renewal": end, **vals}
        return self._renewal(customer or self.customer, **vals).with_user(self.csm)

    def _yearly(self, customer=None, **vals):
        """Record a contract of the calendar year, with three months' notice, that renews itself."""
        vals = {
            "auto_renew": True,
            "date_start": date(2026, 1, 1),
            "date_renewal": date(2026, 12, 31),
            "notice_period": 3,
            **vals,
        }
        return self._renewal(customer or self.customer, **vals).with_user(self.csm)

    def _run(self):
        """Run the scheduled action."""
        with self.enter_registry_test_mode():
            self.env.ref(JOB).method_direct_trigger()
        self.env.invalidate_all()

    def _chain(self, term):
        """Return the terms from this one on, the earliest first."""
        terms = term
        while term.next_ids:
            term = term.next_ids
            terms |= term
        return terms

    def _give_notice(self, term, user=None, **said):
        """Record a notice in the dialog that its button opens."""
        dialog = self.env["customer.success.renewal.notice"].with_user(user or self.csm)
        dialog = Form(dialog.with_context(default_renewal_id=term.id))
        for name, value in said.items():
            dialog[name] = value
        dialog.save().action_record()
        return term

    def _withdraw(self, term, reason="Their CFO wrote that they stay", user=None):
        dialog = self.env["customer.success.renewal.withdrawal"].with_user(user or self.csm)
        dialog.create({"renewal_id": term.id, "reason": reason}).action_withdraw()

    @contextmanager
    def _refused(self, words, error=UserError):
        """Assert that the block is refused with these words, and that nothing is written."""
        with self.assertRaises(error) as refused:
            yield
        self.assertIn(words, str(refused.exception))

    def _recorded(self, term, days_ago):
        """Let a term have been recorded this many days ago, by somebody."""
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET create_date = %s WHERE id = %s",
            [days(days_ago), term.id],
        )
        term.invalidate_recordset()
        return term

    def _risk(self, term):
        self._rescore(term.partner_id)
        term.invalidate_recordset()
        return term.sudo().churn_risk
