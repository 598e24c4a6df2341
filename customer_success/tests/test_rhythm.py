from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, days
from .work.plays_common import PlaysCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRhythm(PlaysCase):
    """The last conversation is compared with the rhythm of the customer's segment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["customer.success.segment"]
        cls.segments.search([]).unlink()
        cls.segment = cls.segments.create(
            {"name": "Large", "domain": "[('ref', '=like', 'R%')]", "rhythm_days": 30}
        )
        cls.talks = cls.env["customer.success.interaction"]

    def _followed(self, name, ago, ref="R1"):
        return self._customer(name, ref=ref, success_stage_date=days(ago)).with_user(self.csm)

    def _talk(self, customer, ago, **vals):
        """Log a conversation as the CSM does."""
        return self.talks.with_user(self.csm).create(
            {
                "partner_id": customer.id,
                "date": days(ago),
                "summary": "They plan a second site.",
                "state": "held",
                "line_ids": False,
                **vals,
            }
        )

    def _overdue(self, customers):
        """Return those without a conversation in time by the filter; each of them says the same."""
        found = customers.search([("success_talk_overdue", "=", True), ("id", "in", customers.ids)])
        self.assertEqual(customers.filtered("success_talk_overdue"), found)
        not_found = [("success_talk_overdue", "=", False), ("id", "in", customers.ids)]
        self.assertEqual(customers.search(not_found), customers.filtered(lambda c: c not in found))
        return found

    def test_a_silent_customer_is_found_and_named_until_somebody_talks_with_it(self):
        customer = self._followed("Silent", 200)
        self._talk(customer, 31)
        self.assertEqual(self._overdue(customer), customer)
        self.assertEqual(customer.success_last_talk_date, days(31))
        self.assertIn(
            "No conversation for 31 days: the rhythm of the segment “Large” is 30 days.",
            str(customer.success_attention),
        )
        self._talk(customer, 0)
        customer.invalidate_recordset()
        self.assertFalse(self._overdue(customer))
        self.assertEqual(customer.success_last_talk_date, TODAY)
        self.assertNotIn("No conversation for", str(customer.success_attention))

    def test_customers_who_did_nothing_wrong_are_not_named(self):
        fresh = self._followed("Followed since last week", 7)
        in_time = self._followed("On the last day", 200)
        self._talk(in_time, 30)
        no_rhythm = self._followed("In no segment", 200, ref="X1")
        left = self._followed("No longer followed", 200)
        left.action_success_stop()
        self.assertFalse(self._overdue(fresh | in_time | no_rhythm | left))
        for customer in fresh | in_time | no_rhythm:
            self.assertNotIn("No conversation for", str(customer.success_attention))

    def test_what_is_no_conversation_does_not_count_as_one(self):
        empty = self._followed("Logged without content", 200)
        self._talk(empty, 1, summary="  \n")
        support = self._followed("A ticket", 200)
        self._talk(support, 1, kind="support")
        planned = self._followed("Only planned", 200)
        self._talk(planned, 1, state="planned")
        again = self._followed("Stopped and followed again", 200)
        again.action_success_stop()
        again.success_stage_id = self.stages["effective_use"]
        customers = empty | support | planned | again
        self.assertEqual(self._overdue(customers), customers)
        self.assertFalse(empty.success_last_talk_date)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._talk(planned, -10)

    def test_an_answer_is_content_without_a_summary(self):
        customer = self._followed("Answered", 200)
        line = {"question_id": self.questions[0].id, "answer": "Yes", "signal": "strength"}
        self._talk(customer, 3, summary=False, line_ids=[Command.create(line)])
        self.assertEqual(customer.success_last_talk_date, days(3))
        self.assertFalse(self._overdue(customer))

    def test_the_playbook_starts_once_for_each_silence(self):
        play = self._play("no_conversation")
        silent, in_time = self._followed("Silent", 200), self._followed("In time", 200)
        self._talk(silent, 40)
        self._talk(in_time, 2)
        never = self._followed("Never", 31)
        everybody = silent | in_time | never
        self.assertEqual(self._evaluate(everybody.sudo()), 2)
        self.assertEqual(self._evaluate(everybody.sudo()), 0)
        self.assertEqual(
            self._reasons(play, silent),
            ["No conversation for 40 days, the rhythm of the segment “Large” is 30 days"],
        )
        self.assertIn("31 days", self._reasons(play, never)[0])
        self.assertFalse(self._reasons(play, in_time))
        self._talk(silent, 35)
        play.cooldown_days = 0
        self.assertEqual(self._evaluate(everybody.sudo()), 1)

    def test_a_playbook_does_not_act_on_silences_from_before_its_first_day(self):
        self._play("no_conversation", date_start=days(5))
        self.assertEqual(self._evaluate(self._followed("Long silent", 200).sudo()), 0)

    def test_many_customers_are_read_in_as_many_queries_as_few(self):
        customers = self.env["res.partner"].union(
            *(self._followed(f"Many {number}", 200).sudo() for number in range(20))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        customers.mapped("success_stage_id")
        with self.assertQueryCount(3):
            customers.mapped("success_talk_overdue")

    # -- S38 --------------------------------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_s38_the_own_rhythm_beats_the_segment_and_the_segment_the_stage(self):
        customer = self._followed("Whose rhythm", 200)
        customer.success_stage_id.sudo().rhythm_days = 60
        self._talk(customer, 40)
        said = "No conversation for 40 days: the rhythm of"
        self.assertEqual(self._overdue(customer), customer)
        self.assertIn(f"{said} the segment “Large” is 30 days.", str(customer.success_attention))
        self.segment.with_user(self.manager).rhythm_days = 0
        customer.invalidate_recordset()
        self.assertFalse(self._overdue(customer), "the stage allows 60 days")
        self.assertEqual(customer.success_rhythm_source, "stage")
        customer.success_own_rhythm_days = 14
        self.assertEqual(self._overdue(customer), customer)
        self.assertEqual(customer.success_rhythm_source, "customer")
        self.assertIn(f"{said} this customer is 14 days.", str(customer.success_attention))
        for source, days_ in (("customer", 14), ("stage", 30)):
            customer.success_own_rhythm_days = days_ if source == "customer" else 0
            customer.success_stage_id.sudo().rhythm_days = days_
            self.env.flush_all()
            play = self._play("no_conversation", cooldown_days=0)
            self.assertEqual(self._evaluate(customer.sudo()), 1)
            self.assertIn(f"is {days_} days", self._reasons(play, customer)[0])
            play.active = False
        with self.assertRaisesRegex(IntegrityError, "own_rhythm"), self.cr.savepoint():
            customer.success_own_rhythm_days = -1
            self.env.flush_all()

    def test_s38_the_last_conversation_sorts_groups_and_filters_the_list(self):
        old, new, never = (self._followed(name, 200) for name in ("Old", "New", "Never"))
        self._talk(old, 100)
        self._talk(new, 50)
        among = [("id", "in", (old | new | never).ids)]
        customers = self.env["res.partner"].with_user(self.csm)
        last_first = customers.search(among, order="success_last_talk_date")
        self.assertEqual(last_first, old | new | never)
        months = customers._read_group(among, ["success_last_talk_date:month"], ["__count"])
        self.assertEqual([count for _month, count in months], [1, 1, 1])

        def silent(operator, number):
            return customers.search([*among, ("success_days_without_talk", operator, number)])

        self.assertEqual(silent(">", 60), old | never)
        self.assertEqual(silent("<=", 50), new)
        self.assertEqual(silent("=", 100), old)
        text = self.env["res.partner"].get_view(
            self.env.ref("customer_success.res_partner_view_success_kanban").id, "kanban"
        )["arch"]
        self.assertIn("success_last_talk_date", text)

    def test_s38_the_last_conversation_follows_what_happens_to_conversations(self):
        customer = self._followed("Changing", 200)
        first, last = self._talk(customer, 40), self._talk(customer, 10)
        self.assertEqual(customer.success_last_talk_date, days(10))
        last.with_user(self.manager).unlink()
        self.assertEqual(customer.success_last_talk_date, days(40))
        first.summary = False
        self.assertFalse(customer.success_last_talk_date)
        first.summary = "They wait for the new manager"
        self.assertEqual(customer.success_last_talk_date, days(40))
        twin = self._followed("Twin", 200)
        self._talk(twin, 3)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([customer.id, twin.id], customer.sudo())
        self.env.invalidate_all()
        self.assertEqual(customer.success_last_talk_date, days(3))

    def test_s38_a_playbook_may_set_its_own_number_of_days(self):
        customer = self._followed("Far away", 200)
        self._talk(customer, 20)
        play = self._play("no_conversation", days=15)
        self.assertEqual(self._evaluate(customer.sudo()), 1)
        self.assertEqual(
            self._reasons(play, customer), ["No conversation for 20 days, the limit is 15 days"]
        )

    def test_a_customer_that_asked_for_quiet_is_left_alone_until_then(self):
        customer = self._followed("Year end", 200)
        self._talk(customer, 45)
        play = self._play("no_conversation")
        customer.write({"success_quiet_until": TODAY, "success_quiet_reason": "Year end"})
        self.assertFalse(self._overdue(customer))
        self.assertNotIn("No conversation for", str(customer.success_attention))
        self.assertEqual(self._evaluate(customer.sudo()), 0)
        customer.success_quiet_until = days(1)
        self.assertEqual(self._overdue(customer), customer)
        self.assertEqual(self._evaluate(customer.sudo()), 1)
        self.assertTrue(self._reasons(play, customer))

    def test_quiet_is_neither_for_good_nor_without_a_reason(self):
        customer = self._followed("Hidden", 200)
        with self.assertRaisesRegex(ValidationError, "120 days at most"), self.cr.savepoint():
            customer.write({"success_quiet_until": days(-121), "success_quiet_reason": "Year end"})
        with self.assertRaisesRegex(ValidationError, "Say why"), self.cr.savepoint():
            customer.write({"success_quiet_until": days(-20), "success_quiet_reason": " "})

    def test_sales_neither_reads_nor_searches_by_it(self):
        customer = self._followed("Secret", 200).with_user(self.sales)
        with self.assertRaises(AccessError):
            customer.read(["success_last_talk_date"])
        with self.assertRaises(AccessError):
            customer.search([("success_talk_overdue", "=", True)])

    def test_a_segment_cannot_be_defined_by_its_own_rhythm(self):
        with self.assertRaisesRegex(ValidationError, "depends on the segment"):
            self.segments.with_user(self.manager).create(
                {"name": "Silent", "domain": "[('success_talk_overdue', '=', True)]"}
            )
