from psycopg2 import IntegrityError

from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, SuccessCase, days

MAY, JUNE = "2026-05-01", "2026-06-01"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestUseEntry(SuccessCase):
    """Entering use by hand a second time opens what stands, with the month before beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        cls.other_product = cls.env["product.product"].create({"name": "Ledger"})
        cls.usages = cls.env["customer.success.usage"].with_user(cls.csm)
        cls.before = cls._assessed(date=MAY, active_users=30, quality=40)

    @classmethod
    def _assessed(cls, **vals):
        return cls.env["customer.success.usage"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": cls.product.id,
                "date": JUNE,
                "source": "assessed",
                **vals,
            }
        )

    def _assess(self):
        """Open the dialog of the customer's page as the CSM; return the form and the id of its record."""
        action = self.customer.with_user(self.csm).action_success_assess()
        usages = self.usages.with_context(**action["context"])
        return Form(usages.browse(action["res_id"] or [])), action["res_id"]

    def _new(self):
        """Open a new form of Use of Products as the CSM."""
        action = self.customer.with_user(self.csm).action_success_usage()
        listed = self.env.ref("customer_success.customer_success_usage_action")
        self.assertIn("success_by_hand", listed.context)
        return Form(self.usages.with_context(**action["context"]))

    def test_the_dialog_of_the_customer_opens_what_stands(self):
        form, opened = self._assess()
        self.assertFalse(opened, "nothing is known of June")
        self.assertEqual(form.previous_active_users, 30, "May is beside it")
        self.assertEqual(form.previous_quality, 40)
        form.active_users = 45
        june = form.save()
        form, opened = self._assess()
        self.assertEqual(opened, june.id)
        self.assertEqual((form.active_users, form.previous_active_users), (45, 30))
        form.active_users = 50
        form.save()
        self.assertEqual(june.active_users, 50)
        self.assertEqual(june.revision_ids.active_users, 45)

    def test_a_new_entry_of_a_period_that_stands_shows_it_and_corrects_it(self):
        june = self._assessed(licensed_users=100, active_users=45, quality=60)
        form = self._new()
        form.active_users = 50
        form.product_id = self.product
        self.assertEqual(form.standing_id, june)
        self.assertEqual(form.active_users, 50, "what was typed stays")
        self.assertEqual((form.licensed_users, form.quality), (100, 60), "the rest is what stands")
        self.assertEqual(form.previous_date, self.before.date)
        form.quality = False
        saved = form.save()
        self.assertEqual(saved, june)
        self.assertEqual((june.active_users, june.licensed_users), (50, 100))
        self.assertIs(june.quality, False, "emptied by hand")
        self.assertEqual(june.revision_ids.user_id, self.csm)
        self.assertEqual((june.revision_ids.active_users, june.revision_ids.quality), (45, 60))

    def test_figures_of_another_product_are_not_carried_over(self):
        self._assessed(active_users=45)
        form = self._new()
        form.product_id = self.product
        self.assertEqual(form.active_users, 45)
        form.product_id = self.other_product
        self.assertFalse(form.standing_id)
        self.assertIs(form.active_users, False)
        form.active_users = 7
        self.assertEqual(form.save().product_id, self.other_product)
        self.assertEqual(len(self.customer.success_usage_ids), 3)

    def test_any_day_of_the_month_is_the_month(self):
        june = self._assessed(active_users=45)
        form = self._new()
        form.product_id = self.product
        form.date = "2026-06-12"
        self.assertEqual(form.standing_id, june)
        form.date = "2026-05-12"
        self.assertEqual((form.standing_id, form.active_users), (self.before, 30))
        form.period = "week"
        self.assertFalse(form.standing_id)

    def test_what_lands_meanwhile_is_not_emptied(self):
        form = self._new()
        form.product_id = self.product
        form.active_users = 45
        june = self._assessed(licensed_users=100, active_users=40)
        self.assertEqual(form.save(), june)
        self.assertEqual((june.licensed_users, june.active_users), (100, 45))

    def test_what_stands_unchanged_gets_no_former_figures(self):
        june = self._assessed(active_users=45)
        form = self._new()
        form.product_id = self.product
        self.assertEqual(form.save(), june)
        self.assertFalse(june.revision_ids)

    @mute_logger("odoo.sql_db")
    def test_other_programs_are_refused_as_before(self):
        self._assessed(active_users=45)
        vals = {"partner_id": self.customer.id, "product_id": self.product.id, "active_users": 1}
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.usages.create(vals)
        self.assertEqual(self.usages.search([("date", "=", JUNE)]).active_users, 45)

    def test_a_second_entry_is_scored(self):
        self._usage(self.customer, when=days(200))
        june = self._assessed(licensed_users=100, active_users=10)
        self._rescore(self.customer)
        self.assertEqual(self.customer.success_adoption, 10)
        form = self._new()
        form.product_id = self.product
        form.active_users = 90
        self.assertEqual(form.save(), june)
        self._rescore(self.customer)
        self.assertEqual(self.customer.success_adoption, 90)
