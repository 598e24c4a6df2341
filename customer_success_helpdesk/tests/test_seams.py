from odoo.tests import freeze_time, tagged

from odoo.addons.customer_success.plays.trigger import TRIGGERS
from odoo.addons.customer_success.scoring.symptoms.symptom import SYMPTOMS
from odoo.addons.customer_success.tests.common import TODAY, days
from odoo.addons.customer_success.tests.extending import run_file

from .common import HelpdeskCase

TRIGGER = """
from odoo import fields, models

from odoo.addons.customer_success.plays.trigger import Trigger, register


@register
class TicketOpen(Trigger):
    code = "ticket_open"
    label = "A ticket stays open"
    parameters = ("days",)
    days = 30
    causes = '''
    SELECT play.id, customer.id,
           ticket.id::text,
           ticket.create_date::date + play.days,
           jsonb_build_object('name', ticket.name)
      FROM helpdesk_ticket ticket
      JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id AND NOT stage.closed
      JOIN customer ON customer.id = ticket.partner_id
      JOIN play ON play.trigger = 'ticket_open' AND FITS
     WHERE ticket.partner_id IN_SCOPE
       AND ticket.active
       AND ticket.create_date::date + play.days BETWEEN play.date_start AND %(today)s
    '''

    def explanation(self, _):
        return _("A ticket is open for so many days.")

    def reason(self, words, facts):
        return words._("The ticket “%s” stays open", facts["name"])


class CustomerSuccessPlay(models.Model):
    _inherit = "customer.success.play"

    trigger = fields.Selection(
        selection_add=[("ticket_open", "A ticket stays open")],
        ondelete={"ticket_open": lambda plays: plays.write({"active": False, "trigger": "stalled"})},
    )
"""
SYMPTOM = """
from odoo.addons.customer_success.scoring.symptoms.symptom import Rule, Symptom, register


@register
class Asking(Symptom):
    code = "asking"
    limit = 80.0
    rules = (
        Rule(
            "adoption",
            "product.adoption",
            "%(symptom_asking)s",
            '''product.adoption < %(symptom_asking)s
               AND EXISTS (SELECT FROM helpdesk_ticket ticket
                            WHERE ticket.partner_id = product.partner_id AND ticket.active)''',
        ),
    )
"""


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSeams(HelpdeskCase):
    """The trigger and the symptom of a bridge read the tables of its own addon."""

    def test_a_trigger_of_a_bridge(self):
        self.addCleanup(TRIGGERS.pop, "ticket_open", None)
        run_file(self, TRIGGER)
        plays = self.env["customer.success.play"]
        plays.search([]).active = False
        play = plays.create(
            {
                "name": "Tickets",
                "trigger": "ticket_open",
                "activity_plan_id": self.env["mail.activity.plan"]
                .create({"name": "Call", "res_model": "res.partner", "company_id": False})
                .id,
                "date_start": days(300),
            }
        )
        self.assertEqual(play.days, 30)
        self._tickets(self.customer, 31)
        self._tickets(self.customer, 60, closed=True)
        self._tickets(self._customer("Fresh"), 29)
        customers = self.env["res.partner"].search([("success_stage_id", "!=", False)])
        self.assertEqual(plays._evaluate(customers.ids), 1)
        self.assertEqual(play.run_ids.reason, "The ticket “It does not work (31)” stays open")

    def test_a_symptom_of_a_bridge(self):
        self.addCleanup(SYMPTOMS.pop, "asking", None)
        run_file(self, SYMPTOM)
        flags = self.env["customer.success.symptom.flag"]
        customers = self.customer | self._customer("Quiet")
        for customer in customers:
            self._usage(customer, active=79)
        self._tickets(self.customer, 3)
        self.assertEqual(flags._check(customers.ids), (0, 0), "no record here has this code")
        self.env["customer.success.symptom"].create({"name": "Asking", "code": "asking"})
        self.assertEqual(flags._check(customers.ids), (1, 0))
        self.assertEqual(self.customer.success_symptom_flag_ids.symptom_id.name, "Asking")
