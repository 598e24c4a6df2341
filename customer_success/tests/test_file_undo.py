from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY
from .test_files import FileCase

MASS_CHANGES = "odoo.addons.customer_success.models.common.customer_success_mass_change"
BOOK = (
    "Customer,Reference,Stage,Renewal Date,ARR,Seats,Product,Use: Period From,Active Users,Licensed Users\n"
    "Acme,A-1,First use,2027-01-31,12000,80,PLANNER,2026-05-01,40,80\n"
    "Borealis,B-1,First use,2027-02-28,9000,50,PLANNER,2026-05-01,30,50\n"
)


class UndoCase(FileCase):
    def setUp(self):
        super().setUp()
        self.changes = self.env["customer.success.mass.change"]

    def _later(self):
        """Let what follows be of a later transaction."""
        later = self.env.cr.now() + timedelta(hours=1)
        self.startPatcher(patch.object(self.env.cr, "now", lambda: later))

    def _undo(self, delivery, user=None):
        change = delivery.with_user(user or self.manager).mass_change_id
        delivery.with_user(user or self.manager).action_undo()
        return change

    def _left(self, change):
        return [(line.res_model, line.reason) for line in change.line_ids if line.state == "left"]

    def _usage_file(self, active, name="use.csv", user=None, **more):
        rows = "".join(
            f"{ref},PLANNER,2026-05-01,{n}\n" for ref, n in {"A-1": active, **more}.items()
        )
        return self._finish(
            self._open(
                f"Account ID,Product Code,Month,Active Users\n{rows}", name, user=user, kind="use"
            )
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFileUndo(UndoCase):
    """A load of a file is taken back as one, as long as nobody has changed what it wrote."""

    # -- created records -----------------------------------------------------------------------

    def test_what_a_file_created_is_gone(self):
        delivery = self._load(BOOK)
        self.assertTrue(delivery.with_user(self.manager).may_undo)
        acme = self._partner("Acme")
        self._later()
        self._rescore(acme)
        change = self._undo(delivery)
        self.assertEqual((change.state, self._left(change)), ("undone", []))
        self.assertEqual(delivery.load_state, "undone")
        self.assertFalse(delivery.with_user(self.manager).may_undo)
        self.assertFalse(acme.exists() or self._partner("Borealis"))
        self.assertFalse(
            self.env["customer.success.usage"].search([("delivery_id", "=", delivery.id)])
        )
        # It can be loaded again.
        again = self._load(BOOK)
        self.assertEqual((again.created, again.rejected), (6, 0))

    def test_a_term_that_ended_goes_with_the_one_that_followed_it(self):
        self._load(
            "Customer,Product,Term From,Renewal Date,ARR,Outcome\nAcme,PLANNER,2025-05-01,2026-05-01,12000,renewed\n"
        )
        acme = self._partner("Acme")
        self.assertEqual(len(acme.success_renewal_ids), 2)
        change = self.changes.search([("kind", "=", "load")], limit=1)
        self._later()
        change.with_user(self.manager).action_undo()
        self.assertFalse(self._left(change))
        self.assertFalse(acme.exists())

    def test_opportunities_go_too(self):
        delivery = self._load(
            "Customer,Renewal Date,ARR,Opportunity\nAcme,2027-01-31,12000,Renew Acme\n"
        )
        lead = self.env["crm.lead"].search([("name", "=", "Renew Acme")])
        self.assertTrue(lead.success_renewal_id)
        self._later()
        change = self._undo(delivery)
        self.assertFalse(self._left(change))
        self.assertFalse(lead.exists())

    def test_a_created_customer_on_whom_somebody_worked_stays(self):
        delivery = self._load(BOOK)
        acme, borealis = self._partner("Acme"), self._partner("Borealis")
        self._later()
        self.env["res.partner"].with_user(self.manager).create(
            {"name": "Ada", "parent_id": acme.id}
        )
        change = self._undo(delivery)
        self.assertEqual(change.state, "partly")
        self.assertEqual(self._left(change), [("res.partner", "Recorded since: Contact.")])
        self.assertTrue(acme.exists())
        self.assertFalse(acme.success_renewal_ids or acme.success_usage_ids or borealis.exists())

    def test_what_people_changed_or_added_is_left(self):
        for number, work in enumerate(
            (
                lambda partner: partner.write({"phone": "123"}),
                lambda partner: partner.write({"success_sentiment": "worried"}),
                lambda partner: partner.message_post(body="Called", message_type="comment"),
                lambda partner: partner.activity_schedule("mail.mail_activity_data_call"),
                lambda partner: (
                    self.env["customer.success.barrier"]
                    .with_user(self.manager)
                    .create({"partner_id": partner.id, "name": "No time"})
                ),
                lambda partner: (
                    self.env["customer.success.interaction"]
                    .with_user(self.manager)
                    .create({"partner_id": partner.id, "kind": "advisory", "state": "planned"})
                ),
            )
        ):
            name = f"Customer {number}"
            delivery = self._load(f"Customer,Stage\n{name},Discover\n", f"{number}.csv")
            partner = self._partner(name).with_user(self.manager)
            self._later()
            work(partner)
            change = self._undo(delivery)
            with self.subTest(number=number):
                self.assertEqual(len(self._left(change)), 1)
                self.assertTrue(partner.exists())

    def test_the_system_is_nobody(self):
        delivery = self._load(BOOK)
        acme = self._partner("Acme")
        self._later()
        acme.with_user(1).activity_schedule("mail.mail_activity_data_call", user_id=self.csm.id)
        self.env["customer.success.segment"]._assign(acme.ids)
        change = self._undo(delivery)
        self.assertFalse(self._left(change))

    def test_a_long_file_is_taken_back_in_parts(self):
        delivery = self._load(BOOK)
        acme = self._partner("Acme")
        self._later()
        self.startPatcher(patch(f"{MASS_CHANGES}.AT_ONCE", 3))
        change = self._undo(delivery)
        self.assertEqual(change.state, "undoing")
        self.assertFalse(change.may_undo)
        self.assertFalse(acme.success_renewal_ids)
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_mass_changes").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((change.state, change.undone_by_id), ("undone", self.manager))
        self.assertFalse(acme.exists())

    # -- changed records -----------------------------------------------------------------------

    def test_what_a_file_changed_goes_back(self):
        acme = self._customer("Acme", "first_use", ref="A-1")
        renewal = self._renewal(acme)
        end = renewal.date_renewal
        delivery = self._load(
            "Reference,Customer,Stage,Product,Renewal Date,ARR,Outcome,Decided On,Renewed Value,CSM\n"
            f"A-1,Acme,Effective use,PLANNER,{end},12000,expanded,2026-06-01,15000,test_lead_csm\n"
        )
        self.assertFalse(self._told(delivery))
        self.assertEqual((renewal.outcome, acme.success_user_id), ("expanded", self.lead_csm))
        self.assertEqual(len(acme.success_renewal_ids), 2)
        self._later()
        change = self._undo(delivery)
        self.assertFalse(self._left(change))
        self.assertEqual(renewal.outcome, "pending")
        self.assertEqual(acme.success_renewal_ids, renewal)
        self.assertEqual(acme.success_user_id, self.csm)
        self.assertEqual(acme.success_stage_id, self.stages["first_use"])

    def test_what_was_changed_since_is_left_and_listed(self):
        acme = self._customer("Acme", ref="A-1")
        renewal, other = self._renewal(acme), self._renewal(self._customer("Beta", ref="B-1"))
        delivery = self._load(
            f"Reference,Product,Renewal Date,ARR\nA-1,PLANNER,{renewal.date_renewal},13000\n"
            f"B-1,PLANNER,{other.date_renewal},14000\n"
        )
        self._later()
        other.with_user(self.manager).write({"annual_value": 15000, "value_reason": "Mistake"})
        change = self._undo(delivery)
        self.assertEqual((renewal.annual_value, other.annual_value), (12000, 15000))
        self.assertEqual(
            self._left(change), [("customer.success.renewal", "Changed since: Annual Value.")]
        )

    # -- figures of use ------------------------------------------------------------------------

    def test_use_that_was_created_and_replaced_goes_back(self):
        acme, beta = self._customer("Acme", ref="A-1"), self._customer("Beta", ref="B-1")
        usage = self._usage(acme, 100, 80, "2026-05-01")
        delivery = self._usage_file(10, **{"B-1": 20})
        self.assertEqual((usage.active_users, beta.success_usage_ids.active_users), (10, 20))
        change = self._undo(delivery)
        self.assertEqual(
            (usage.active_users, usage.adoption, usage.delivery_id.id), (80, 80, False)
        )
        self.assertFalse(beta.success_usage_ids)
        self.assertFalse(change.line_ids, "use needs no lines")
        self.assertEqual(change.state, "undone")
        self.assertEqual(usage.revision_ids.mapped("active_users"), [10, 80])

    def test_use_under_a_contract_goes_back_with_the_use(self):
        acme = self._customer("Acme", ref="A-1")
        self._renewal(acme, contract_number="C-1")
        usage = self._usage(acme, 100, 80, "2026-05-01")
        delivery = self._finish(
            self._open(
                "Account ID,Product Code,Contract Number,Month,Active Users\nA-1,PLANNER,C-1,2026-05-01,30\n",
                "contracts.csv",
                kind="use",
            )
        )
        self.assertEqual((usage.active_users, usage.contract_ids.active_users), (30, 30))
        change = self._undo(delivery)
        self.assertEqual((change.state, usage.active_users), ("undone", 80))
        self.assertFalse(usage.contract_ids)

    def test_parts_by_contract_go_back_to_what_they_were(self):
        acme = self._customer("Acme", ref="A-1")
        for number in ("C-1", "C-2", "C-3"):
            self._renewal(acme, contract_number=number)

        def load(name, **users):
            rows = "".join(f"A-1,PLANNER,C-{key[1]},2026-05-01,{n}\n" for key, n in users.items())
            heading = "Account ID,Product Code,Contract Number,Month,Active Users\n"
            return self._finish(self._open(heading + rows, f"{name}.csv", kind="use"))

        def parts():
            return {part.contract_number: part.active_users for part in usage.contract_ids}

        first = load("first", c1=50, c2=30)
        usage = acme.success_usage_ids
        for name, users, total in (
            ("higher", {"c1": 60, "c2": 40}, 100),
            ("moved", {"c1": 40, "c2": 40}, 80),
            ("one more", {"c3": 5}, 85),
        ):
            delivery = load(name, **users)
            with self.subTest(name=name):
                self.assertEqual(usage.active_users, total)
                change = self._undo(delivery)
                self.assertEqual((change.state, usage.active_users), ("undone", 80))
                self.assertEqual(parts(), {"C-1": 50, "C-2": 30})
                self.assertEqual(usage.contract_ids.delivery_id, first)
        # A later file that keeps one of the parts is not contradicted.
        moved = load("moved again", c1=40, c2=40)
        load("later", c1=45)
        self._undo(moved)
        self.assertEqual((usage.active_users, parts()), (85, {"C-1": 45, "C-2": 40}))
        self.assertEqual(usage.active_users, sum(parts().values()))

    def test_use_that_was_changed_since_is_left(self):
        acme, beta = self._customer("Acme", ref="A-1"), self._customer("Beta", ref="B-1")
        self._usage(acme, 100, 80, "2026-05-01")
        self._usage(beta, 100, 80, "2026-05-01")
        gone = self._customer("Gone", ref="G-1")
        delivery = self._usage_file(10, **{"B-1": 20, "G-1": 30})
        beta.success_usage_ids.with_user(self.manager).active_users = 25
        gone.success_usage_ids.with_user(self.manager).unlink()
        change = self._undo(delivery)
        self.assertEqual(acme.success_usage_ids.active_users, 80)
        self.assertEqual(beta.success_usage_ids.active_users, 25)
        self.assertEqual(
            self._left(change),
            [
                ("customer.success.usage", "Its figures were changed since."),
                ("customer.success.usage", "It was deleted."),
            ],
        )

    def test_two_files_are_taken_back_in_turn(self):
        acme = self._customer("Acme", ref="A-1")
        usage = self._usage(acme, 100, 80, "2026-05-01")
        first, second = self._usage_file(10, "1.csv"), self._usage_file(20, "2.csv")
        self._undo(second)
        self.assertEqual((usage.active_users, usage.delivery_id), (10, first))
        change = self._undo(first)
        self.assertEqual((usage.active_users, change.state), (80, "undone"))

    def test_the_first_file_does_not_undo_what_the_second_said(self):
        acme = self._customer("Acme", ref="A-1")
        usage = self._usage(acme, 100, 80, "2026-05-01")
        first = self._usage_file(10, "1.csv")
        self._usage_file(20, "2.csv")
        change = self._undo(first)
        self.assertEqual((usage.active_users, change.state), (20, "partly"))

    # -- who may -------------------------------------------------------------------------------

    def test_others_may_not(self):
        acme = self._customer("Acme", ref="A-1")
        delivery = self._usage_file(10, user=self.csm)
        other = new_test_user(self.env, "other_csm", "customer_success.group_success_user")
        for user in (other, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                delivery.with_user(user).action_undo()
        with self.assertRaises(AccessError):
            delivery.mass_change_id.with_user(self.lead_csm).action_undo()
        self.assertFalse(delivery.with_user(self.lead_csm).may_undo)
        self._undo(delivery, self.csm)
        self.assertFalse(acme.success_usage_ids)

    def test_use_at_customers_of_others_is_left(self):
        acme = self._customer("Acme", ref="A-1")
        delivery = self._usage_file(10, user=self.csm)
        acme.success_user_id = self.lead_csm
        change = self._undo(delivery, self.csm)
        self.assertEqual(acme.success_usage_ids.active_users, 10)
        self.assertIn("do not follow", self._left(change)[0][1])

    def test_a_former_manager_may_not(self):
        delivery = self._load(BOOK)
        self.manager.write(
            {
                "group_ids": [
                    Command.unlink(self.env.ref("customer_success.group_success_manager").id),
                    Command.link(self.env.ref("customer_success.group_success_user_all").id),
                ]
            }
        )
        with self.assertRaises(AccessError):
            delivery.with_user(self.manager).action_undo()
        self.assertTrue(self._partner("Acme"))

    def test_once_and_not_while_it_runs(self):
        delivery = self._load(BOOK)
        delivery.sudo().is_loading = True
        with self.assertRaisesRegex(UserError, "still being loaded"):
            self._undo(delivery)
        delivery.sudo().is_loading = False
        self._later()
        self._undo(delivery)
        with self.assertRaisesRegex(UserError, "taken back already"):
            self._undo(delivery)

    def test_a_file_that_changes_nothing_leaves_no_record(self):
        self._load(BOOK)
        again = self._load(BOOK)
        self.assertFalse(again.mass_change_id)
        self.assertFalse(again.with_user(self.manager).may_undo)

    def test_the_api_and_the_import_screen_can_be_taken_back(self):
        answer = (
            self.env["customer.success.intake"]
            .with_user(self.manager)
            .load(["customer", "stage"], [["Acme", "Discover"]])
        )
        [acme] = self.env["res.partner"].browse(answer["ids"])
        self._later()
        self.changes.search([("kind", "=", "load")], limit=1).with_user(self.manager).action_undo()
        self.assertFalse(acme.exists())
