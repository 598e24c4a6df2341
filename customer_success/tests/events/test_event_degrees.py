from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .events_common import RollUpCase


@tagged("post_install", "-at_install")
@freeze_time("2026-06-20 12:00:00")
class TestEventDegrees(RollUpCase):
    """From events to active users, licences and degrees, by rules; fair to the innocent, and no use to cheats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source.rule_ids = [
            Command.create(vals)
            for vals in (
                {"name": "Order Saved", "meaning": "intended", "date_property": "order_date"},
                {"name": "Order Forced", "meaning": "core"},
                {"name": "Order Corrected", "meaning": "failed"},
                {"name": "Orders Exported", "meaning": "beside"},
            )
        ]

    def _day(self, day, name="Order Saved", user="ada", date=None, **said):
        """Return an event of Acme on a day of June."""
        when = fields.Datetime.to_datetime(f"2026-06-{day:02} 09:00:00")
        if date:
            said["properties"] = {"order_date": date}
        return self._event(name, user, when, context={"groupId": "C-1"}, **said)

    def test_each_kind_of_event_makes_its_degree(self):
        self._take(
            self._day(1, date="2026-06-01"),
            self._day(1, date="2026-05-20"),
            self._day(2, date="2026-06-01T18:00:00Z"),
            self._day(2, "Order Forced"),
            self._day(3, "Order Corrected"),
            self._day(3, "Orders Exported"),
            self._day(3, "Menu Opened", user="bob"),
        )
        use = self._use(self.acme)
        self.assertEqual(
            (use.product_id, use.source, use.period), (self.product, "measured", "month")
        )
        self.assertEqual(use.active_users, 1, "who only opened a menu did no work")
        self.assertEqual(use.as_intended, 75)
        self.assertAlmostEqual(use.timely, 66.7, 1)
        self.assertEqual(use.accuracy, 80)
        self.assertEqual(use.in_place, 80)
        self.assertIs(use.frequency, False)
        self.assertIs(use.quality, False, "no event says how good work is")
        self.assertEqual(use.delivery_id.origin, "events")
        self.assertEqual(use.delivery_id.event_source_id, self.source)

    def test_what_no_rule_asks_is_unknown_and_each_event_is_use_by_default(self):
        self.source.rule_ids.unlink()
        self._take(self._day(1, "Anything"), self._day(1, "Else", user="bob"))
        use = self._use(self.acme)
        self.assertEqual(use.active_users, 2)
        for name in (
            "as_intended",
            "timely",
            "frequency",
            "in_place",
            "accuracy",
            "licensed_users",
        ):
            self.assertIs(use[name], False, name)

    def test_frequency_is_the_share_of_the_days_that_are_intended(self):
        self.source.intended_days = 2
        for day in (1, 2, 8, 9):
            self._take(self._day(day))
        # 4 days, of 2 in each of 20/7 weeks.
        self.assertAlmostEqual(self._use(self.acme).frequency, 70, 0)

    def test_licences_are_those_of_the_trait_else_of_the_contract(self):
        self._renewal(self.acme, seats=70, date_start="2026-01-01", date_renewal="2026-12-31")
        self._take(self._day(1))
        self.assertEqual(self._use(self.acme).licensed_users, 70)
        self._take(self._said("group", groupId="C-1", traits={"licensed_users": "40", "plan": "x"}))
        self.assertEqual(self._use(self.acme).licensed_users, 40)
        self._take({"type": "group", "groupId": "C-1", "traits": {"licensed_users": 55}})
        self.assertEqual(
            self._use(self.acme).licensed_users, 55, "a server may say it without a user"
        )
        self.source.licensed_trait = "seats"
        self._take(
            self._said("group", groupId="C-1", traits={"licensed_users": 9, "seats": "many"})
        )
        self.assertEqual(self._use(self.acme).licensed_users, 55)

    def test_a_change_of_rules_counts_what_is_kept_again(self):
        self._take(self._day(1), self._day(1, "Menu Opened", user="bob"))
        self.assertEqual(self._use(self.acme).active_users, 1)
        rules = self.source.with_user(self.manager).rule_ids
        rules.create({"source_id": self.source.id, "name": " Menu Opened ", "meaning": "core"})
        self._roll()
        self.assertEqual(self._use(self.acme).active_users, 2)
        self.assertEqual(self._use(self.acme).as_intended, 50)

    def test_weeks_are_counted_if_the_source_says_so(self):
        self.source.period = "week"
        self._take(self._day(7), self._day(8, user="bob"), self._day(9, user="eve"))
        uses = self.acme.success_usage_ids.sorted("date")
        self.assertEqual([str(use.date) for use in uses], ["2026-06-01", "2026-06-08"])
        self.assertEqual(uses.mapped("active_users"), [1, 2])

    def test_a_second_roll_up_and_a_second_delivery_change_nothing(self):
        events = [self._day(day, messageId=f"m{day}", date="2026-06-01") for day in (1, 2, 3)]
        self._take(*events)
        deliveries = self.env["customer.success.usage.delivery"].search_count([])
        use = self._use(self.acme)
        before = use.read()
        self._roll()
        self._take(*events)
        self.assertEqual(use.read(), before)
        self.assertFalse(use.revision_ids)
        self.assertEqual(self.env["customer.success.usage.delivery"].search_count([]), deliveries)

    def test_of_the_figures_of_a_day_the_last_ones_stay(self):
        for day in (1, 2, 3):
            self._take(self._day(day, user=f"user {day}"))
        use = self._use(self.acme)
        self.assertEqual(use.revision_ids.mapped("active_users"), [2, 1])
        self._take(self._day(4, user="user 4"))
        self.env.cr.execute(
            "UPDATE customer_success_usage_delivery SET create_date = create_date + interval '1 day' WHERE id = %s",
            [use.delivery_id.id],
        )
        self.env["customer.success.usage.revision"]._gc_of_events()
        self.assertEqual(use.revision_ids.mapped("active_users"), [3])

    def test_only_what_changed_is_delivered(self):
        others = [self._customer(f"Other {n}", ref=f"O-{n}") for n in range(3)]
        self._take(self._day(1), *(self._event(context={"groupId": other.ref}) for other in others))
        self._take(self._day(2, user="bob"))
        delivery = self._use(self.acme).delivery_id
        self.assertEqual((delivery.created, delivery.updated, delivery.unchanged), (0, 1, 0))

    def test_late_and_disordered_events_count_in_their_month(self):
        may = fields.Datetime.to_datetime("2026-05-05 09:00:00")
        self._take(self._day(2))
        self._take(self._event(when=may, context={"groupId": "C-1"}))
        uses = self.acme.success_usage_ids.sorted("date")
        self.assertEqual([str(use.date) for use in uses], ["2026-05-01", "2026-06-01"])

    def test_sums_stay_when_events_are_dropped(self):
        self._take(self._day(1), self._day(2, user="bob"))
        with freeze_time("2026-09-25 12:00:00"):
            self.env["customer.success.event"]._tend()
            self.assertEqual(self._kept(), [])
            self._roll()
            self.assertEqual(self._use(self.acme).active_users, 2)
            self.source.rule_ids[0].meaning = "core"
            self._roll()
            self.assertEqual(self._use(self.acme).active_users, 2)

    def test_sources_of_one_product_count_a_user_once(self):
        mobile = self.sources.create({"name": "Mobile", "product_id": self.product.id})
        self._take(self._day(1))
        self._take(self._day(2), self._day(2, user="bob"), source=mobile)
        self.assertEqual(self._use(self.acme).active_users, 2)

    # -- innocents --------------------------------------------------------------------------------

    def test_innocent_new_people_and_a_running_month_are_not_rare(self):
        self.source.intended_days = 5
        self._take(*(self._day(day, user="new") for day in (15, 16, 17, 18, 19)))
        self.assertEqual(self._use(self.acme).frequency, 100)

    def test_innocent_entries_ahead_of_their_date_are_on_time(self):
        self._take(self._day(1, date="2026-07-15"))
        self.assertEqual(self._use(self.acme).timely, 100)

    def test_innocent_entries_without_a_readable_date_are_neither_late_nor_on_time(self):
        self._take(self._day(1, date="01.05.2026"), self._day(1, date=["x"]), self._day(1))
        self.assertIs(self._use(self.acme).timely, False)

    def test_innocent_a_customer_without_events_is_unknown(self):
        other = self._customer("Other", ref="C-2")
        self._take(self._day(1))
        self.assertFalse(other.success_usage_ids)

    # -- cheats -----------------------------------------------------------------------------------

    def test_cheat_a_script_of_one_user_lifts_no_degree_of_the_others(self):
        self._take(
            *(self._day(1, date="2026-06-01") for _n in range(300)),
            *(self._day(1, "Order Forced", user=user) for user in ("bob", "eve", "joe")),
        )
        use = self._use(self.acme)
        self.assertEqual((use.active_users, use.as_intended), (4, 25))

    def test_cheat_invented_users_show_as_more_than_licensed(self):
        self._take(
            self._said("group", groupId="C-1", traits={"licensed_users": 5}),
            *(self._day(1, user=f"robot {n}") for n in range(50)),
        )
        use = self._use(self.acme)
        self.assertEqual((use.active_users, use.adoption), (50, 100))
        self.assertTrue(use.is_over_licensed)

    def test_cheat_the_same_message_of_another_day_is_none(self):
        self._take(self._day(1, messageId="m"))
        self._take(*(self._day(day, messageId="m") for day in (2, 3)))
        self.assertEqual(self._kept("day"), [(fields.Date.to_date("2026-06-01"),)])

    # -- screens ----------------------------------------------------------------------------------

    def test_a_rule_shows_what_it_would_say_before_it_is_saved(self):
        self._take(
            self._day(1, date="2026-06-01"),
            self._day(1, user="bob", date="2026-05-01"),
            self._day(2, "Bulk Import"),
        )
        form = Form(self.source.with_user(self.manager))
        with form.rule_ids.new() as rule:
            rule.name = "Bulk Import"
            rule.meaning = "beside"
            self.assertEqual(rule.preview, "1 events of 1 users; 67 % in the system")
            rule.meaning = "core"
            self.assertEqual(rule.preview, "1 events of 1 users; 67 % of core use is as intended")
            rule.name = "Bulk Imports"
            self.assertEqual(rule.preview, "No such event came in.")
        saved = self.source.rule_ids.filtered(lambda one: one.name == "Order Saved")
        self.assertIn("50 % on time", saved.preview)
        self.assertIn("Bulk Import", self.source.names_seen)

    def test_events_of_strangers_are_shown_as_text(self):
        self._take(self._day(1, "<script>alert(1)</script>"))
        self.assertNotIn("<script>", self.source.names_seen)
        self.assertIn("&lt;script&gt;", self.source.names_seen)

    def test_rules_that_cannot_be_are_refused_in_words(self):
        for vals in ({"meaning": "beside", "date_property": "x"},):
            with self.assertRaises(ValidationError):
                self.env["customer.success.event.rule"].create(
                    {"source_id": self.source.id, "name": "New", **vals}
                )

    def test_an_hour_later_the_score_shows_it(self):
        self._leave_out("trend", "barriers", "advisor", "progress", "value", "plan")
        self._take(
            self._said("group", groupId="C-1", traits={"licensed_users": 2}),
            *(self._day(day, user=user) for day in (1, 2) for user in ("ada", "bob")),
        )
        self.assertTrue(
            self.env["customer.success.score.request"].search([("partner_id", "=", self.acme.id)])
        )
        self._rescore(self.acme)
        self.assertIn("2 of 2 licensed users are active", str(self.acme.success_explanation))
