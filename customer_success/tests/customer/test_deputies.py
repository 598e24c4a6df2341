from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days

FROM, TO = days(2), days(-5)
MODELS = (
    "customer.success.barrier",
    "customer.success.renewal",
    "customer.success.interaction",
    "customer.success.usage",
    "customer.success.answer",
    "customer.success.change",
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDeputies(SuccessCase):
    """While a CSM is away, a named colleague has their rights and worklist, ended by the date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = new_test_user(cls.env, "test_deputy", "customer_success.group_success_user")
        cls.third = new_test_user(cls.env, "test_third", "customer_success.group_success_user")
        cls.customer = cls._customer("Acme")
        cls.barriers = cls.env["customer.success.barrier"].union(
            *(cls._barrier(cls.customer, user_id=cls.csm.id) for _number in range(15))
        )
        cls._renewal(cls.customer)
        cls._usage(cls.customer)
        cls._answer(cls.customer)
        cls.env["customer.success.change"].create({"partner_id": cls.customer.id, "name": "Soon"})
        cls.env["customer.success.interaction"].create(
            {"partner_id": cls.customer.id, "kind": "advisory", "user_id": cls.csm.id}
        )
        cls.activity = cls.customer.activity_schedule(
            "mail.mail_activity_data_todo", summary="Send the list", user_id=cls.csm.id
        )

    def _away(self, user=None, **vals):
        user = user or self.csm
        return (
            self.env["customer.success.deputy"]
            .with_user(user)
            .create(
                {
                    "user_id": user.id,
                    "deputy_id": self.deputy.id,
                    "date_from": FROM,
                    "date_to": TO,
                    **vals,
                }
            )
        )

    def _seen(self, user=None, model="customer.success.barrier"):
        self.env.invalidate_all()
        records = self.env[model].with_user(user or self.deputy)
        return records.search_count([("partner_id", "=", self.customer.id)])

    def _day(self, user):
        """Return what My Day shows as the user's own."""
        search = self.env.ref("customer_success.mail_activity_view_search_my_day")
        self.assertIn("success_is_mine", search.arch)
        return self.env["mail.activity"].with_user(user).search([("success_is_mine", "=", True)])

    def test_the_deputy_sees_all_barriers_and_every_other_record(self):
        self.assertEqual(self._seen(), 0)
        before = {model: self._seen(model=model) for model in MODELS}
        self._away()
        self.assertEqual(self._seen(), 15)
        for model in MODELS:
            with self.subTest(model=model):
                self.assertEqual(before[model], 0)
                self.assertGreater(self._seen(model=model), 0)
                self.assertEqual(self._seen(self.third, model), 0)

    def test_every_rule_of_own_customers_names_those_who_are_away(self):
        rules = self.env["ir.rule"].search([("domain_force", "like", "user.id, False]")])
        own = rules.filtered(
            lambda rule: self.env.ref("customer_success.group_success_user") in rule.groups
        )
        self.assertGreater(len(own), 30)
        for rule in own:
            with self.subTest(rule=rule.name):
                self.assertIn("user.success_deputy_for_ids.ids", rule.domain_force)

    def test_the_deputy_works_there(self):
        self._away()
        customer = self.customer.with_user(self.deputy)
        customer.success_sentiment = "worried"
        self.barriers[0].with_user(self.deputy).write({"severity": "3"})
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.deputy)
            .create({"partner_id": customer.id, "kind": "advisory"})
        )
        self.assertEqual(talk.user_id, self.deputy, "what is done is of who did it")
        self.activity.with_user(self.deputy)._check_success_done()
        self.assertEqual(self.customer.success_user_id, self.csm)

    def test_the_worklist_comes_along_marked(self):
        own = self._customer("Own", success_user_id=self.deputy.id).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.deputy.id
        )
        self.assertEqual(self._day(self.deputy), own)
        self._away()
        self.assertEqual(self._day(self.deputy), own | self.activity)
        self.assertFalse(own.with_user(self.deputy).success_stand_in)
        self.assertIn(self.csm.name, self.activity.with_user(self.deputy).success_stand_in)
        self.assertIn(f"For {self.csm.name}", self.activity.with_user(self.deputy).success_reason)
        self.assertFalse(self.activity.with_user(self.csm).success_stand_in)
        self.assertNotIn("For ", self.activity.with_user(self.csm).success_reason)
        action = self.env.ref("customer_success.res_partner_action_success")
        self.assertIn("success_is_mine", action.domain)
        mine = (
            self.env["res.partner"].with_user(self.deputy).search([("success_is_mine", "=", True)])
        )
        self.assertIn(self.customer, mine)
        self.assertIn(self.csm.name, self.customer.with_user(self.deputy).success_stand_in)
        self.assertIn("stands in", self.customer.with_user(self.csm).success_attention)

    def test_private_activities_of_who_is_away_stay_theirs(self):
        private = self._contact(self.env["res.partner"], "Dentist").activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.csm.id
        )
        self._away()
        self.assertNotIn(private, self._day(self.deputy))

    def test_it_begins_and_ends_by_its_date(self):
        self._away(date_from=days(-1), date_to=days(-3))
        self.assertEqual(self._seen(), 0)
        for day, seen in ((days(-1), 15), (days(-3), 15), (days(-4), 0)):
            with self.subTest(day=day), freeze_time(day):
                self.assertEqual(self._seen(), seen)
                self.assertEqual(self.activity in self._day(self.deputy), bool(seen))

    def test_coming_back_early_ends_it_at_once(self):
        absence = self._away()
        self.assertEqual(self._seen(), 15)
        absence.date_to = days(1)
        self.assertEqual(self._seen(), 0)
        absence.date_to = TO
        self.assertEqual(self._seen(), 15)
        absence.unlink()
        self.assertEqual(self._seen(), 0)

    def test_the_day_is_that_of_the_deputy(self):
        self._away(date_from=days(0), date_to=days(0))
        self.deputy.tz = "Pacific/Auckland"
        with freeze_time(f"{TODAY} 13:00:00"):
            self.assertEqual(self._seen(), 0, "it is the next day there")
        self.deputy.tz = "UTC"
        with freeze_time(f"{TODAY} 13:00:00"):
            self.assertEqual(self._seen(), 15)

    def test_the_deputy_is_told(self):
        self._away(note="Call the CFO on Monday")
        message = self.env["mail.message"].search(
            [("partner_ids", "in", self.deputy.partner_id.ids)], order="id desc", limit=1
        )
        self.assertIn("You stand in for", message.subject)
        self.assertIn("Call the CFO on Monday", message.body)

    # -- cheats --------------------------------------------------------------------------------

    def test_nobody_makes_themselves_a_deputy(self):
        absences = self.env["customer.success.deputy"]
        vals = {
            "user_id": self.csm.id,
            "deputy_id": self.third.id,
            "date_from": FROM,
            "date_to": TO,
        }
        for user in (self.third, self.lead_csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                absences.with_user(user).create(vals)
        own = self._away(self.third, deputy_id=self.csm.id)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.write({"user_id": self.csm.id, "deputy_id": self.third.id})
        theirs = self._away(deputy_id=self.lead_csm.id, date_from=days(-50), date_to=days(-60))
        with self.assertRaises(AccessError):
            theirs.with_user(self.lead_csm).date_to = days(-90)
        self.assertEqual(self._seen(self.third), 0)
        absences.with_user(self.manager).create(
            {**vals, "date_from": days(-20), "date_to": days(-30)}
        )

    def test_a_deputy_does_not_give_the_customers_away(self):
        self._away()
        customer = self.customer.with_user(self.deputy)
        with self.assertRaisesRegex(AccessError, "Ask them or your manager"):
            customer.success_user_id = self.deputy
        dialog = self.env["customer.success.handover"].with_user(self.deputy)
        with self.assertRaisesRegex(AccessError, "Ask them or your manager"):
            dialog.create(
                {
                    "partner_ids": [Command.set(customer.ids)],
                    "user_to_id": self.deputy.id,
                }
            ).action_hand_over()
        self.assertEqual(self.customer.success_user_id, self.csm)

    def test_rights_are_not_passed_on(self):
        self._away()
        with self.assertRaisesRegex(ValidationError, "cannot stand in"):
            self._away(self.deputy, deputy_id=self.third.id)
        self.assertEqual(self._seen(self.third), 0)

    def test_the_company_still_limits_a_deputy(self):
        company = self.env["res.company"].create({"name": "North"})
        self.csm.company_ids += company
        self.customer.company_id = company
        self._away()
        self.assertEqual(self._seen(), 0)

    # -- bad input -----------------------------------------------------------------------------

    def test_bad_absences_are_refused_in_words(self):
        archived = new_test_user(self.env, "test_gone", "customer_success.group_success_user")
        archived.active = False
        for vals, words in (
            ({"deputy_id": self.csm.id}, "cannot stand in for themselves"),
            ({"deputy_id": self.sales.id}, "not in the customer success team"),
            ({"deputy_id": archived.id}, "is archived"),
            ({"date_to": days(-400)}, "longer than a year"),
            ({"date_to": days(9)}, "before its first"),
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex((ValidationError, UserError), words),
                self.env.cr.savepoint(),
            ):
                self._away(**vals)
                self.env.flush_all()
        self._away()
        with self.assertRaisesRegex(ValidationError, "is away already"):
            self._away(deputy_id=self.third.id)

    def test_two_people_may_have_the_same_deputy(self):
        theirs = self._customer("Theirs", success_user_id=self.third.id)
        self._away()
        self._away(self.third)
        mine = (
            self.env["res.partner"].with_user(self.deputy).search([("success_is_mine", "=", True)])
        )
        self.assertLessEqual(self.customer | theirs, mine)
