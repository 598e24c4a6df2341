import random

from odoo.fields import Date
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ...report import tiles
from ..common import TODAY, days
from .workbook_common import WorkbookCase

SEEDS = (20260615, 7, 1001)
TURNS = 6
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
    "nothing",
)


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

    def _life(self, number, lives):
        customer = self._customer(f"Life {number}", lives.choice([*self.stages]))
        self._usage(customer, active=lives.randint(5, 100))
        self._renewal(customer, value=lives.randint(1, 9) * 1000)
        self._barrier(customer, severity=lives.choice("0123"))
        return customer

    def _happen(self, happening, customer, other, lives):
        """Let something happen to a customer."""
        getattr(self, f"_happen_{happening}")(customer, other, lives)

    def _happen_archive(self, customer, _other, _lives):
        customer.action_archive()

    def _happen_stop(self, customer, _other, _lives):
        customer.action_success_stop()

    def _happen_back(self, customer, _other, _lives):
        customer.action_unarchive()
        customer.success_stage_id = self.stages["effective_use"]

    def _terms(self, customer, outcome):
        return customer.success_renewal_ids.filtered(lambda term: term.outcome == outcome)

    def _happen_lose(self, customer, _other, _lives):
        # Two customers with the same term were merged: one of the terms is deleted before the other can end.
        self._terms(customer, "pending")[1:].unlink()
        self._terms(customer, "pending").write(
            {
                "outcome": "churned",
                "date_outcome": TODAY,
                "date_renewal": TODAY,
                "reason_id": self.reason.id,
            }
        )

    def _happen_correct(self, customer, _other, _lives):
        if not self._terms(customer, "pending"):
            self._terms(customer, "churned")[:1].write(
                {"outcome": "pending", "date_outcome": False, "date_renewal": days(-90)}
            )

    def _happen_return(self, customer, _other, _lives):
        if not self._terms(customer, "pending"):
            self._renewal(customer, date_start=TODAY, date_renewal=days(-365))

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

    def _happen_nothing(self, _customer, _other, _lives):
        pass

    def _in_sql(self):
        """Return the figures of the customers that are followed, as SQL without our code counts them."""
        self.env.flush_all()
        [row] = self.env.execute_query_dict(
            SQL(
                """
                WITH customer AS (
                    SELECT p.id, p.success_stage_id AS stage, score.health, score.value_at_risk
                      FROM res_partner p
                 LEFT JOIN customer_success_score score ON score.partner_id = p.id
                     WHERE p.active
                       AND p.success_stage_id IS NOT NULL
                       AND p.success_former_date IS NULL)
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
                           AND a.res_id IN (SELECT id FROM customer) AND a.user_id = %s) AS tasks,
                       (SELECT count(*) FROM customer_success_renewal r
                         WHERE r.active AND r.outcome = 'pending'
                           AND r.partner_id IN (SELECT id FROM customer)) AS renewals,
                       (SELECT COALESCE(sum(annual_value), 0) FROM customer_success_renewal r
                         WHERE r.active AND r.outcome = 'pending'
                           AND r.partner_id IN (SELECT id FROM customer))::float8 AS value
                """,
                self.manager.id,
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
        sheets = self._book(domain=[("id", ">", 0)], sheets=["customers", "renewals", "barriers"])
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
        self.assertEqual(len(self._lines(sheets["Barriers"])), expected["barriers"], story)

    def test_every_surface_counts_the_same_over_random_lives(self):
        for seed in SEEDS:
            lives, story = random.Random(seed), []
            book = [self._life(number, lives) for number in range(6)]
            self._assert_agree(story)
            for _turn in range(TURNS):
                for customer in [*book]:
                    if not customer.exists():
                        continue
                    happening = lives.choice(HAPPENINGS)
                    other = lives.choice(book).exists()
                    story.append((happening, customer.id))
                    self._happen(happening, customer, other, lives)
                self._assert_agree((seed, story))
            expected = self._assert_agree((seed, story))
            if expected["customers"]:
                self._assert_workbook(expected, (seed, story))
            self.env["res.partner"].search(
                [("success_stage_id", "!=", False)]
            ).success_stage_id = False
