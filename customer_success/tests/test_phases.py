from odoo.exceptions import ValidationError
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, tagged
from odoo.tools.misc import file_path

from ..scoring.ahead import DURING_DAYS, PLANNED_DAYS, RUNNING_DAYS
from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPhases(SuccessCase):
    """A phase follows the dates, and only what is really ahead after go-live counts as planned for it (S11, S72)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(200), success_stage_date=days(10))
        cls.plan = cls.env["customer.success.plan"].create({"partner_id": cls.customer.id})
        cls.plan.action_activate()
        cls.nothing = cls._progress()

    @classmethod
    def _progress(cls):
        cls.env.invalidate_all()
        score = cls._rescore(cls.customer)
        return {line["code"]: line for line in score.breakdown["factors"]}["progress"]["value"]

    def _change(self, **vals):
        return (
            self.env["customer.success.change"]
            .with_user(self.csm)
            .create({"name": "New buyers", "partner_id": self.customer.id, **vals})
        )

    def _attention(self):
        self.env.invalidate_all()
        return str(self.customer.with_user(self.csm).success_attention)

    def _assert_ahead(self, change, expected):
        """Assert that the score, the plan, the attention lines, the record and the filter all say the same."""
        changes = self.env["customer.success.change"].with_user(self.csm)
        changes = changes.with_context(active_test=False)
        score = self._progress()
        self.assertEqual(score > self.nothing, expected, "the score")
        self.assertEqual(self.plan.nothing_after_go_live, not expected, "the plan")
        self.assertEqual("Nothing is planned after" not in self._attention(), expected)
        self.assertEqual(change.is_ahead, expected, "the form")
        found = changes.search([("is_ahead", "=", True), ("partner_id", "=", self.customer.id)])
        self.assertEqual(change in found, expected, "the filter")
        unlike = changes.search([("is_ahead", "=", False), ("partner_id", "=", self.customer.id)])
        self.assertEqual(change not in unlike, expected, "the filter turned round")

    # ------------------------------------------------------------------------------------------
    # The phase
    # ------------------------------------------------------------------------------------------

    def test_s11_the_phase_follows_the_date_of_the_change(self):
        change = self._change(date=days(200 + DURING_DAYS + 1))
        self.assertEqual(change.phase, "before")
        for day, phase in (
            (200 + DURING_DAYS, "during"),
            (200 - DURING_DAYS, "during"),
            (200 - DURING_DAYS - 1, "after"),
        ):
            with self.subTest(day=day):
                change.date = days(day)
                self.assertEqual(change.phase, phase)
        self._assert_ahead(change, False)
        change.date = days(-30)
        self._assert_ahead(change, True)

    def test_the_phase_follows_the_go_live_date(self):
        change = self._change(date=days(100))
        self.assertEqual(change.phase, "after")
        self.customer.success_go_live_date = days(90)
        self.assertEqual(change.phase, "during")
        self.customer.success_go_live_date = days(50)
        self.assertEqual(change.phase, "before")

    def test_another_phase_needs_a_reason_and_is_kept(self):
        change = self._change(date=days(100))
        for reason in (False, "", "   "):
            with (
                self.subTest(reason=reason),
                self.assertRaisesRegex(ValidationError, "After go-live.*Say why"),
                self.cr.savepoint(),
            ):
                change.write({"phase": "during", "phase_reason": reason})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._change(date=days(300), phase="after")
        change.write({"phase": "during", "phase_reason": "The second wave of the project"})
        change.date = days(20)
        self.customer.success_go_live_date = days(210)
        self.assertEqual(change.phase, "during", "the person's choice is kept")
        change.phase_reason = False
        self.assertEqual(change.phase, "after", "without the reason it follows the dates again")

    def test_the_form_asks_for_the_reason(self):
        with Form(self.env["customer.success.change"].with_user(self.csm)) as form:
            form.name = "The third site"
            form.partner_id = self.customer
            form.date = days(-30)
            self.assertEqual(form.phase, "after")
            self.assertTrue(form._get_modifier("phase_reason", "invisible"))
            form.phase = "before"
            self.assertFalse(form._get_modifier("phase_reason", "invisible"))
            self.assertTrue(form._get_modifier("phase_reason", "required"))
            form.phase_reason = "The site has its own go-live"
        self.assertEqual(form.record.phase, "before")

    # ------------------------------------------------------------------------------------------
    # Innocents: who plans honestly is not told otherwise
    # ------------------------------------------------------------------------------------------

    def test_innocent_a_change_that_comes_counts(self):
        self._assert_ahead(self._change(date=days(-400)), True)

    def test_innocent_a_change_a_little_late_counts(self):
        self._assert_ahead(self._change(date=days(PLANNED_DAYS)), True)

    def test_innocent_a_change_that_runs_counts(self):
        self._assert_ahead(self._change(date=days(100), state="running"), True)

    def test_innocent_a_live_customer_without_a_go_live_date_counts_what_comes(self):
        self.customer.success_go_live_date = False
        change = self._change(date=days(-30))
        self.assertFalse(change.phase, "unknown is unknown")
        self._assert_ahead(change, True)

    # ------------------------------------------------------------------------------------------
    # Cheats: nothing that is not ahead silences the warning or lifts the score
    # ------------------------------------------------------------------------------------------

    def test_cheat_a_change_before_go_live_called_after(self):
        change = self._change(date=days(400), state="running")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            change.phase = "after"
        self._assert_ahead(change, False)

    def test_cheat_a_change_planned_two_years_ago(self):
        self.customer.success_go_live_date = days(900)
        change = self._change(date=days(730), adoption_plan="Buddies")
        self.assertEqual(change.phase, "after")
        self._assert_ahead(change, False)
        self.assertIn("has not begun, so it no longer counts", self._attention())
        change.date = days(PLANNED_DAYS + 1)
        self._assert_ahead(change, False)

    def test_cheat_a_change_that_runs_for_ever(self):
        self.customer.success_go_live_date = days(900)
        change = self._change(date=days(RUNNING_DAYS + 1), state="running")
        self._assert_ahead(change, False)
        self.assertIn("no longer counts as planned. Is it done?", self._attention())

    def test_cheat_a_change_that_is_done_dropped_or_archived(self):
        change = self._change(date=days(5))
        for vals in (
            {"state": "done"},
            {"state": "dropped"},
            {"state": "planned", "active": False},
        ):
            with self.subTest(**vals):
                change.write(vals)
                self._assert_ahead(change, False)

    def test_cheat_deleting_the_go_live_date_changes_no_phase(self):
        self.customer.success_go_live_date = days(100)
        change = self._change(date=days(110), state="running")
        self.assertEqual(change.phase, "during")
        self.customer.success_go_live_date = False
        self.assertEqual(change.phase, "during")
        self._assert_ahead(change, False)

    # ------------------------------------------------------------------------------------------
    # Old rows
    # ------------------------------------------------------------------------------------------

    def test_old_phases_are_kept_with_a_reason_unless_they_cannot_be(self):
        kept = self._change(date=days(190))
        blatant = self._change(date=days(400))
        right = self._change(date=days(30))
        unknown = self._change(date=days(30), partner_id=self._customer("Undated").id)
        changes = kept | blatant | right | unknown
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_change SET phase = 'after', phase_reason = NULL WHERE id = ANY(%s)",
            [changes.ids],
        )
        path = file_path("customer_success/migrations/19.0.2.0.0/post-phases.py")
        for _run in range(2):
            load_script(path, "post_phases").migrate(self.env.cr, "19.0.1.2.0")
            self.env.invalidate_all(flush=False)
            self.assertEqual(changes.mapped("phase"), ["after", "before", "after", "after"])
            self.assertEqual(
                changes.mapped("phase_reason"),
                ["Chosen before phases followed the dates", False, False, False],
            )
