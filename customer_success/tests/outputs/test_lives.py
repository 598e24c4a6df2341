import random
from collections import Counter, namedtuple
from datetime import timedelta

from odoo.fields import Date
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ...report import tiles
from ..common import TODAY
from .workbook_common import WorkbookCase

SEEDS = (20260615, 7, 1001)
TURNS = 8
# The days from one turn to the next.
STEP = 20
# What may happen to a customer, each by the same means as a person would use.
HAPPENINGS = (
    "archive",
    "stop",
    "back",
    "lose",
    "correct",
    "return",
    "merge",
    "buy",
    "replace",
    "raise",
    "flag",
    "task",
    "plan",
    "aim",
    "change",
    "nothing",
)
# What happens to every second former customer, so that some come back.
COMING_BACK = ("return", "correct")
SHEETS = ["customers", "renewals", "barriers", "objectives", "changes"]
# What a customer has, beside its own state.
RECORDS = (
    "success_renewal_ids",
    "success_barrier_ids",
    "success_symptom_flag_ids",
    "success_usage_ids",
    "success_plan_ids",
    "success_objective_ids",
    "success_change_ids",
    "activity_ids",
)
State = namedtuple("State", ["active", "stage", "former", "successor", "pending", *RECORDS])
# What has to happen to somebody, in words of the customer before and after.
EFFECTS = {
    "archived": lambda before, after: before.active and not after.active,
    "unarchived": lambda before, after: after.active and not before.active,
    "stopped": lambda before, after: before.stage and not after.stage,
    "former": lambda before, after: after.former and not before.former,
    "returned": lambda before, after: before.former and not after.former,
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLives(WorkbookCase):
    """Dashboard, menus, boards, workbook and SQL count the same over random lives of customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Only these customers count, so that every figure is theirs.
        cls.env["res.partner"].search([("success_stage_id", "!=", False)]).success_stage_id = False
        cls.other = cls.env["product.product"].create({"name": "Reporter"})
        cls.symptom = cls.env.ref("customer_success.customer_success_symptom_bad_data")
        cls.reason = cls.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )

    def _state(self, customer):
        return State(
            customer.active,
            customer.success_stage_id.id,
            customer.success_former_date,
            self.other.success_successor_id.id,
            len(self._terms(customer, "pending")),
            *(len(customer[name]) for name in RECORDS),
        )

    def _life(self, number, lives):
        customer = self._customer(f"Life {number}", lives.choice([*self.stages]))
        self._usage(customer, active=lives.randint(5, 100))
        self._renewal(customer, value=lives.randint(1, 9) * 1000)
        self._barrier(customer, severity=lives.choice("0123"))
        return customer

    def _happen(self, happening, customer, other, lives):
        """Let something happen to a customer, and count what it changed."""
        before, was_there = self._state(customer), bool(other)
        getattr(self, f"_happen_{happening}")(customer, other, lives)
        after = self._state(customer)
        self.effects[happening] += before != after
        self.effects["merged"] += was_there and not other.exists()
        self._count(before, after)

    def _count(self, before, after):
        for name, is_so in EFFECTS.items():
            self.effects[name] += bool(is_so(before, after))

    def _next_day(self, book):
        """Let the nightly job see who has left, on the day of this turn."""
        before = {customer: self._state(customer) for customer in book.exists()}
        self.env["res.partner"]._success_former_due()._success_update_former()
        for customer, state in before.items():
            after = self._state(customer)
            self._count(state, after)
            self.effects["former by night"] += bool(after.former and not state.former)

    def _happen_archive(self, customer, _other, _lives):
        customer.action_archive()

    def _happen_stop(self, customer, _other, _lives):
        customer.action_success_stop()

    def _happen_back(self, customer, _other, _lives):
        customer.action_unarchive()
        customer.success_stage_id = self.stages["effective_use"]

    def _terms(self, customer, outcome):
        return customer.success_renewal_ids.filtered(lambda term: term.outcome == outcome)

    def _happen_lose(self, customer, _other, lives):
        # Two customers with the same term were merged: one of the terms is deleted before the other can end.
        self._terms(customer, "pending")[1:].unlink()
        self._terms(customer, "pending").write(
            {
                "outcome": "churned",
                "date_outcome": Date.today(),
                "date_renewal": Date.today() + timedelta(days=lives.choice((0, STEP + 5))),
                "reason_id": self.reason.id,
            }
        )

    def _happen_correct(self, customer, _other, _lives):
        if not self._terms(customer, "pending"):
            self._terms(customer, "churned")[:1].write(
                {
                    "outcome": "pending",
                    "date_outcome": False,
                    "date_renewal": Date.today() + timedelta(days=90),
                }
            )

    def _happen_return(self, customer, _other, _lives):
        if not self._terms(customer, "pending"):
            today = Date.today()
            end = today + timedelta(days=365)
            self._renewal(customer, date_start=today, date_renewal=end)

    def _happen_merge(self, customer, other, _lives):
        if other and other != customer and customer.active and other.active:
            wizard = self.env["base.partner.merge.automatic.wizard"].create({})
            wizard._merge([customer.id, other.id], customer)

    def _happen_buy(self, customer, _other, lives):
        if self.other not in customer.success_usage_ids.product_id:
            self._usage(customer, active=lives.randint(5, 100), product_id=self.other.id)

    def _happen_replace(self, _customer, _other, lives):
        self.other.sudo().success_successor_id = lives.choice((self.product, False))

    def _happen_raise(self, customer, _other, _lives):
        self._barrier(customer)

    def _happen_flag(self, customer, _other, _lives):
        if not customer.success_symptom_flag_ids:
            self.env["customer.success.symptom.flag"].create(
                {
                    "partner_id": customer.id,
                    "product_id": self.product.id,
                    "symptom_id": self.symptom.id,
                    "source": "observed",
                    "observation": "Half of the orders have no date.",
                }
            )

    def _happen_task(self, customer, _other, _lives):
        customer.activity_schedule(user_id=self.manager.id, date_deadline=TODAY)

    def _happen_plan(self, customer, _other, _lives):
        if customer.success_is_followed:
            plan = self.env["customer.success.plan"].create(
                {
                    "partner_id": customer.id,
                    "revision_reason": "Their goals are others since the spring.",
                }
            )
            plan.action_activate()

    def _happen_aim(self, customer, _other, _lives):
        self.env["customer.success.objective"].create(
            {"partner_id": customer.id, "name": "Half the time"}
        )

    def _happen_change(self, customer, _other, _lives):
        self.env["customer.success.change"].create(
            {
                "partner_id": customer.id,
                "name": "New site",
                "date": Date.today() + timedelta(days=300),
            }
        )

    def _happen_nothing(self, _customer, _other, _lives):
        pass

    def _in_sql(self):
        """Return the figures of the customers that are followed, as SQL without our code counts them."""
        self.env.flush_all()
        [row] = self.env.execute_query_dict(
            SQL(
                """
                WITH gone AS (
                    SELECT partner_id
                      FROM customer_success_renewal
                     WHERE active
                  GROUP BY partner_id
                    HAVING max(date_renewal) FILTER (WHERE outcome = 'churned') <= %(today)s
                       AND NOT bool_or(outcome = 'pending')),
                customer AS (
                    SELECT p.id, p.success_stage_id AS stage, score.health, score.value_at_risk
                      FROM res_partner p
                 LEFT JOIN customer_success_score score ON score.partner_id = p.id
                     WHERE p.active
                       AND p.success_stage_id IS NOT NULL
                       AND p.id NOT IN (SELECT partner_id FROM gone))
                SELECT (SELECT count(*) FROM customer) AS customers,
                       (SELECT avg(health) FROM customer)::float8 AS health,
                       (SELECT COALESCE(sum(value_at_risk), 0) FROM customer)::float8 AS at_risk,
                       (SELECT COALESCE(jsonb_object_agg(stage, number), '{}')
                          FROM (SELECT stage, count(*) AS number FROM customer GROUP BY stage) s) AS stages,
                       (SELECT count(*) FROM customer_success_barrier b
                         WHERE b.active AND b.is_open AND b.partner_id IN (SELECT id FROM customer)) AS barriers,
                       (SELECT count(*) FROM customer_success_symptom_flag f
                         WHERE f.date_to IS NULL AND f.partner_id IN (SELECT id FROM customer)) AS symptoms,
                       (SELECT count(*) FROM customer_success_product_score s
                         WHERE s.partner_id IN (SELECT id FROM customer)) AS products,
                       (SELECT count(*) FROM mail_activity a
                         WHERE a.active AND a.res_model = 'res.partner'
                           AND a.res_id IN (SELECT id FROM customer) AND a.user_id = %(manager)s) AS tasks,
                       (SELECT count(*) FROM customer
                         WHERE id IN (SELECT partner_id FROM customer_success_plan
                                       WHERE state = 'active')) AS plans,
                       (SELECT count(*) FROM customer_success_objective o
                         WHERE o.is_open
                           AND o.partner_id IN (SELECT id FROM customer)) AS objectives,
                       (SELECT count(*) FROM customer_success_change c
                         WHERE c.active AND c.is_open
                           AND c.partner_id IN (SELECT id FROM customer)) AS changes,
                       (SELECT count(*) FROM customer_success_renewal r
                         WHERE r.active AND r.outcome = 'pending'
                           AND r.partner_id IN (SELECT id FROM customer)) AS renewals,
                       (SELECT COALESCE(sum(annual_value), 0) FROM customer_success_renewal r
                         WHERE r.active AND r.outcome = 'pending'
                           AND r.partner_id IN (SELECT id FROM customer))::float8 AS value
                """,
                manager=self.manager.id,
                today=Date.today(),
            )
        )
        return row

    def _query(self, xmlid, user=None):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_success.{xmlid}")
        model = self.env[action["res_model"]].with_user(user or self.manager)
        return model, safe_eval(action["domain"] or "[]")

    def _on_screens(self):
        """Return the same figures by the dashboard, the menus, the boards and the pipeline."""
        dashboard = self.env["customer.success.dashboard"].with_user(self.manager).create({})
        found = tiles.read(
            dashboard.env,
            ("customers", "health", "value_at_risk", "barriers", "renewals_pending"),
            dashboard._scope,
            Date.today(),
        )
        customers, domain = self._query("res_partner_action_success_all")
        [(listed, health)] = customers._read_group(domain, [], ["__count", "success_health:avg"])
        board = customers._read_group(domain, ["success_stage_id"], ["__count"])
        renewals, pending = self._query("customer_success_renewal_action")
        pending = [*pending, ("outcome", "=", "pending")]
        barriers, opened = self._query("customer_success_barrier_action")
        flags, shown = self._query("customer_success_symptom_flag_action")
        products, scored = self._query("customer_success_product_score_action")
        aims, aimed = self._query("customer_success_objective_action")
        changes, ahead = self._query("customer_success_change_action")
        tasks, mine = self._query("customer_success_my_day_action")
        pipeline, sold = self._query("customer_success_sales_renewal_action", self.sales)
        sold = pipeline.search([*sold, ("outcome", "=", "pending")])
        [(number, value)] = renewals._read_group(pending, [], ["__count", "annual_value:sum"])
        return {
            "customers": {found["customers"], listed},
            "health": {round(found["health"] or 0, 6), round(health or 0, 6)},
            "at_risk": {round(sum(found["value_at_risk"].values()), 2)},
            "stages": {tuple(sorted((stage.id, count) for stage, count in board))},
            "barriers": {
                found["barriers"],
                barriers.search_count([*opened, ("is_open", "=", True)]),
            },
            "symptoms": {flags.search_count([*shown, ("date_to", "=", False)])},
            "products": {products.search_count(scored)},
            "tasks": {tasks.search_count([*mine, ("user_id", "=", self.manager.id)])},
            "plans": {customers.search_count([*domain, ("success_plan_id", "!=", False)])},
            "objectives": {aims.search_count([*aimed, ("is_open", "=", True)])},
            "changes": {changes.search_count([*ahead, ("is_open", "=", True)])},
            "renewals": {found["renewals_pending"], number, len(sold)},
            "value": {round(value or 0, 2), round(sum(sold.mapped("annual_value")), 2)},
        }

    def _assert_agree(self, story):
        self.env.invalidate_all()
        customers = self.env["res.partner"].search([("success_stage_id", "!=", False)])
        self._rescore(customers)
        truth = self._in_sql()
        expected = {
            **truth,
            "health": round(truth["health"] or 0, 6),
            "at_risk": round(truth["at_risk"], 2),
            "value": round(truth["value"], 2),
            "stages": tuple(sorted((int(stage), n) for stage, n in truth["stages"].items())),
        }
        for name, values in self._on_screens().items():
            self.assertEqual(values, {expected[name]}, f"{name}: {story}")
        return expected

    def _assert_workbook(self, expected, story):
        sheets = self._book(domain=[("id", ">", 0)], sheets=SHEETS)
        lines = self._lines(sheets["Customers"])
        self.assertEqual(len(lines), expected["customers"], story)
        known = [line["Health (high is good)"].value for line in lines]
        known = [health for health in known if health is not None]
        if known:
            self.assertAlmostEqual(sum(known) / len(known), expected["health"], 4, story)
        pending = [
            line for line in self._lines(sheets["Renewals"]) if line["Outcome"].value == "Pending"
        ]
        self.assertEqual(len(pending), expected["renewals"], story)
        self.assertAlmostEqual(
            sum(line["Annual value"].value or 0 for line in pending), expected["value"], 2, story
        )
        for title, heading, name in (
            ("Barriers", "Barrier", "barriers"),
            ("Objectives", "Objective", "objectives"),
            ("Changes ahead", "Change", "changes"),
        ):
            # An empty sheet says so in the first column.
            lines = [line for line in self._lines(sheets[title]) if line[heading].value]
            self.assertEqual(len(lines), expected[name], f"{title}: {story}")

    def test_every_surface_counts_the_same_over_random_lives(self):
        self.effects = Counter()
        for seed in SEEDS:
            lives, story = random.Random(seed), []
            book = self.env["res.partner"].concat(
                *(self._life(number, lives) for number in range(6))
            )
            self._assert_agree(story)
            for turn in range(TURNS):
                with freeze_time(TODAY + timedelta(days=turn * STEP)):
                    self._turn(book, lives, story)
                    expected = self._assert_agree((seed, story))
                    if turn == TURNS - 1 and expected["customers"]:
                        self._assert_workbook(expected, (seed, story))
            self.env["res.partner"].search(
                [("success_stage_id", "!=", False)]
            ).success_stage_id = False
        expected = {*HAPPENINGS, *EFFECTS, "merged", "former by night"} - {"nothing"}
        missing = sorted(effect for effect in expected if not self.effects[effect])
        self.assertFalse(missing, f"nothing changed by: {self.effects}")

    def _turn(self, book, lives, story):
        """Let something happen to each customer that is left, in the morning after the nightly job."""
        self._next_day(book)
        for customer in book:
            if customer.exists():
                is_back = customer.success_former_date and lives.random() < 0.5
                happening = lives.choice(COMING_BACK if is_back else HAPPENINGS)
                other = lives.choice(book).exists()
                story.append((Date.to_string(Date.today()), happening, customer.id))
                self._happen(happening, customer, other, lives)
