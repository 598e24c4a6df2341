import random

from odoo.exceptions import RedirectWarning
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ...report.tiles import TILES
from ...scoring.followed import FOLLOWED
from ..common import TODAY, days
from .followed_common import FollowedCase

# What is still open: the action that lists it, the records among those listed, and the sheet of the workbook.
OPEN = {
    "renewal": ("renewal_action", [("outcome", "=", "pending")], "Renewals"),
    "barrier": ("barrier_action", [("is_open", "=", True)], "Barriers"),
    "symptom.flag": ("symptom_flag_action", [("date_to", "=", False)], "Symptoms of misuse"),
    "objective": ("objective_action", [("is_open", "=", True)], "Objectives"),
    "change": ("change_action", [("is_open", "=", True)], "Changes ahead"),
    "usage": ("usage_action", [], ""),
    "interaction": ("interaction_action", [], ""),
    "product.score": ("product_score_action", [], "Products"),
    "plan": ("plan_action", [("state", "=", "active")], ""),
    "skill.rating": ("skill_rating_action_gaps", [("is_current", "=", True)], ""),
    "intended.use": ("intended_use_action", [], ""),
    "play.run": ("play_run_action", [("state", "=", "waiting")], ""),
    "stakeholder": ("stakeholder_action", [], ""),
    "advice": ("advice_action", [("state", "=", "proposed")], ""),
    "missed": ("missed_action", [], ""),
}
OVER = {
    "renewal": [("outcome", "!=", "pending")],
    "barrier": [("is_open", "=", False)],
    "symptom.flag": [("date_to", "!=", False)],
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFollowed(FollowedCase):
    """Open records of a customer that is archived, lost or no longer followed count nowhere, until it comes back."""

    def _pipeline(self):
        action = "customer_success_sales_renewal_action"
        return self._listed(action, [("outcome", "=", "pending")], self.sales)

    def _tile(self, code):
        """Return the number of records that the dashboard counts and its click opens."""
        dashboard = self.env["customer.success.dashboard"].with_user(self.manager).create({})
        tile = dashboard._tile(TILES[code], 0, "")
        target = tile["action"]
        return self.env[target["model"]].with_user(self.manager).search(target["domain"])

    def _in_sql(self, model):
        records = self.env[f"customer.success.{model}"]
        query = records._table_query
        table = SQL("(%s)", query) if query else SQL.identifier(records._table)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.id
                  FROM %s fact
                  JOIN res_partner p ON p.id = fact.partner_id
                 WHERE %s
                """,
                table,
                SQL(FOLLOWED),
            )
        )
        return records.browse(id_ for (id_,) in rows)

    def _assert_agree(self):
        self.env.invalidate_all()
        self._rescore(self.book)
        followed = self.book.filtered(
            lambda customer: (
                customer.active and customer.success_stage_id and not customer.success_is_former
            )
        )
        former = self.book.filtered(
            lambda customer: (
                customer.active and customer.success_stage_id and customer.success_is_former
            )
        )
        mine = Domain("partner_id", "in", self.book.ids)
        book = self._book(domain=[("id", "in", self.book.ids)]) if followed else None
        for model, (action, open_, sheet) in OPEN.items():
            with self.subTest(model):
                listed = self._listed(f"customer_success_{action}", mine & Domain(open_))
                self.assertEqual(listed.partner_id, followed)
                in_sql = self._in_sql(model).filtered_domain(mine & Domain(open_))
                self.assertEqual({*listed.ids}, {*in_sql.ids})
                if sheet and book:
                    names = {next(iter(row.values())).value for row in self._lines(book[sheet])}
                    ended = former if sheet == "Renewals" else self.env["res.partner"]
                    self.assertEqual(names, {*(listed.partner_id | ended).mapped("name")})
        for model, over in OVER.items():
            listed = self._listed(
                f"customer_success_{model.replace('.', '_')}_action", mine & Domain(over)
            )
            stopped = self.book.filtered(lambda customer: not customer.success_stage_id)
            self.assertEqual(listed.partner_id | stopped, self.book, "history stays")
        tile = self._tile("renewals_pending")
        listed = self._listed("customer_success_renewal_action", [("outcome", "=", "pending")])
        self.assertEqual(tile, listed)
        self.assertEqual(
            self._tile("barriers"),
            self._listed("customer_success_barrier_action", [("is_open", "=", True)]),
        )
        self.assertEqual(self._pipeline().ids, listed.sorted("date_renewal").ids)
        self.assertEqual(
            sum(self._pipeline().mapped("annual_value")), sum(listed.mapped("annual_value"))
        )
        self.assertEqual(self._tile("customers") & self.book, followed)
        days_ = self._listed("customer_success_my_day_action", [("user_id", "=", self.manager.id)])
        self.assertEqual(days_.success_partner_id & self.book, followed)

    def test_lists_dashboard_workbook_and_sales_agree_over_random_lives(self):
        lives = random.Random(20260615)
        self._assert_agree()
        for _turn in range(5):
            for customer in self.book:
                happening = lives.choice(("archive", "stop", "back", "lose", "renew", "nothing"))
                if happening == "archive":
                    customer.action_archive()
                elif happening == "stop":
                    customer.action_success_stop()
                elif happening in ("lose", "renew"):
                    self._decide(customer, happening == "lose")
                elif happening == "back":
                    customer.action_unarchive()
                    customer.success_stage_id = self.stages["effective_use"]
            self._assert_agree()
        self.book.action_unarchive()
        for customer in self.book:
            self._decide(customer, False)
        self.book.success_stage_id = self.stages["effective_use"]
        self._assert_agree()
        self.assertFalse(self.book.filtered("success_is_former"))

    # ------------------------------------------------------------------------------------------
    # Asked first
    # ------------------------------------------------------------------------------------------

    def _lost(self):
        """Return a customer whose only term ended; one that is renewed has the next term pending."""
        customer = self._customer("Ended")
        reason = self.env["customer.success.renewal.reason"].search(
            [("outcome", "=", "churned")], limit=1
        )
        self._renewal(customer, outcome="churned", date_outcome=days(5), reason_id=reason.id)
        return customer

    def _asked(self, customers, action, user=None):
        """Return the text of the warning, and the action behind its button."""
        user = user or self.manager
        with self.assertRaises(RedirectWarning) as asked:
            getattr(customers.with_user(user), action)()
        text, id_, _label, context = asked.exception.args
        button = self.env["ir.actions.server"].browse(id_)
        return text, button.with_user(user).with_context(**context).run

    def test_archiving_with_a_pending_renewal_asks_first(self):
        customer = self.book[0].with_user(self.manager)
        text, go_on = self._asked(customer, "action_archive")
        self.assertIn("Renewals are still pending:\n- Life 0: 1", text)
        self.assertIn("record the outcome first", text)
        self.assertTrue(customer.active)
        pending = self._listed("customer_success_renewal_action", [("outcome", "=", "pending")])
        go_on()
        self.assertFalse(customer.active)
        left = self._listed("customer_success_renewal_action", [("outcome", "=", "pending")])
        self.assertEqual((pending - left).partner_id, self.book[0])
        customer.action_unarchive()
        again = self._listed("customer_success_renewal_action", [("outcome", "=", "pending")])
        self.assertEqual(again, pending)

    def test_following_no_longer_asks_as_well(self):
        customer = self.book[0].with_user(self.csm)
        _text, go_on = self._asked(customer, "action_success_stop", self.csm)
        self.assertTrue(customer.success_stage_id)
        go_on()
        self.assertFalse(customer.success_stage_id)
        self.assertNotIn(self.book[0], self._pipeline().partner_id)

    def test_one_pending_customer_among_many_is_named(self):
        ended = self._lost()
        text, _go_on = self._asked(self.book[1] | ended, "action_archive")
        self.assertIn("Life 1", text)
        self.assertNotIn("Ended", text)
        self.assertTrue(ended.active, "nothing is archived before the answer")

    def test_innocents_are_not_asked(self):
        ended, archived = self._lost(), self._customer("Its renewal was archived")
        self._renewal(archived).active = False
        contact = self._contact(self.book[0])
        for innocent in (ended, archived, contact):
            innocent.with_user(self.manager).action_archive()
            self.assertFalse(innocent.active)
        followed_no_more = self.book[1]
        followed_no_more.action_success_stop()
        followed_no_more.with_user(self.manager).action_archive()
        self.assertFalse(followed_no_more.active)

    def test_jobs_and_code_that_write_are_not_asked(self):
        self.book[0].with_user(self.manager).write({"active": False})
        self.book[1].with_user(self.manager).sudo().action_archive()
        self.assertFalse(self.book[0].active or self.book[1].active)

    def test_a_customer_out_of_sight_still_has_its_own_lists(self):
        customer = self.book[0]
        customer.action_archive()
        action = customer.with_user(self.manager).action_success_renewals()
        self.assertEqual(
            len(self.env[action["res_model"]].with_user(self.manager).search(action["domain"])), 2
        )

    def test_cheats_bring_nothing_back_into_the_forecast(self):
        customer = self.book[0]
        renewal = customer.success_renewal_ids.filtered(lambda term: term.outcome == "pending")
        customer.action_archive()
        renewal.forecast = "committed"  # a word of a person
        self._renewal(customer, date_renewal=days(-200), date_start=days(-100))  # a new term
        self.assertNotIn(customer, self._pipeline().partner_id)
        customer.action_unarchive()
        customer.action_success_stop()
        self.assertNotIn(customer, self._pipeline().partner_id)
