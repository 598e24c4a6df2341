from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from ..scoring.use import DEGREES, STEP_FIGURES
from .common import TODAY, SuccessCase, days

SCORING = Path(__file__).parents[2] / "docs" / "scoring.md"
JUNE = "2026-06-01"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAssessUse(SuccessCase):
    """The degrees of use are asked in words, for all products of a customer in one dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._leave_out("trend", "barriers", "advisor", "progress", "value", "plan")
        cls.env["ir.config_parameter"].set_param("customer_success.known_enough", "0")
        cls.customer = cls._customer()
        cls._renewal(cls.customer)

    def _dialog(self, user=None):
        action = self.customer.with_user(user or self.csm).action_success_assess_all()
        dialogs = self.env[action["res_model"]].with_user(user or self.csm)
        return Form(dialogs.with_context(**action["context"]))

    def _say(self, **words):
        """Say something of the first product, and save it."""
        form = self._dialog()
        with form.line_ids.edit(0) as line:
            for name, step in words.items():
                setattr(line, name, step)
        form.save().action_save()

    def _june(self, product=None):
        return self.env["customer.success.usage"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("product_id", "=", (product or self.product).id),
                ("date", "=", JUNE),
                ("source", "=", "assessed"),
            ]
        )

    def _use(self):
        """Return the value of the line *use* of the score."""
        lines = self._rescore(self.customer).breakdown["factors"]
        self.customer.invalidate_recordset()
        return next((line["value"] for line in lines if line["code"] == "use"), None)

    def _reason(self):
        """Return the reasons of the score as the CSM reads them."""
        return str(self.customer.with_user(self.csm).success_explanation)

    def _assert_degree(self, code, best, worst, words):
        """Say a step, then a worse one: health falls, and the reason shows the words."""
        self._say(**{code: best})
        self.assertEqual(self._use(), float(best))
        health = self.customer.success_health
        self._say(**{code: worst})
        self.assertEqual(self._use(), float(worst))
        self.assertLess(self.customer.success_health, health)
        self.assertIn(words, self._reason())

    # -- the six degrees --------------------------------------------------------------------------

    def test_s2_how_they_use_it_is_rated_in_words(self):
        self._assert_degree("as_intended", "100", "25", "How: As Intended: In another way (25 %)")

    def test_s3_when_they_use_it_is_rated_in_words(self):
        self._assert_degree("timely", "100", "70", "When: On Time: The same week (70 %)")

    def test_s4_how_well_they_use_it_is_rated_in_words(self):
        self._assert_degree("quality", "100", "0", "How Well: Useless (0 %)")

    def test_s5_how_often_they_use_it_is_rated_in_words(self):
        self._assert_degree("frequency", "100", "25", "How Often: Now and then (25 %)")

    def test_s69_where_they_work_is_rated_in_words(self):
        self._assert_degree("in_place", "70", "25", "Where: In the System: Mostly elsewhere (25 %)")

    def test_s70_the_accuracy_is_rated_in_words(self):
        self._assert_degree("accuracy", "100", "25", "Accuracy of Data: Many errors (25 %)")

    def test_the_steps_and_their_figures_are_those_of_the_documentation(self):
        text = SCORING.read_text()
        self.assertIn(f"| degree | {' | '.join(map(str, STEP_FIGURES))} |", text)
        lines = self.env["customer.success.assess.line"]
        for code in DEGREES:
            choices = lines._fields[code].selection
            self.assertEqual([key for key, _label in choices], [str(f) for f in STEP_FIGURES])
            self.assertIn(f" | {' | '.join(label for _key, label in choices)} |", text)

    # -- one dialog for all products --------------------------------------------------------------

    def test_all_products_of_the_customer_are_asked_at_once(self):
        other, unused, foreign = self.env["product.product"].create(
            [{"name": "Ledger"}, {"name": "Atlas"}, {"name": "Not theirs"}]
        )
        self._usage(self.customer, product_id=other.id)
        self.env["customer.success.intended.use"].create(
            {"product_id": unused.id, "partner_id": self.customer.id, "quality": 50}
        )
        self.env["customer.success.intended.use"].create({"product_id": foreign.id, "quality": 50})
        form = self._dialog()
        asked = [line["product_id"] for line in form.line_ids._records]
        self.assertEqual(asked, [unused.id, other.id, self.product.id])
        with form.line_ids.edit(2) as line:
            line.timely = "100"
        form.save().action_save()
        self.assertEqual(self._june().timely, 100)
        self.assertFalse(self._june(unused), "nothing was said of it")

    def test_the_dialog_is_filled_in_with_last_month(self):
        may = self.env["customer.success.usage"].create(
            {
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "date": "2026-05-01",
                "licensed_users": 100,
                "active_users": 40,
                "timely": 62,
                "quality": 25,
            }
        )
        form = self._dialog()
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.licensed_users, line.active_users), (100, 40))
            self.assertEqual((line.timely, line.quality), ("70", "25"), "the nearest step")
            self.assertFalse(line.accuracy, "what was unknown stays unknown")
            line.quality = "70"
        form.save().action_save()
        june = self._june()
        self.assertEqual((june.timely, june.quality), (62, 70), "what was not changed stays exact")
        self.assertIs(june.accuracy, False)
        self.assertEqual(may.quality, 25, "last month stays as it was")
        self._say(timely=False)
        self.assertIs(june.timely, False, "emptied by hand")
        self.assertEqual(june.revision_ids.timely, 62)

    def test_what_was_said_long_ago_is_not_filled_in(self):
        self.env["customer.success.usage"].create(
            {
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "date": "2025-11-01",
                "timely": 100,
            }
        )
        with self._dialog().line_ids.edit(0) as line:
            self.assertFalse(line.timely)

    def test_another_month_shows_what_stands_there(self):
        self._say(timely="25")
        form = self._dialog()
        form.date = "2026-05-01"
        with form.line_ids.edit(0) as line:
            self.assertFalse(line.timely)

    # -- measured figures -------------------------------------------------------------------------

    def test_a_measured_figure_is_shown_and_never_overwritten(self):
        measured = self._usage(self.customer, licensed=100, active=40, timely=40)
        form = self._dialog()
        [line] = form.line_ids._records
        self.assertEqual(set(line["measured"]), {"licensed_users", "active_users", "timely"})
        self.assertIn("Measured of Planner: Licensed Users 100", form.measured_words)
        self.assertIn("When: On Time 40 %", form.measured_words)
        dialog = form.save()
        dialog.line_ids.write({"timely": "100", "active_users": 100, "quality": "70"})
        dialog.action_save()
        self.assertEqual((measured.timely, measured.active_users), (40, 40))
        june = self._june()
        self.assertEqual((june.timely, june.active_users, june.quality), (False, False, 70))
        self._use()
        self.assertIn("When: On Time: 40 %", self._reason())
        self.assertIn("How Well: Good enough (70 %)", self._reason())

    def test_the_words_stand_beside_what_was_intended(self):
        self.env["customer.success.intended.use"].create(
            {"product_id": self.product.id, "quality": 70}
        )
        self._say(quality="70")
        self.assertEqual(self._use(), 100)
        self.assertIn("How Well: Good enough (70 of 70 intended)", self._reason())

    def test_two_products_with_different_words_show_both(self):
        other = self.env["product.product"].create({"name": "Atlas"})
        for product, timely in ((self.product, 100), (other, 40)):
            self.env["customer.success.usage"].create(
                {"partner_id": self.customer.id, "product_id": product.id, "timely": timely}
            )
        self._use()
        self.assertIn("Atlas, 40 of 100: When: On Time: 40 %", self._reason())
        self.assertIn("Planner, 100 of 100: When: On Time: The same day (100 %)", self._reason())

    # -- bad input --------------------------------------------------------------------------------

    def test_a_month_to_come_is_refused(self):
        form = self._dialog()
        form.date = days(-40)
        with form.line_ids.edit(0) as line:
            line.timely = "100"
        with self.assertRaisesRegex(ValidationError, "between the year 2000 and today"):
            form.save().action_save()

    def test_nothing_to_say_is_said(self):
        lone = self._customer("Lone")
        action = lone.with_user(self.csm).action_success_assess_all()
        dialogs = self.env[action["res_model"]].with_user(self.csm)
        form = Form(dialogs.with_context(**action["context"]))
        with self.assertRaisesRegex(UserError, "Add a product"):
            form.save().action_save()
        with form.line_ids.new() as line:
            line.product_id = self.product
            line.timely = "100"
        form.save().action_save()
        self.assertEqual(lone.success_usage_ids.timely, 100)

    def test_a_step_that_does_not_exist_is_refused(self):
        with self.assertRaisesRegex(ValueError, "Wrong value"):
            self._dialog().save().line_ids.write({"timely": "90"})

    def test_one_does_not_assess_the_customers_of_others(self):
        theirs = self._customer("Theirs", success_user_id=self.lead_csm.id)
        dialog = (
            self.env["customer.success.assess"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": theirs.id,
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": theirs.id,
                                "product_id": self.product.id,
                                "date": JUNE,
                                "timely": "100",
                            }
                        )
                    ],
                }
            )
        )
        with self.assertRaises(AccessError):
            dialog.action_save()
        self.assertFalse(theirs.success_usage_ids)

    def test_figures_can_still_be_entered(self):
        action = self._dialog().save().action_figures()
        self.assertEqual(action["res_model"], "customer.success.usage")
