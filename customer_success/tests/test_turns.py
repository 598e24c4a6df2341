from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, SuccessCase, days


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTurns(SuccessCase):
    """Barriers, objectives and changes say whose turn it is, and remind us of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()

    def _record(self, model, **vals):
        return (
            self.env[f"customer.success.{model}"]
            .with_user(self.csm)
            .create({"name": f"One {model}", "partner_id": self.customer.id, **vals})
        )

    def _attention(self):
        self.env.invalidate_all()
        return str(self.customer.with_user(self.csm).success_attention)

    def test_s89_the_turn_on_a_barrier_follows_who_is_asked(self):
        ada = self._contact(self.customer)
        barrier = self._record("barrier")
        self.assertEqual(barrier.turn, "ours", "nobody was asked")
        barrier.write({"state": "confirmed", "authority": "asked", "owner_contact_id": ada.id})
        self.assertEqual(barrier.turn, "customer")
        barrier.authority = "granted"
        self.assertEqual((barrier.state, barrier.turn), ("empowered", "customer"))
        barrier.authority = "none"
        self.assertEqual(barrier.turn, "ours")
        barrier.is_shared = True
        self.assertEqual(barrier.turn, "customer")
        barrier.write({"state": "accepted", "resolution": "The law demands it"})
        self.assertFalse(barrier.turn or barrier.turn_since, "nothing is left to do")

    def test_s89_the_turn_on_an_objective_and_on_an_agreed_step(self):
        objective = self._record("objective", unit="%", metric="Orders")
        self.assertEqual(objective.turn, "ours", "no target is agreed")
        objective.write({"baseline": 10, "target": 90})
        self.assertFalse(objective.turn, "the facts do not say it")
        objective.state = "reached"
        self.assertEqual(objective.turn, "customer", "they confirm it")
        change = self._record("change")
        self.assertEqual(change.turn, "customer")
        change.side = "vendor"
        self.assertEqual(change.turn, "ours")
        change.state = "done"
        self.assertFalse(change.turn)

    def test_s89_a_turn_set_by_hand_stays_until_the_facts_change(self):
        barrier = self._record("barrier", turn="customer")
        self.assertEqual((barrier.turn, barrier.turn_since), ("customer", TODAY))
        with Form(barrier) as form:
            form.people_affected = 7
        self.assertEqual(barrier.turn, "customer")
        with freeze_time(TODAY + timedelta(days=5)):
            barrier.turn = "ours"
            self.assertEqual(barrier.turn_since, days(-5))
            barrier.turn = "ours"
            barrier.authority = "asked"
            self.assertEqual(barrier.turn, "customer")

    def test_s89_our_turn_is_counted_from_the_day_on_which_it_began(self):
        barrier = self._record("barrier")
        with freeze_time(TODAY + timedelta(days=9)):
            barrier.state = "confirmed"
            self.assertEqual((barrier.turn, barrier.turn_since), ("ours", TODAY))
            barrier.write({"turn_since": days(-9)})
            self.assertEqual(barrier.turn_since, TODAY, "nobody sets it by hand")

    def test_s89_turns_that_stay_with_us_need_attention(self):
        names = [
            self._record(model, **vals).name
            for model, vals in (("barrier", {}), ("objective", {}), ("change", {"side": "vendor"}))
        ]
        theirs = self._record("barrier", name="Theirs", turn="customer")
        with freeze_time(TODAY + timedelta(days=14)):
            self.assertNotIn("our turn for a long time", self._attention())
        with freeze_time(TODAY + timedelta(days=15)):
            attention = self._attention()
            self.assertIn("It has been our turn for a long time", attention)
            for name in names:
                self.assertIn(f"“{name}”", attention)
            self.assertNotIn(
                "Theirs", attention.split("our turn for a long time")[1].split("</li>")[0]
            )
            barriers = self.env["customer.success.barrier"].with_user(self.csm)
            mine = [("partner_id", "=", self.customer.id)]
            long = barriers.search([*mine, ("turn_overdue", "=", True)])
            self.assertEqual(long.name, "One barrier")
            self.assertEqual(barriers.search([*mine, ("turn_overdue", "=", False)]), theirs)
            long.turn = "customer"
            self.assertNotIn("One barrier", self._attention().split("our turn for a long time")[1])
            self.env["ir.config_parameter"].set_param("customer_success.turn_days", "60")
            self.assertNotIn("our turn for a long time", self._attention())

    def test_s89_turns_are_filtered_and_grouped_in_all_three_lists(self):
        for model in ("barrier", "objective", "change"):
            records = self.env[f"customer.success.{model}"].with_user(self.csm)
            self._record(model, turn="ours")
            mine = [("partner_id", "=", self.customer.id)]
            with self.subTest(model=model):
                self.assertEqual(records._read_group(mine, ["turn"], ["__count"]), [("ours", 1)])
                search = records.get_view(view_type="search")["arch"]
                for part in ("('turn', '=', 'ours')", "'turn_overdue'", "'group_by': 'turn'"):
                    self.assertIn(part, search)
                self.assertIn('name="turn"', records.get_view(view_type="list")["arch"])

    def test_s89_salespeople_set_no_turn(self):
        barrier = self._record("barrier")
        with self.assertRaises(AccessError):
            barrier.with_user(self.sales).turn = "customer"
