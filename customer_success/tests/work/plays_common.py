from odoo.fields import Command

from ..common import SuccessCase, days

LONG_AGO = days(3000)


class PlaysCase(SuccessCase):
    """A base class of tests of plays: it makes plays for each trigger, and the facts that start them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plays = cls.env["customer.success.play"]
        cls.runs = cls.env["customer.success.play.run"]
        cls.activities = cls.env["mail.activity"]
        # Only plays that a test creates may start.
        cls.library = cls.plays.search([])
        cls.library.active = False
        cls.plan = cls.env["mail.activity.plan"].create(
            {
                "name": "Two steps",
                "res_model": "res.partner",
                "company_id": False,
                "template_ids": [
                    Command.create(
                        {
                            "sequence": number,
                            "summary": summary,
                            "note": "<p>Ask</p>",
                            "delay_count": number,
                            "delay_unit": unit,
                            "delay_from": "after_plan_date",
                            "responsible_type": "on_demand",
                        }
                    )
                    for number, summary, unit in ((1, "Call", "days"), (2, "Meet", "weeks"))
                ],
            }
        )
        cls.customer = cls._customer()

    @classmethod
    def _play(cls, trigger, **vals):
        return cls.plays.create(
            {
                "name": f"When {trigger}",
                "trigger": trigger,
                "activity_plan_id": cls.plan.id,
                "date_start": LONG_AGO,
                **vals,
            }
        )

    def _evaluate(self, *customers):
        customers = self.env["res.partner"].union(*customers) or self.customer
        return self.plays._evaluate(customers.ids)

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_success_care").method_direct_trigger()
        self.env.invalidate_all()

    def _reasons(self, play, customer=None):
        """Return the reason of the run of a play for a customer, as its CSM reads it."""
        customer = customer or self.customer
        runs = self.runs.with_user(self.lead_csm).search(
            [("play_id", "=", play.id), ("partner_id", "=", customer.id)], order="id"
        )
        return runs.mapped("reason")

    def _history(self, customer, *risks):
        """Record the scores of some days, the newest last, and make it the current one."""
        self.env["customer.success.score.history"].create(
            [
                {"partner_id": customer.id, "date": days(ago), "renewal_risk": risk}
                for ago, risk in risks
            ]
        )
        risk = risks[-1][1]
        band = next(
            name
            for bound, name in ((65, "critical"), (40, "high"), (20, "medium"), (0, "low"))
            if risk >= bound
        )
        customer.success_score_id.write({"renewal_risk": risk, "risk_band": band})

    def _stalled(self, **vals):
        self.customer.success_stage_date = days(181)
        return self._play("stalled", **vals)

    def _started(self, **vals):
        play = self._stalled(**vals)
        self._evaluate()
        self._start()
        return self.runs.search([("play_id", "=", play.id)])

    def _start(self):
        """Start the runs that wait; return those."""
        waiting = self.runs.search([("state", "=", "waiting")])
        waiting._start()
        return waiting
