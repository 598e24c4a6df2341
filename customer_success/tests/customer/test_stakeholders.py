from lxml import etree

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days
from ..outputs.workbook_common import WorkbookCase
from ..work.plays_common import PlaysCase

SILENT = 90  # days, the default of the setting


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestStakeholders(SuccessCase):
    """Sponsors and champions: skills, willingness, next step, silence and absence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(300))
        cls.ada = cls._contact(cls.customer, "Ada")

    def _person(self, contact=None, role="champion", named=10, customer=None, **vals):
        """Return a stakeholder that the CSM named some days ago."""
        customer = customer or self.customer
        person = (
            self.env["customer.success.stakeholder"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": customer.id,
                    "contact_id": (contact or self.ada).id,
                    "role": role,
                    **vals,
                }
            )
        )
        person.sudo().date = days(named)
        return person

    def _talk(self, ago, contact=None, summary="What stands in their way", **vals):
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "contact_ids": (contact or self.ada).ids,
                    "date": days(ago),
                    "summary": summary,
                    "quality": "4",
                    "focus": "4",
                    **vals,
                }
            )
        )
        talk.action_log()
        self.env.invalidate_all()
        return talk

    def _attention(self, customer=None):
        customer = (customer or self.customer).with_user(self.csm)
        self.env.invalidate_all()
        return str(customer.success_attention)

    def _listed(self, *domain):
        people = self.env["customer.success.stakeholder"].with_user(self.csm)
        return people.search([("partner_id", "=", self.customer.id), *domain])

    # -- S30: the champion, with skills and a next step -----------------------------------------

    def test_s30_the_next_step_with_a_champion_is_an_activity_of_the_csm(self):
        person = self._person(next_step="Show her the report", next_step_date=days(-7))
        step = self.ada.activity_ids
        self.assertEqual(step.user_id, self.csm)
        self.assertEqual(
            (step.summary, step.date_deadline, step.success_partner_id),
            ("Show her the report", days(-7), self.customer),
        )
        day = self.env["mail.activity"].with_user(self.csm).search([("user_id", "=", self.csm.id)])
        self.assertIn(step, day)
        person.next_step_date = days(-9)
        self.assertEqual(self.ada.activity_ids, step, "it is moved, not doubled")
        self.assertEqual(step.date_deadline, days(-9))
        step.with_user(self.csm).action_feedback(feedback="Done")
        person.invalidate_recordset()
        self.assertFalse(person.next_step or person.next_step_date)

    def test_s30_an_overdue_step_and_missing_skills_are_seen(self):
        person = self._person(next_step="Show her the report", next_step_date=days(0), skills="2")
        self.assertNotIn("was due on", self._attention())
        self.assertIn("The skills of the champion Ada are 2 of 5", self._attention())
        with freeze_time(days(-1)):
            self.assertIn("The next step with Ada was due on", self._attention())
            self.assertEqual(self._listed(("next_step_date", "<", "today")), person)
            self.assertEqual(self._listed(("needs_attention", "=", True)), person)
        person.skills = "4"
        self.assertNotIn("The skills of", self._attention())

    def test_s30_the_list_of_stakeholders_shows_skills_and_steps(self):
        person = self._person(skills="3")
        action = self.env.ref("customer_success.customer_success_stakeholder_action")
        people = self.env[action.res_model].with_user(self.csm)
        arch = etree.fromstring(people.get_view(view_type="list")["arch"])
        shown = {node.get("name") for node in arch.iter("field")}
        self.assertLessEqual({"skills", "next_step", "next_step_date", "willingness"}, shown)
        self.assertEqual(self._listed(("next_step_date", "=", False)), person)
        person.write({"next_step": "Call", "next_step_date": days(-1)})
        self.assertFalse(self._listed(("next_step_date", "=", False)))
        groups = people._read_group([("id", "=", person.id)], ["role", "skills"], ["__count"])
        self.assertEqual(groups, [("champion", "3", 1)])

    def test_a_step_has_a_text_and_a_day_ahead(self):
        person = self._person()
        for vals in (
            {"next_step": "Call"},
            {"next_step_date": days(-3)},
            {"next_step": "Call", "next_step_date": days(1)},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                person.write(vals)
        person.write({"next_step": "Call", "next_step_date": days(-3)})
        person.write({"next_step": False, "next_step_date": False})
        self.assertFalse(self.ada.activity_ids)

    # -- S92: against it, silent, gone ----------------------------------------------------------

    def test_s92_a_champion_against_it_raises_attention_and_is_none(self):
        self._person(self._contact(self.customer, "Ben"), "sponsor")
        person = self._person(willingness="4")
        self.assertFalse(self.customer.with_user(self.csm).success_lacks_people)
        before = self._rescore(self.customer).breakdown
        person.willingness = "1"
        self.assertIn("The champion Ada is against it (seen on 06/15/2026)", self._attention())
        customers = self.env["res.partner"].with_user(self.csm)
        mine = [("id", "=", self.customer.id)]
        self.assertTrue(customers.search([("success_lacks_people", "=", True), *mine]))
        self.assertTrue(self.customer.with_user(self.csm).success_lacks_people)
        self.assertTrue(
            customers.search([("success_stakeholder_ids.needs_attention", "=", True), *mine])
        )
        self.assertEqual(self._listed(("needs_attention", "=", True)), person)

        def met(breakdown):
            return next(
                line["evidence"]["met"]
                for line in breakdown["factors"]
                if line["code"] == "progress"
            )

        self.assertIn("champion", met(before))
        self.assertNotIn("champion", met(self._rescore(self.customer).breakdown))
        person.willingness = "2"
        self.assertIn("The champion Ada is reluctant", self._attention())
        person.willingness = "5"
        self.assertNotIn("The champion Ada", self._attention())

    def test_s92_a_champion_who_is_silent_for_long_raises_attention(self):
        person = self._person(named=300)
        self.assertIn("Nobody has talked with the champion Ada yet", self._attention())
        self._talk(SILENT)
        self.assertNotIn("Ada", self._attention())
        with freeze_time(days(-1)):
            self.assertIn("The champion Ada has been silent since", self._attention())
            self.assertEqual(self._listed(("is_silent", "=", True)), person)
        self._answer(self.customer, contact_id=self.ada.id, date=days(2))
        with freeze_time(days(-1)):
            self.assertNotIn("Ada", self._attention())

    def test_s92_who_has_left_raises_attention_in_each_stage(self):
        for stage in ("prepare", "effective_use"):
            customer = self._customer(stage, stage)
            eve = self._contact(customer, "Eve")
            person = self._person(eve, customer=customer)
            self.assertNotIn("has left", self._attention(customer))
            eve.active = False
            self.assertIn("the champion has left", self._attention(customer))
            people = self.env["customer.success.stakeholder"].with_user(self.csm)
            self.assertEqual(people.search([("is_gone", "=", True)]) & person, person)
            self.assertTrue(person.needs_attention)

    def test_s92_nobody_for_a_role_is_seen_after_go_live(self):
        customers = self.env["res.partner"].with_user(self.csm)
        lacking = [("success_lacks_people", "=", True), ("id", "=", self.customer.id)]
        self.assertIn("no sponsor is known, no champion is known", self._attention())
        self.assertEqual(customers.search(lacking), self.customer)
        self._person()
        self._person(role="sponsor")
        self.assertFalse(customers.search(lacking))
        self.assertNotIn("is known", self._attention())

    # Innocents

    def test_a_champion_on_leave_is_not_silent(self):
        person = self._person(named=300, away_until=days(-200))
        self.assertNotIn("Ada", self._attention())
        self.assertFalse(person.is_silent or person.needs_attention)
        with freeze_time(days(-200 - SILENT)):
            self.assertNotIn("Ada", self._attention())
        with freeze_time(days(-201 - SILENT)):
            self.assertIn("Ada", self._attention())

    def test_one_person_may_have_all_roles(self):
        for role in ("sponsor", "champion", "decision_maker", "user_lead"):
            self._person(role=role)
        self.assertFalse(self.customer.with_user(self.csm).success_lacks_people)
        alone = self.env["res.partner"].create(
            {
                "name": "Solo",
                "success_stage_id": self.stages["effective_use"].id,
                "success_user_id": self.csm.id,
            }
        )
        self._person(alone, "sponsor", customer=alone)
        self._person(alone, "champion", customer=alone)
        self.assertFalse(alone.with_user(self.csm).success_lacks_people)

    def test_a_new_customer_needs_nobody_yet(self):
        customer = self._customer("Fresh", "discover")
        self.assertNotIn("People:", self._attention(customer))
        self.assertFalse(customer.with_user(self.csm).success_lacks_people)
        found = self.env["res.partner"].search([("success_lacks_people", "=", True)])
        self.assertNotIn(customer, found)

    def test_who_was_named_yesterday_is_not_silent(self):
        self._person(named=1)
        self.assertNotIn("Ada", self._attention())

    def test_a_segment_with_a_slow_rhythm_is_not_called_silent_early(self):
        segment = self.env["customer.success.segment"].create({"name": "Slow", "rhythm_days": 200})
        self.customer.write({"success_segment_id": segment.id, "success_segment_manual": True})
        self._person(named=200)
        self.assertNotIn("Ada", self._attention())
        with freeze_time(days(-1)):
            self.assertIn("Ada", self._attention())

    # Cheats

    def test_nobody_of_ours_is_a_champion(self):
        ours = self.csm.partner_id
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._person(ours)
        ours.parent_id = self.customer
        with self.assertRaisesRegex(ValidationError, "one of our own people"), self.cr.savepoint():
            self._person(ours)
        with self.assertRaisesRegex(ValidationError, "is a company"), self.cr.savepoint():
            self._person(self.customer)

    def test_willingness_has_a_date(self):
        person = self._person(willingness="5")
        self.assertEqual(person.willingness_date, TODAY)
        for day in (False, days(-1)):
            with self.subTest(day), self.assertRaises(ValidationError), self.cr.savepoint():
                person.willingness_date = day
        person.write({"willingness": "4", "willingness_date": days(3)})
        self.assertEqual(person.willingness_date, days(3))

    def test_a_conversation_without_content_breaks_no_silence(self):
        self._person(named=300)
        self._talk(1, summary=False)
        self.assertIn("Ada", self._attention())

    def test_naming_the_day_or_a_long_absence_breaks_no_silence(self):
        person = self._person(named=300)
        person.date = TODAY
        self.assertEqual(person.date, days(300))
        self.assertIn("Ada", self._attention())
        with self.assertRaises(ValidationError), self.cr.savepoint():
            person.away_until = days(-400)

    def test_other_csms_do_not_see_the_people(self):
        person = self._person()
        other = self.csm.copy({"login": "other_csm"})
        self.assertFalse(person.with_user(other).has_access("read"))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestStakeholderPlaybooks(PlaysCase):
    """A sponsor or champion who turns starts a playbook."""

    def _person(self, role="champion", named=10, **vals):
        person = self.env["customer.success.stakeholder"].create(
            {
                "partner_id": self.customer.id,
                "contact_id": self._contact(self.customer).id,
                "role": role,
                "date": days(named),
                **vals,
            }
        )
        self.env.flush_all()
        return person

    def test_s92_a_champion_against_it_or_silent_starts_a_playbook(self):
        play = self._play("people_turned", cooldown_days=0)
        person = self._person(willingness="4", named=SILENT)
        gatekeeper = self._person("gatekeeper", willingness="1")
        self._evaluate()
        self.assertFalse(self._reasons(play), "a gatekeeper may be against it")
        person.willingness = "1"
        self.env.flush_all()
        self._evaluate()
        self._evaluate()
        self.assertEqual(self._reasons(play), ["The champion is against it: Ada"])
        (person | gatekeeper).unlink()
        person = self._person("sponsor", named=SILENT + 1)
        self._evaluate()
        self.assertEqual(self._reasons(play)[1:], ["Nobody has talked with the sponsor Ada yet"])
        self._start()
        self.assertTrue(self.customer.activity_ids)

    def test_who_is_away_starts_nothing(self):
        play = self._play("people_turned")
        self._person(named=300, away_until=days(-30))
        self._evaluate()
        self.assertFalse(self._reasons(play))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestStakeholderSheet(WorkbookCase):
    def test_s30_the_workbook_lists_stakeholders_with_skills_and_next_steps(self):
        ada = self._contact(self.risky)
        self.env["customer.success.stakeholder"].with_user(self.csm).create(
            {
                "partner_id": self.risky.id,
                "contact_id": ada.id,
                "role": "champion",
                "willingness": "5",
                "skills": "2",
                "next_step": "Show her the report",
                "next_step_date": days(-7),
            }
        )
        self._answer(self.risky, contact_id=ada.id, date=days(4))
        self.env.flush_all()
        [line] = self._lines(self._book(self.csm, sheets=["stakeholders"])["Stakeholders"])
        self.assertEqual(
            [line[name].value for name in ("Customer", "Person", "Role", "Willingness", "Skills")],
            ["Risky", "Ada", "Champion", "Drives it", "2 - Little"],
        )
        self.assertEqual(line["Next step"].value, "Show her the report")
        self.assertEqual(line["Next step by"].value.date(), days(-7))
        self.assertEqual(line["Last conversation"].value.date(), days(4))
