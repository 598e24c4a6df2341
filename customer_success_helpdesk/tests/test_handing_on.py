from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.customer_success.tests.common import TODAY

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestHandingOn(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handoff = (
            cls.env["customer.success.handoff"]
            .with_user(cls.manager)
            .create({"kind": "support", "team_id": cls.team.id, "user_id": cls.agent.id})
        )

    def _log(self, customer=None, **vals):
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": (customer or self.customer).id,
                    "kind": "support",
                    "summary": "Private: <b>it crashes</b>",
                    **vals,
                }
            )
        )
        talk.action_log()
        return talk

    def test_support_becomes_a_ticket_of_the_team(self):
        talk = self._log()
        ticket = talk.ticket_id
        self.assertEqual(ticket.sudo().team_id, self.team)
        self.assertEqual(ticket.sudo().user_id, self.agent)
        self.assertEqual(ticket.sudo().partner_id, self.customer)
        self.assertEqual(talk.handed_to, f"First line (ticket {ticket.sudo().number})")
        self.assertEqual(talk.ticket_stage_id, self.new)
        self.assertFalse(self.customer.activity_ids, "the ticket replaces the activity")

    def test_a_mail_goes_out_too_where_one_is_set(self):
        self.handoff.email = "help@example.com"
        talk = self._log()
        self.assertTrue(talk.handed_to.endswith(", help@example.com"))

    def test_advice_is_handed_to_nobody(self):
        self.assertFalse(self._log(kind="advisory").ticket_id)

    def test_what_the_csm_wrote_is_not_shown_to_the_customer(self):
        contact = self._contact(self.customer)
        portal = new_test_user(
            self.env, "test_helpdesk_portal", "base.group_portal", partner_id=contact.id
        )
        ticket = self._log().ticket_id
        self.env.invalidate_all()
        seen = ticket.with_user(portal)
        self.assertNotIn("crashes", seen.description)
        self.assertNotIn("crashes", str(seen.message_ids.mapped("body")))
        self.env.invalidate_all()
        note = ticket.sudo().message_ids.filtered(lambda m: "crashes" in (m.body or ""))
        self.assertTrue(note.subtype_id.internal)
        self.assertIn("&lt;b&gt;", note.body)
        for name in ("ticket_id", "summary"):
            with self.subTest(name), self.assertRaises(AccessError):
                self._log().with_user(portal).read([name])

    def test_the_csm_follows_the_ticket_and_others_do_not_see_it(self):
        ticket = self._log().ticket_id
        self.assertEqual(ticket.with_user(self.csm).stage_id, self.new)
        with self.assertRaises(AccessError):
            ticket.with_user(self.sales).read(["name"])
        with self.assertRaises(AccessError):
            ticket.with_user(self.csm).stage_id = self.done

    def test_closing_the_ticket_closes_the_hand_off_and_tells_the_csm(self):
        talk = self._log()
        open_ones = [("ticket_id", "!=", False), ("date_handed_done", "=", False)]
        talks = self.env["customer.success.interaction"].with_user(self.csm)
        self.assertIn(talk, talks.search(open_ones))
        talk.ticket_id.with_user(self.agent).stage_id = self.done
        self.assertEqual(talk.date_handed_done, TODAY)
        self.assertEqual(talk.ticket_stage_id, self.done)
        self.assertIn("is closed. Its stage is Done.", talk.message_ids[0].body)
        self.assertIn(self.csm.partner_id, talk.message_ids[0].partner_ids)
        self.assertNotIn(talk, talks.search(open_ones))

    def test_opening_the_ticket_again_opens_the_hand_off(self):
        talk = self._log()
        talk.ticket_id.with_user(self.agent).stage_id = self.done
        talk.ticket_id.with_user(self.agent).stage_id = self.new
        self.assertFalse(talk.date_handed_done)
        self.assertIn("was reopened", talk.message_ids[0].body)

    def test_closing_many_tickets_tells_each_once(self):
        talks = [self._log() for _number in range(3)]
        tickets = self.env["helpdesk.ticket"].browse([talk.ticket_id.id for talk in talks])
        tickets.with_user(self.agent).write({"stage_id": self.done.id})
        tickets.with_user(self.agent).write({"stage_id": self.done.id})
        for talk in talks:
            told = talk.message_ids.filtered(lambda m: "is closed" in (m.body or ""))
            self.assertEqual(len(told), 1)

    def test_a_team_alone_is_enough_and_nobody_is_not(self):
        handoff = self.env["customer.success.handoff"].with_user(self.manager)
        handoff.create({"kind": "training", "team_id": self.team.id})
        self.assertTrue(self._log(kind="training").ticket_id)
        with self.assertRaises(ValidationError):
            handoff.create({"kind": "communication"})
        with self.assertRaises(AccessError):
            self.handoff.with_user(self.csm).team_id = False

    def test_a_team_that_is_gone_takes_nothing(self):
        self.handoff.user_id = False
        self.team.active = False
        talk = self._log()
        self.assertFalse(talk.ticket_id)
        self.assertIn("Nobody received this work", talk.message_ids[0].body)

    def test_the_ticket_is_of_the_customers_company(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.csm.write({"company_ids": [(4, other.id)]})
        self.team.company_id = False
        theirs = self._customer("Theirs", company_id=other.id)
        self.assertEqual(self._log(theirs).ticket_id.sudo().company_id, other)
        self.assertEqual(self._log().ticket_id.sudo().company_id, self.company)
