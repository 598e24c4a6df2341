from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, SuccessCase, days
from .outputs.workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRoleExplained(SuccessCase):
    """The CSM's role is explained to the customer's people and to our own: to whom, when, and for how long."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer(success_go_live_date=days(300))
        cls.ada = cls._contact(cls.customer, "Ada")
        cls.colleague = cls.sales.partner_id

    def _talk(self, log=True, **vals):
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "contact_ids": self.ada.ids,
                    "role_explained": True,
                    "summary": "What a CSM is there for",
                    "date": days(2),
                    "duration": 0.5,
                    "quality": "4",
                    "focus": "4",
                    **vals,
                }
            )
        )
        if log:
            talk.action_log()
            self.env.invalidate_all()
        return talk

    def _internal(self, **vals):
        return self._talk(
            **{
                "partner_id": False,
                "contact_ids": False,
                "kind": "internal",
                "colleague_ids": self.colleague.ids,
                "duration": 1.0,
                **vals,
            }
        )

    def _leader(self, contact=None, role="sponsor"):
        return (
            self.env["customer.success.stakeholder"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.customer.id,
                    "contact_id": (contact or self.ada).id,
                    "role": role,
                }
            )
        )

    def _attention(self):
        self.env.invalidate_all()
        return str(self.customer.with_user(self.csm).success_attention)

    def test_s39_a_new_leader_is_due_until_the_role_is_explained(self):
        leader = self._leader()
        self.assertIn("Explain your role to the sponsor Ada", self._attention())
        due = [("role_due", "=", True), ("partner_id", "=", self.customer.id)]
        people = self.env["customer.success.stakeholder"].with_user(self.manager)
        self.assertEqual(people.search(due), leader)
        self.assertEqual(self._card(), "1")
        self._talk(log=False)
        self.assertIn("Explain your role", self._attention(), "planned is not done")
        self._talk()
        self.assertNotIn("Explain your role", self._attention())
        self.assertFalse(people.search(due))
        self.assertEqual(leader.role_explained_date, days(2))
        self.assertIsNone(self._card(), "the card is there only if somebody is due")
        ben = self._leader(self._contact(self.customer, "Ben"), "decision_maker")
        self.assertIn("Explain your role to the decision maker Ben", self._attention())
        self.assertEqual(people.search(due), ben)

    def _card(self):
        """Return the number on the card of the dashboard that counts leaders, as the manager sees it."""
        content = self.env["customer.success.dashboard"].with_user(self.manager).create({}).content
        cards = {card["label"]: card["value"] for card in content["tiles"]}
        return cards.get("CSM's role not explained")

    def test_s39_our_own_people_are_named_and_the_hours_count(self):
        self._talk()
        self._internal()
        talks = self.env["customer.success.interaction"].with_user(self.manager)
        held = [
            ("role_explained", "=", True),
            ("state", "=", "held"),
            ("user_id", "=", self.csm.id),
        ]
        [(hours, people, number)] = talks._read_group(
            held, [], ["explained_hours:sum", "explained_people:sum", "__count"]
        )
        self.assertEqual((hours, people, number), (1.5, 2, 2))
        by_colleague = dict(talks._read_group(held, ["colleague_ids"], ["explained_hours:sum"]))
        self.assertEqual(by_colleague[self.colleague], 1.0)
        by_contact = dict(talks._read_group(held, ["contact_ids"], ["explained_hours:sum"]))
        self.assertEqual(by_contact[self.ada], 0.5)

    def test_s39_the_form_asks_for_our_people_and_for_the_role(self):
        form = Form(
            self.env["customer.success.interaction"].with_user(self.csm),
            "customer_success.customer_success_interaction_view_form",
        )
        form.kind = "internal"
        form.colleague_ids.add(self.colleague)
        form.role_explained = True
        talk = form.save()
        self.assertEqual(talk.colleague_ids, self.colleague)

    # Innocents

    def test_a_new_customer_and_a_user_lead_owe_nothing(self):
        self.assertNotIn("Explain your role", self._attention())
        self._leader(role="user_lead")
        self.assertNotIn("Explain your role", self._attention())

    def test_leaders_who_were_named_before_dates_were_kept_are_not_new(self):
        leader = self._leader()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_success_stakeholder SET date = NULL WHERE id = %s", [leader.id]
        )
        self.assertNotIn("Explain your role", self._attention())
        leader.role = "decision_maker"
        self.assertIn("Explain your role", self._attention(), "a new role is a new leader")

    def test_colleagues_may_take_part_without_an_explanation(self):
        talk = self._talk(colleague_ids=self.colleague.ids, role_explained=False)
        self.assertEqual((talk.explained_hours, talk.explained_people), (0, 0))

    # Cheats

    def test_nobody_is_told_if_nobody_is_named(self):
        for vals in (
            {"contact_ids": False},
            {"contact_ids": False, "colleague_ids": self.csm.partner_id.ids},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(ValidationError, "Name those to whom"),
                self.cr.savepoint(),
            ):
                self._talk(**vals)

    def test_a_stranger_is_none_of_our_people(self):
        for person in (self.ada, self._contact(self._customer("Other"), "Eve")):
            with (
                self.subTest(person=person.name),
                self.assertRaisesRegex(ValidationError, "not one of our own people"),
                self.cr.savepoint(),
            ):
                self._talk(colleague_ids=person.ids)

    def test_a_held_conversation_explains_nothing_afterwards(self):
        self._leader()
        talk = self._talk(role_explained=False)
        for vals in ({"role_explained": True}, {"colleague_ids": self.colleague.ids}):
            with self.subTest(vals), self.assertRaises(UserError):
                talk.write(vals)
        self.assertIn("Explain your role", self._attention())


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRoleExplainedSheet(WorkbookCase):
    def test_s39_the_workbook_says_to_whom_the_role_was_explained_and_when(self):
        ada, ben = self._contact(self.risky), self._contact(self.risky, "Ben")
        people = self.env["customer.success.stakeholder"].with_user(self.csm)
        for contact, role in ((ada, "sponsor"), (ben, "decision_maker")):
            people.create({"partner_id": self.risky.id, "contact_id": contact.id, "role": role})
        talk = (
            self.env["customer.success.interaction"]
            .with_user(self.csm)
            .create(
                {
                    "partner_id": self.risky.id,
                    "contact_ids": ada.ids,
                    "role_explained": True,
                    "date": days(3),
                    "quality": "4",
                    "focus": "4",
                }
            )
        )
        talk.action_log()
        self.env.flush_all()
        book = self._book(self.manager)
        said = {
            line["Person"].value: line["CSM's role explained on"].value
            for line in self._lines(book["Stakeholders"])
        }
        self.assertEqual(said["Ada"].date(), days(3))
        self.assertFalse(said["Ben"])
        [talked] = [
            line
            for line in self._lines(book["Conversations"])
            if line["Hours explaining the CSM's role"].value
        ]
        self.assertEqual(talked["Customer"].value, "Risky")
        self.assertEqual(talked["People told about the role"].value, 1)
        words = [cell.value for row in book["Summary"].iter_rows() for cell in row]
        self.assertIn("Leaders to whom the CSM's role was not explained", words)
