from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMassEdits(SuccessCase):
    """A change of several records in a list is kept, and taken back as one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer, cls.other = cls._customer("Acme"), cls._customer("Borealis")
        cls.ada = cls._contact(cls.customer, "Ada")
        cls.first = cls._barrier(cls.customer, severity="1", owner_contact_id=cls.ada.id)
        cls.first.authority = "granted"
        cls.second = cls._barrier(cls.customer, severity="2")
        cls.both = (cls.first | cls.second).with_user(cls.csm)
        cls.changes = cls.env["customer.success.mass.change"].with_user(cls.csm)

    def _last(self):
        return self.changes.search([("kind", "=", "edit")], limit=1)

    def test_each_record_gets_its_own_value_back(self):
        self.both.web_save({"severity": "3"}, {})
        change = self._last()
        self.assertEqual(change.name, "Severity of 2 records: Adoption Barrier")
        self.assertEqual(change.user_id, self.csm)
        change.action_undo()
        self.assertEqual(self.both.mapped("severity"), ["1", "2"])
        self.assertEqual(change.state, "undone")

    def test_what_followed_from_the_change_goes_back_too(self):
        self.assertEqual(self.first.state, "empowered")
        self.both.web_save({"authority": "none"}, {})
        self.assertEqual(self.first.state, "confirmed")
        self._last().action_undo()
        self.assertEqual((self.first.state, self.first.authority), ("empowered", "granted"))
        self.assertFalse(self.first.waiting_since)

    def test_what_was_changed_since_is_left_and_listed(self):
        self.both.web_save({"severity": "3"}, {})
        self.second.with_user(self.manager).severity = "0"
        self.first.with_user(self.manager).name = "Another name"
        change = self._last()
        change.action_undo()
        self.assertEqual(self.both.mapped("severity"), ["1", "0"])
        self.assertEqual(self.first.name, "Another name", "was not written by the change")
        [left] = change.line_ids.filtered(lambda line: line.state == "left")
        self.assertEqual((left.res_id, left.reason), (self.second.id, "Changed since: Severity."))

    def test_values_of_each_record_apart(self):
        symptom = self.env["customer.success.symptom"].search([], limit=1)
        self.both.web_save_multi(
            [{"symptom_ids": [Command.link(symptom.id)]}, {"severity": "3"}], {}
        )
        self.assertEqual(self.first.symptom_ids, symptom)
        self._last().action_undo()
        self.assertFalse(self.first.symptom_ids)
        self.assertEqual(self.second.severity, "2")

    def test_customers_whose_csm_is_changed_in_a_list_are_handed_over(self):
        customers = (self.customer | self.other).with_user(self.manager)
        self.first.user_id = self.csm
        customers.web_save(
            {"success_user_id": self.lead_csm.id, "success_sentiment": "worried"}, {}
        )
        self.assertEqual(self.first.user_id, self.lead_csm)
        change = self.changes.with_user(self.manager).search([("kind", "=", "edit")], limit=1)
        self.assertEqual(change.user_to_id, self.lead_csm)
        change.action_undo()
        self.assertEqual((self.customer | self.other).success_user_id, self.csm)
        self.assertFalse(self.customer.success_sentiment)
        self.assertEqual(self.first.user_id, self.csm)

    def test_forecasts_of_sales_are_kept(self):
        renewals = self._renewal(self.customer) | self._renewal(self.other)
        shown = (
            self.env["customer.success.sales.renewal"].with_user(self.sales).browse(renewals.ids)
        )
        shown.web_save({"forecast_effective": "committed"}, {})
        change = self.changes.with_user(self.manager).search([("kind", "=", "edit")], limit=1)
        self.assertEqual(change.user_id, self.sales)
        change.action_undo()
        self.assertFalse(any(renewals.mapped("forecast")))

    # -- terms ---------------------------------------------------------------------------------

    def _two_terms(self):
        return (self._renewal(self.customer) | self._renewal(self.other)).with_user(self.csm)

    def test_cheat_taking_back_the_edit_that_entered_notices(self):
        """Withdrawing a notice needs a reason and a manager; taking back an edit is no way around."""
        terms = self._two_terms()
        terms.web_save({"notice_given_on": TODAY, "notice_kind": "end"}, {})
        change = self._last()
        with freeze_time(days(-3)):
            change.action_undo()
        self.assertEqual(terms.mapped("notice_kind"), ["end", "end"])
        self.assertEqual((change.state, change.left_count), ("partly", 2))
        self.assertIn("Withdraw Notice", change.line_ids[0].reason)

    def test_innocent_a_slip_of_the_same_day_and_a_manager(self):
        terms = self._two_terms()
        for user, later in ((self.csm, TODAY), (self.manager, days(-3))):
            terms.web_save({"notice_given_on": TODAY, "notice_kind": "end"}, {})
            change = self._last()
            with self.subTest(user=user.login), freeze_time(later):
                change.with_user(user).action_undo()
                self.assertEqual((change.state, change.left_count), ("undone", 0))
                self.assertFalse(any(terms.mapped("notice_given_on")))
                self.assertFalse(terms.notice_user_id)

    def test_cheat_lowering_values_by_taking_back_an_edit_that_raised_them(self):
        terms = self._two_terms()
        with freeze_time(days(-3)):
            terms.web_save({"annual_value": 20000}, {})
        change = self._last()
        with freeze_time(days(-6)):
            change.action_undo()
        self.assertEqual(change.state, "undone")
        self.assertEqual(terms.mapped("annual_value"), [12000, 12000])
        self.assertEqual(terms.mapped("counted_value"), [20000, 20000], "a manager is asked")
        self.assertIn("was taken back", terms[0].change_ids.reason)

    def test_records_that_one_does_not_follow_any_more_are_left(self):
        self.second.partner_id = self.other
        self.both.web_save({"severity": "3"}, {})
        self.other.with_user(self.manager).success_user_id = self.lead_csm
        change = self._last()
        change.action_undo()
        self.assertEqual(self.both.sudo().mapped("severity"), ["1", "3"])
        [left] = change.line_ids.filtered(lambda line: line.state == "left")
        self.assertEqual(
            (left.res_id, left.reason), (self.second.id, "You may not change it any more.")
        )

    # -- companies -----------------------------------------------------------------------------

    def _manager_of(self, *companies):
        company_ids = [company.id for company in companies]
        return new_test_user(
            self.env,
            f"manager_of_{'_'.join(map(str, company_ids))}",
            "customer_success.group_success_manager",
            company_id=company_ids[0],
            company_ids=[Command.set(company_ids)],
        )

    def test_managers_of_other_companies_neither_see_nor_undo_it(self):
        own, north = self.env.company, self.env["res.company"].create({"name": "North"})
        self.customer.company_id = own
        self.both.web_save({"severity": "3"}, {})
        change = self._last()
        self.assertEqual(change.company_ids, own)
        other = change.with_user(self._manager_of(north))
        self.assertNotIn(other, other.search([]))
        lines = self.env["customer.success.mass.change.line"].with_user(other.env.user)
        self.assertFalse(lines.search([("mass_change_id", "=", change.id)]))
        for refused in (
            lambda: other.read(["name"]),
            lambda: lines.browse(change.line_ids.ids).read(["before"]),
            other.action_undo,
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                refused()
        self.assertEqual(self.both.mapped("severity"), ["3", "3"])
        both = change.with_user(self._manager_of(own, north))
        self.assertNotIn(change, both.with_context(allowed_company_ids=north.ids).search([]))
        both.with_context(allowed_company_ids=(own + north).ids).action_undo()
        self.assertEqual(self.both.mapped("severity"), ["1", "2"])

    def test_terms_have_the_company_that_sold_them(self):
        """The customers belong to all companies, their terms do not."""
        north = self.env["res.company"].create({"name": "North"})
        self._two_terms().web_save({"annual_value": 20000}, {})
        change = self._last()
        other = self._manager_of(north)
        self.assertNotIn(change, self.changes.with_user(other).search([]))
        self.assertIn(change, self.changes.with_user(self.manager).search([]))

    def test_innocent_a_manager_of_all_who_share_a_customer(self):
        self.both.web_save({"severity": "3"}, {})
        north = self.env["res.company"].create({"name": "North"})
        change = self._last().with_user(self._manager_of(north))
        self.assertFalse(change.company_ids)
        change.action_undo()
        self.assertEqual(self.both.mapped("severity"), ["1", "2"])

    # -- innocents -----------------------------------------------------------------------------

    def test_one_record_and_nothing_new_are_no_mass_change(self):
        self.first.with_user(self.csm).web_save({"severity": "3"}, {})
        self.both.web_save({"name": "Managers ask for sheets"}, {})
        self.assertFalse(self._last())

    def test_contacts_who_are_no_customers_are_none_of_ours(self):
        people = self.ada | self._contact(self.customer, "Ben")
        people.with_user(self.manager).web_save({"phone": "1"}, {})
        self.assertFalse(self.changes.with_user(self.manager).search([("kind", "=", "edit")]))

    def test_a_refused_change_leaves_no_record(self):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.both.with_user(self.sales).web_save({"severity": "3"}, {})
        self.assertFalse(self.changes.sudo().search([("kind", "=", "edit")]))
