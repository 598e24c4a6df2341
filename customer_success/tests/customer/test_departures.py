from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import TODAY, SuccessCase, days


class DepartureCase(SuccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme")
        cls.other = cls._customer("Borealis")
        cls.ada = cls._contact(cls.customer, "Ada Shah")
        cls.ada.email = "ada@example.com"
        cls.ben = cls._contact(cls.customer, "Ben Ito")
        cls.ben.email = "ben@example.com"
        cls.barrier = cls._barrier(cls.customer, owner_contact_id=cls.ada.id)
        cls.barrier.write({"authority": "granted"})
        cls.change = cls.env["customer.success.change"].create(
            {
                "partner_id": cls.customer.id,
                "name": "New version",
                "date": days(-30),
                "owner_contact_id": cls.ada.id,
            }
        )

    def _theirs(self, **vals):
        return self.env["customer.success.departure"].search(
            [("contact_id", "=", self.ada.id), *vals.items()]
        )

    def _escalations(self):
        return self.barrier.activity_ids.filtered(lambda one: "Get authority" in one.summary)

    def _share(self, record, *people):
        self.env["customer.success.share"].with_user(self.csm).create(
            {
                "res_model": record._name,
                "res_id": record.id,
                "contact_ids": [person.id for person in people],
            }
        ).action_share()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLeavingContacts(DepartureCase):
    """A contact who is archived or moves away is at once owner of nothing at the old customer."""

    def _leave(self, how):
        if how == "archived":
            self.ada.with_user(self.sales).action_archive()
        else:
            self.ada.with_user(self.sales).parent_id = self.other

    def test_the_barrier_goes_back_and_escalates_at_once(self):
        for how in ("archived", "moved"):
            with self.subTest(how=how), self.env.cr.savepoint() as savepoint:
                self.assertEqual(self.barrier.state, "empowered")
                self._leave(how)
                self.assertFalse(self.barrier.owner_contact_id)
                self.assertEqual(
                    (self.barrier.state, self.barrier.authority, self.barrier.waiting_since),
                    ("confirmed", "none", TODAY),
                )
                self.assertFalse(self.barrier.authority_date)
                self.assertEqual(self._escalations().user_id, self.csm)
                self.assertFalse(self.change.owner_contact_id)
                with self.assertRaises(UserError):
                    self.barrier.with_user(self.csm).state = "removing"
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_csm_reads_why_in_the_chatter(self):
        self._leave("moved")
        self.assertIn("Ada Shah, who owned it, has left", self.barrier.message_ids[0].body)

    def test_people_below_a_department_that_moves_leave_as_well(self):
        department = self.env["res.partner"].create(
            {"name": "Plant", "parent_id": self.customer.id}
        )
        self.ada.parent_id = department
        self.assertEqual(self.barrier.owner_contact_id, self.ada, "same company")
        department.parent_id = self.other
        self.assertFalse(self.barrier.owner_contact_id)

    def test_a_merge_into_a_person_elsewhere_takes_it_back(self):
        cara = self._contact(self.other, "Cara")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.ada | cara).ids, cara)
        self.env.invalidate_all()
        self.assertFalse(self.barrier.owner_contact_id)
        self.assertEqual(self.barrier.state, "confirmed")

    def test_the_job_finds_owners_who_left_unseen(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET active = false WHERE id = %s", [self.ada.id])
        self.env.invalidate_all()
        self.assertEqual(self.env["customer.success.barrier"]._owned_by_gone(), self.barrier)
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_barriers").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.barrier.state, "confirmed")

    def test_a_sponsor_who_is_gone_is_flagged_at_once(self):
        person = self.env["customer.success.stakeholder"].create(
            {"partner_id": self.customer.id, "contact_id": self.ada.id, "role": "sponsor"}
        )
        self.assertFalse(person.is_gone)
        self._leave("moved")
        self.assertTrue(person.is_gone)
        self.assertTrue(person.needs_attention)
        self.assertIn("the sponsor has left", self.customer.with_user(self.csm).success_attention)

    # -- innocents -----------------------------------------------------------------------------

    def test_who_stays_keeps_what_is_theirs(self):
        self.ada.write({"name": "Ada Shah-Lee", "phone": "1"})
        self.ada.parent_id = self.env["res.partner"].create(
            {"name": "Plant", "parent_id": self.customer.id}
        )
        self.ben.active = False
        self.customer.write({"name": "Acme Ltd", "is_company": True})
        self.assertEqual(self.barrier.owner_contact_id, self.ada)
        self.assertEqual(self.barrier.state, "empowered")
        self.assertFalse(self._theirs())

    def test_what_is_done_stays_with_who_did_it(self):
        self.barrier.write({"state": "removing"})
        self.barrier.write({"state": "removed"})
        self._leave("archived")
        self.assertEqual(self.barrier.owner_contact_id, self.ada)
        self.assertEqual(self.barrier.authority, "granted")

    def test_barriers_of_a_former_customer_escalate_to_nobody(self):
        self.customer.success_former_date = days(1)
        self._leave("archived")
        self.assertFalse(self.barrier.owner_contact_id)
        self.assertFalse(self._escalations())

    # -- cheats --------------------------------------------------------------------------------

    def test_nobody_who_is_gone_becomes_owner(self):
        self._leave("archived")
        with self.assertRaisesRegex(ValidationError, "is archived"):
            self.barrier.with_user(self.csm).owner_contact_id = self.ada
        self.ada.write({"active": True, "parent_id": self.other.id})
        with self.assertRaisesRegex(ValidationError, "does not belong to"):
            self.barrier.with_user(self.csm).owner_contact_id = self.ada

    def test_archiving_and_restoring_does_not_keep_the_authority(self):
        self._leave("archived")
        self.ada.active = True
        self.assertFalse(self.barrier.owner_contact_id)
        self.assertEqual(self.barrier.state, "confirmed")

    # -- shares and links ----------------------------------------------------------------------

    def test_links_end_and_colleagues_keep_the_record(self):
        self._share(self.barrier, self.ada, self.ben)
        token = self.barrier.access_token
        self.barrier.message_subscribe(self.ada.ids)
        self._leave("moved")
        self.assertFalse(self.barrier._is_open_to(self.ada, token))
        self.assertFalse(self.barrier._is_open_to(self.env["res.partner"], token))
        self.assertNotIn(self.ada, self.barrier.message_partner_ids)
        self.assertTrue(self.barrier.is_shared)
        self.assertTrue(self.barrier._is_open_to(self.ben))

    def test_a_share_with_nobody_left_ends(self):
        self.ben.active = False
        self._share(self.barrier, self.ada)
        self._leave("archived")
        self.assertFalse(self.barrier.is_shared)
        self.assertIn("no longer shared", " ".join(self.barrier.message_ids.mapped("body")))

    def test_the_links_of_others_and_our_followers_stay(self):
        self._share(self.barrier, self.ben)
        self.barrier.message_subscribe(self.csm.partner_id.ids)
        token = self.barrier.access_token
        self._leave("moved")
        self.assertEqual(self.barrier.access_token, token)
        self.assertIn(self.csm.partner_id, self.barrier.message_partner_ids)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestContactsWhoComeBack(DepartureCase):
    """Nothing opens again by itself: what was theirs is listed, and a person gives it back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada.active = False
        cls.departures = cls.env["customer.success.departure"].with_user(cls.csm)

    def _of_barrier(self):
        return self.departures.search(
            [("contact_id", "=", self.ada.id), ("res_model", "=", self.barrier._name)]
        )

    def test_what_was_theirs_is_listed(self):
        self.assertEqual(
            self.departures.search([("is_back", "=", True), ("contact_id", "=", self.ada.id)]),
            self.departures,
        )
        self.ada.active = True
        theirs = self.departures.search([("is_back", "=", True), ("contact_id", "=", self.ada.id)])
        self.assertEqual(
            set(theirs.mapped("res_model")), {"customer.success.barrier", "customer.success.change"}
        )
        self.assertTrue(self._of_barrier().had_authority)
        self.assertIn("Managers ask", self._of_barrier().what)
        attention = self.customer.with_user(self.csm).success_attention
        self.assertIn("Ada Shah is here again", attention)
        self.assertFalse(self.barrier.owner_contact_id)

    def test_a_person_gives_it_back_without_the_authority(self):
        self.ada.active = True
        self._of_barrier().action_give_back()
        self.assertEqual(self.barrier.owner_contact_id, self.ada)
        self.assertEqual((self.barrier.state, self.barrier.authority), ("confirmed", "none"))
        self.assertEqual(self._of_barrier().given_back_by_id, self.csm)
        with self.assertRaisesRegex(UserError, "already"):
            self._of_barrier().action_give_back()
        self.barrier.with_user(self.csm).authority = "granted"
        self.assertEqual(self.barrier.state, "empowered")

    def test_it_is_refused_in_words_what_cannot_be_given_back(self):
        with self.assertRaisesRegex(UserError, "is not back at Acme"):
            self._of_barrier().action_give_back()
        self.ada.write({"active": True, "parent_id": self.other.id})
        with self.assertRaisesRegex(UserError, "is not back at Acme"):
            self._of_barrier().action_give_back()
        self.ada.parent_id = self.customer
        self.barrier.owner_contact_id = self.ben
        with self.assertRaisesRegex(UserError, "is Ben Ito's now"):
            self._of_barrier().action_give_back()
        self.assertEqual(self.barrier.owner_contact_id, self.ben)
        self.barrier.write({"owner_contact_id": False})
        self.barrier.write({"state": "accepted", "resolution": "So be it"})
        with self.assertRaisesRegex(UserError, "is closed"):
            self._of_barrier().action_give_back()

    def test_others_neither_see_nor_give_it_back(self):
        self.ada.active = True
        self.customer.success_user_id = self.lead_csm
        self.assertFalse(self._of_barrier())
        row = self.departures.sudo().search([("contact_id", "=", self.ada.id)])
        with self.assertRaises(AccessError):
            row.with_user(self.csm).action_give_back()
        with self.assertRaises(AccessError):
            row.with_user(self.sales).read(["what"])
