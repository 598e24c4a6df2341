from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import TODAY, SuccessCase, days

NOBODY = [("is_leaked", "=", True), ("state", "=", "held"), ("handed_to", "=", False)]


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestHandingOnOtherWork(SuccessCase):
    """Work that is not a CSM's: said to whom it goes, asked where nobody is set, handed on later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handoffs = cls.env["customer.success.handoff"]
        cls.handoffs.search([]).unlink()
        cls.talks = cls.env["customer.success.interaction"].with_user(cls.csm)
        cls.customer = cls._customer()
        cls.dialogs = cls.env["customer.success.hand.on"].with_user(cls.csm)

    def _talk(self, kind="support", **vals):
        return self.talks.create({"partner_id": self.customer.id, "kind": kind, **vals})

    def _not_handed_on(self):
        """Return what the filter of the list shows to the CSM."""
        search = self.env.ref("customer_success.customer_success_interaction_view_search")
        self.assertIn(f'string="Not Handed On" domain="{NOBODY!r}"', search.arch)
        return self.talks.search(NOBODY)

    def _form_text(self):
        return self.env.ref("customer_success.customer_success_interaction_view_form").arch

    def _dialog(self, action, **vals):
        return self.dialogs.with_context(**action["context"]).create(vals)

    def test_the_form_says_to_whom_it_goes_before_it_is_logged(self):
        self.handoffs.with_user(self.manager).create(
            {"kind": "support", "user_id": self.sales.id, "email": "help@example.com"}
        )
        form = Form(self.talks.with_context(default_partner_id=self.customer.id))
        self.assertFalse(form.handoff_target, "advice is the CSM's own work")
        form.kind = "support"
        self.assertEqual(form.handoff_target, f"{self.sales.name}, help@example.com")
        form.kind = "training"
        self.assertFalse(form.handoff_target)
        self.assertIn("Nobody is set for this kind of work", self._form_text())

    def test_the_entry_of_the_customers_company_goes_first(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.csm.company_ids += other
        self.handoffs.create({"kind": "support", "email": "all@example.com"})
        self.handoffs.create(
            {"kind": "support", "email": "other@example.com", "company_id": other.id}
        )
        theirs = self._customer("Theirs", company_id=other.id)
        self.assertEqual(self._talk().handoff_target, "all@example.com")
        talk = self._talk(partner_id=theirs.id)
        self.assertEqual(talk.handoff_target, "other@example.com")
        talk.action_log()
        self.assertEqual(talk.handed_to, "other@example.com", "what was said is what was done")

    def test_a_person_chosen_on_the_spot_receives_it(self):
        talk = self._talk("training", handoff_user_id=self.sales.id)
        self.assertIs(talk.action_log(), True)
        self.assertEqual(talk.handed_to, self.sales.name)
        self.assertEqual(self.customer.activity_ids.user_id, self.sales)
        self.assertNotIn(talk, self._not_handed_on())

    def test_where_nobody_is_set_it_is_asked_and_never_claimed(self):
        talk = self._talk("training")
        action = talk.action_log()
        self.assertEqual(talk.state, "held", "the time counts whoever takes over the work")
        self.assertFalse(talk.handed_to)
        self.assertIn("Nobody received this work", talk.message_ids[0].body)
        self.assertIn(talk, self._not_handed_on())
        dialog = self._dialog(action)
        self.assertTrue(dialog.has_gap)
        with self.assertRaisesRegex(UserError, "Nobody is set for this work"):
            dialog.action_hand_on()
        dialog.user_id = self.sales
        dialog.action_hand_on()
        self.assertEqual(talk.handed_to, self.sales.name)
        self.assertEqual(self.customer.activity_ids.user_id, self.sales)
        self.assertNotIn(talk, self._not_handed_on())

    def test_later_from_the_record_once_somebody_is_set(self):
        talk = self._talk("requirements")
        talk.action_log()
        self.handoffs.create({"kind": "requirements", "email": "build@example.com"})
        dialog = self._dialog(talk.action_hand_on())
        self.assertFalse(dialog.has_gap)
        dialog.action_hand_on()
        self.assertEqual(talk.handed_to, "build@example.com")
        mail = self.env["mail.mail"].search([("email_to", "=", "build@example.com")])
        self.assertEqual(len(mail), 1)
        with self.assertRaisesRegex(UserError, "nothing to hand on"):
            talk.action_hand_on()
        dialog.action_hand_on()
        self.assertEqual(
            self.env["mail.mail"].search_count([("email_to", "=", "build@example.com")]),
            1,
            "handed on once",
        )

    def test_later_from_the_list_several_at_once(self):
        talks = self._talk("support") + self._talk("training") + self._talk("advisory")
        talks.action_log()
        self.handoffs.create({"kind": "support", "email": "help@example.com"})
        dialog = self._dialog(talks.action_hand_on())
        self.assertEqual(dialog.interaction_ids, talks[:2], "advice is not handed on")
        self.assertTrue(dialog.has_gap, "nobody is set for training")
        with self.assertRaisesRegex(UserError, "Training"):
            dialog.action_hand_on()
        self.assertFalse(talks[0].handed_to, "all of them, or none")
        dialog.user_id = self.sales
        dialog.action_hand_on()
        self.assertEqual(talks.mapped("handed_to"), [self.sales.name, self.sales.name, False])
        self.assertFalse(self._not_handed_on())

    def test_people_who_are_gone_or_cannot_see_the_customer_receive_nothing(self):
        other = self.env["res.company"].create({"name": "Other company"})
        stranger = new_test_user(
            self.env,
            "test_stranger",
            "base.group_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.customer.company_id = self.company
        talk = self._talk()
        talk.action_log()
        dialog = self._dialog(talk.action_hand_on(), user_id=stranger.id)
        with self.assertRaisesRegex(ValidationError, "cannot see Acme"), self.cr.savepoint():
            dialog.action_hand_on()
        self.sales.active = False
        dialog.user_id = self.sales
        with self.assertRaisesRegex(ValidationError, "cannot see Acme"), self.cr.savepoint():
            dialog.action_hand_on()
        self.assertFalse(talk.handed_to)
        handoff = self.handoffs.create({"kind": "support", "user_id": stranger.id})
        handoff.user_id.active = False
        talk.invalidate_recordset()
        self.assertFalse(talk.handoff_target, "who was archived takes nothing over")

    def test_a_mail_that_could_not_be_sent_was_received_by_nobody(self):
        self.handoffs.create({"kind": "support", "email": "help@example.com"})
        talk = self._talk()
        talk.action_log()
        mail = self.env["mail.mail"].search([("email_to", "=", "help@example.com")])
        mail.write({"state": "exception", "failure_reason": "No such mailbox"})
        mail._postprocess_sent_message([], [], "No such mailbox", "mail_email_invalid")
        self.assertFalse(talk.handed_to)
        self.assertIn(talk, self._not_handed_on())
        self.assertIn("No such mailbox", talk.message_ids[0].body)

    def test_nobody_says_it_was_handed_on_by_hand(self):
        talk = self._talk(handed_to="Somebody")
        self.assertFalse(talk.handed_to)
        talk.action_log()
        with self.assertRaisesRegex(UserError, "Hand On"):
            talk.write({"handed_to": "Somebody"})
        self.assertIn(talk, self._not_handed_on())
        with self.assertRaisesRegex(ValidationError, "not an email address"):
            self.handoffs.with_user(self.manager).create({"kind": "support", "email": "the team"})

    def test_one_does_not_hand_on_the_conversations_of_others(self):
        theirs = self._customer("Theirs", success_user_id=self.lead_csm.id)
        talk = self.env["customer.success.interaction"].create(
            {"partner_id": theirs.id, "kind": "support", "user_id": self.lead_csm.id}
        )
        talk.action_log()
        with self.assertRaises(AccessError):
            self.dialogs.create(
                {"interaction_ids": talk.ids, "user_id": self.csm.id}
            ).action_hand_on()
        self.assertFalse(talk.handed_to)

    def test_what_comes_as_held_is_logged_without_a_dialog(self):
        talk = self._talk("support", state="held", date=days(3))
        self.assertEqual(talk.state, "held")
        self.assertIn(talk, self._not_handed_on())

    def _routed(self, kind, to):
        """Log a conversation of a kind whose team is set; assert where it goes and that it earns no engagement."""
        self.handoffs.with_user(self.manager).create({"kind": kind, "user_id": to.id})
        talk = self._talk(kind, summary="As asked", duration=2, date=days(1))
        self.assertEqual(talk.handoff_target, to.name, "said before it is logged")
        talk.action_log()
        self.assertEqual(talk.handed_to, to.name)
        self.assertEqual(self.customer.activity_ids.user_id, to)
        self.assertEqual((talk.advice_hours, talk.leaked_hours), (0, 2))
        seen = self.customer.with_user(self.csm)
        seen.invalidate_recordset()
        self.assertFalse(seen.success_last_talk_date, "no conversation with the advisor")
        return talk

    def test_s42_requirements_and_go_live_are_handed_to_the_team_that_is_set(self):
        talk = self._routed("requirements", self.sales)
        label = dict(talk._fields["kind"]._description_selection(self.env))[talk.kind]
        self.assertIn("Go-Live", label)

    def test_s45_troubleshooting_goes_to_support(self):
        self._routed("support", self.sales)

    def test_s46_a_broadcast_goes_to_its_team_and_never_counts_as_engagement(self):
        self._routed("communication", self.sales)
        self._rescore(self.customer)
        self.assertEqual(self.customer.success_score_id.coverage, 0, "it covers no question")

    def test_s47_the_report_shows_a_csms_time_lost_to_the_work_of_others(self):
        self._routed("training", self.sales)
        for kind, hours in (("advisory", 3), ("support", 1), ("communication", 2)):
            self._talk(kind, duration=hours, summary="As agreed", date=days(1)).action_log()
        action = self.env.ref("customer_success.customer_success_interaction_action_time")
        rows = (
            self.env[action.res_model]
            .with_user(self.manager)
            ._read_group(
                [("user_id", "=", self.csm.id), ("state", "=", "held")],
                ["user_id", "kind"],
                ["advice_hours:sum", "leaked_hours:sum"],
            )
        )
        self.assertEqual(
            {kind: (advice, leaked) for _user, kind, advice, leaked in rows},
            {
                "advisory": (3, 0),
                "support": (0, 1),
                "communication": (0, 2),
                "training": (0, 2),
            },
        )
        [(share,)] = self.talks._read_group(
            [("user_id", "=", self.csm.id)], [], ["advice_share:avg"]
        )
        self.assertEqual(share, 37.5)
