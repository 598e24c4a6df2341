from odoo.tests import new_test_user

from odoo.addons.customer_success.tests.common import SuccessCase, days


class HelpdeskCase(SuccessCase):
    """A base of tests with tickets of a customer in one team; today is 2026-06-15, a Monday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(cls.env, "test_agent", "helpdesk_mgmt.group_helpdesk_user")
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "First line", "user_ids": [(4, cls.agent.id)], "show_in_portal": True}
        )
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.new = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        cls.customer = cls._customer("Acme")

    @classmethod
    def _tickets(cls, customer, *ages, closed=False, **vals):
        """Create tickets that were opened the given numbers of days ago; return them."""
        tickets = cls.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"It does not work ({age})",
                    "description": "Help.",
                    "partner_id": customer.id,
                    "team_id": cls.team.id,
                    "stage_id": (cls.done if closed else cls.new).id,
                    **vals,
                }
                for age in ages
            ]
        )
        cls.env.flush_all()
        for ticket, age in zip(tickets, ages):
            cls.env.cr.execute(
                "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s", (days(age), ticket.id)
            )
        return tickets

    def _factor(self, customer):
        """Return value and evidence of the tickets of a customer, or ``None`` if unknown."""
        self._rescore(customer)
        lines = customer.success_score_id.breakdown["factors"]
        line = next((line for line in lines if line["code"] == "tickets"), None)
        return line and (line["value"], line["evidence"])
