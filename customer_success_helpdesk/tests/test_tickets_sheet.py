from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.customer_success.tests.common import TODAY
from odoo.addons.customer_success.tests.outputs.workbook_common import WorkbookCase

from .common import HelpdeskCase

AVERAGES = "All rows: number, average or total"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTicketsSheet(HelpdeskCase, WorkbookCase):
    """A sheet of another addon, which is chosen, filtered, limited and totalled like the sheets of the workbook."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids += cls.env.ref("helpdesk_mgmt.group_helpdesk_user")
        contact = cls._contact(cls.risky, "Ada")
        cls.old, cls.fresh = cls._tickets(contact, 40, 2, priority="3", user_id=cls.agent.id)
        cls.old.name = "=1+1"
        cls.fresh.priority = "0"
        cls.theirs = cls._tickets(cls.evil, 10)
        cls._tickets(cls.risky, 5, closed=True)
        cls._tickets(cls.risky, 5, duplicate_id=cls.old.id)
        cls._tickets(cls.risky, 5, active=False)
        cls.elsewhere = cls._tickets(cls.customer, 5)  # of a customer that is not in the book
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _tickets_sheet(self, user=None, **more):
        return self._book(user, sheets=["tickets"], **more)["Tickets"]

    def _numbers(self, user=None):
        return {
            line["Number"].value
            for line in self._lines(self._tickets_sheet(user))
            if line["Number"].value
        }

    def test_open_tickets_of_the_customers_in_the_book_are_listed(self):
        tickets = self.old | self.fresh | self.theirs
        self.assertEqual(self._numbers(), set(tickets.mapped("number")))

    def test_a_row_tells_customer_team_stage_and_age(self):
        first = self._lines(self._tickets_sheet())[0]
        self.assertEqual(first["Number"].value, self.old.number, "very high comes first")
        for heading, value in (
            ("Customer", "Risky"),
            ("Reported by", "Ada"),
            ("Ticket", "=1+1"),
            ("Priority", "Very High"),
            ("Stage", "New"),
            ("Team", "First line"),
            ("Age in days", 40),
            ("Assigned to", self.agent.name),
        ):
            with self.subTest(heading=heading):
                self.assertEqual(first[heading].value, value)
        self.assertEqual(first["Ticket"].data_type, "s")

    def test_totals_are_formulas_with_what_they_come_to(self):
        formulas = self._totals(self._tickets_sheet())[AVERAGES]
        values = self._totals(self._tickets_sheet(values=True))[AVERAGES]
        self.assertTrue(formulas["Age in days"].value.startswith("=AVERAGE("))
        self.assertAlmostEqual(values["Age in days"].value, (40 + 2 + 10) / 3)
        self.assertEqual(values["Number"].value, 3)

    def test_rules_of_the_helpdesk_hold(self):
        """Show a CSM without a helpdesk role only the tickets that they follow, of their own customers."""
        self.assertEqual(self._numbers(self.csm), set())
        self.fresh.message_subscribe(partner_ids=self.csm.partner_id.ids)
        self.theirs.message_subscribe(partner_ids=self.csm.partner_id.ids)
        self.env.flush_all()
        self.assertEqual(self._numbers(self.csm), {self.fresh.number})

    def test_tickets_of_other_companies_are_left_out(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.team.company_id = False
        self.theirs.company_id = other
        self.env.flush_all()
        self.assertNotIn(self.theirs.number, self._numbers())

    def test_who_may_not_read_tickets_has_no_such_sheet(self):
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "helpdesk.ticket"), ("perm_read", "=", True)]
        ).filtered(lambda line: line.group_id == self.env.ref("base.group_user")).unlink()
        self.assertNotIn("Tickets", self._book(self.csm).sheetnames)
        self.assertIn("Tickets", self._book(self.manager).sheetnames)

    def test_it_follows_the_barriers_and_is_explained(self):
        book = self._book()
        names = book.sheetnames
        self.assertEqual(names.index("Tickets"), names.index("Barriers") + 1)
        explained = [row[0].value for row in book["Method"].iter_rows()]
        self.assertIn("Open tickets", explained)

    def test_it_is_chosen_in_the_wizard_and_in_schedules(self):
        wizard = self.env["customer.success.workbook.wizard"].with_user(self.manager)
        self.assertIn('name="with_tickets"', wizard.get_view(view_type="form")["arch"])
        self.assertIn("tickets", wizard.create({})._sheets())
        self.assertNotIn("tickets", wizard.create({"with_tickets": False})._sheets())
        schedules = self.env["customer.success.workbook.schedule"].with_user(self.manager)
        self.assertIn('name="with_tickets"', schedules.get_view(view_type="form")["arch"])
        schedule = schedules.create({"recipient_ids": [(6, 0, self.manager.ids)]})
        self.assertIn("tickets", schedule._prepare_request()["sheets"])

    def test_more_tickets_take_no_more_queries(self):
        agents = [
            new_test_user(self.env, f"test_agent_{n}", "helpdesk_mgmt.group_helpdesk_user")
            for n in range(5)
        ]
        self._queries()
        few = self._queries()
        self.team.user_ids += self.env["res.users"].union(*agents)
        for agent in agents:
            self._tickets(self.risky, 1, 2, 3, user_id=agent.id)
        self.assertLessEqual(self._queries(), few + 1)

    def _queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._tickets_sheet()
        return self.env.cr.sql_log_count - before
