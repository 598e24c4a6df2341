from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import TODAY, SuccessCase, days
from ..work.plays_common import PlaysCase

ASK = "customer_success.mail_activity_type_ask_sales"
LOGGER = "odoo.addons.customer_success.models.sales.customer_success_assignment"


class HandoverCase(SuccessCase):
    """A base class of tests that win opportunities as a salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["customer.success.assignment"].with_user(cls.manager)
        cls.rules.search([]).active = False
        cls.second = new_test_user(cls.env, "test_second", "customer_success.group_success_user")
        cls.team = cls.env["crm.team"].create({"name": "North"})

    def _company(self, name="Fresh", **vals):
        return self.env["res.partner"].create({"name": name, "is_company": True, **vals})

    def _lead(self, partner, **vals):
        return (
            self.env["crm.lead"]
            .with_user(self.sales)
            .create(
                {
                    "name": "First order",
                    "type": "opportunity",
                    "partner_id": partner.id,
                    "user_id": self.sales.id,
                    "team_id": self.team.id,
                    **vals,
                }
            )
        )

    def _won(self, partner=None, **vals):
        """Win an opportunity with a company as the salesperson; return the company."""
        partner = partner or self._company()
        self._lead(partner, **vals).action_set_won()
        return partner.commercial_partner_id

    def _rule(self, *users, **vals):
        return self.rules.create(
            {
                "name": "Everybody",
                "user_ids": [Command.set([user.id for user in users])],
                **vals,
            }
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAssignments(HandoverCase):
    """The choice of the person who follows a customer that sales has won."""

    def test_s91_the_csm_of_the_sales_team_takes_over_before_all_rules(self):
        self._rule(self.second)
        self.team.success_user_id = self.csm
        customer = self._won()
        self.assertEqual(customer.success_user_id, self.csm)
        self.assertEqual(customer.success_plan_ids.user_id, self.csm)
        self.assertEqual(customer.success_plan_ids.activity_ids.user_id, self.csm)
        seen = customer.with_user(self.csm)
        self.assertNotIn("Set its CSM", str(seen.success_attention))

    def test_s91_the_first_rule_that_fits_decides(self):
        self._rule(self.second, name="Swedes", domain="[('country_id.code', '=', 'SE')]")
        self._rule(self.csm, name="All others", sequence=20)
        sweden = self.env.ref("base.se")
        self.assertEqual(
            self._won(self._company(country_id=sweden.id)).success_user_id, self.second
        )
        self.assertEqual(self._won().success_user_id, self.csm)

    def test_s91_two_rules_that_both_fit_say_which_decides(self):
        first = self._rule(self.second, name="First")
        later = self._rule(self.csm, name="Later", sequence=20)
        self.assertEqual(self._won().success_user_id, self.second)
        self.assertIn("an earlier rule (First) decides", later.explanation)
        self.assertNotIn("earlier", first.explanation)
        later.sequence = 5
        self.assertEqual(self._won(self._company("Next")).success_user_id, self.csm)

    def test_s91_several_share_by_the_fewest_customers_or_in_turns(self):
        self._customer()
        rule = self._rule(self.csm, self.second)
        self.assertEqual(self._won(self._company("A")).success_user_id, self.second)
        rule.method = "turns"
        got = [self._won(self._company(name)).success_user_id for name in "BCD"]
        self.assertEqual(set(got[:2]), {self.csm, self.second})
        self.assertEqual(got[0], got[2])
        self.assertIn(got[1].name, rule.explanation, "whose turn is next")

    def test_s91_who_follows_a_customer_keeps_it(self):
        self._rule(self.second)
        customer = self._customer()
        self._won(self._contact(customer), success_promised="Live by summer")
        self.assertEqual(customer.success_user_id, self.csm)

    def test_s91_without_a_rule_that_fits_nobody_gets_it_by_accident(self):
        """Not even the administrator, who is the first manager by id: the customer is seen until it has a CSM."""
        admin = self.env.ref("base.user_admin")
        self._rule(self.second, domain="[('country_id.code', '=', 'SE')]")
        customer = self._won()
        self.assertFalse(customer.success_user_id)
        asked = customer.success_plan_ids.activity_ids
        self.assertNotIn(admin, asked.user_id)
        self.assertTrue(asked.user_id.has_group("customer_success.group_success_manager"))
        self.assertIn("Set who follows it first", asked.note)
        seen = customer.with_user(self.manager)
        self.assertIn("Set its CSM", str(seen.success_attention))
        self.assertEqual(seen.success_nobody_since, TODAY)
        found = self.env["res.partner"].with_user(self.manager)
        self.assertIn(customer, found.search([("success_nobody_since", "<=", TODAY)]))
        tiles = self.env["customer.success.dashboard"].with_user(self.manager).create({})
        self.assertIn("Without a CSM", [tile["label"] for tile in tiles.content["tiles"]])
        seen.success_user_id = self.csm
        self.assertNotIn("Set its CSM", str(seen.success_attention))
        self.assertFalse(seen.success_nobody_since)

    def test_s91_where_the_administrator_is_the_only_manager_nobody_is_asked(self):
        managers = self.env["res.users"]._success_managers()
        system = self.env.ref("base.group_system")
        for manager in managers:
            manager.group_ids = [Command.link(system.id)]
        customer = self._won()
        self.assertFalse(customer.success_user_id)
        self.assertFalse(customer.success_plan_ids.activity_ids)
        self.assertEqual(customer.success_nobody_since, TODAY)

    def test_s91_people_who_cannot_follow_it_are_passed_over(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        abroad = new_test_user(
            self.env,
            "test_abroad",
            "customer_success.group_success_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        gone = new_test_user(self.env, "test_gone", "customer_success.group_success_user")
        rule = self._rule(gone, abroad, self.second)
        gone.active = False
        for number in range(3):
            customer = self._won(self._company(f"Customer {number}"), company_id=self.company.id)
            self.assertEqual(customer.success_user_id, self.second)
        self.second.group_ids = [
            Command.unlink(self.env.ref("customer_success.group_success_user").id)
        ]
        self.assertFalse(
            self._won(self._company("Last"), company_id=self.company.id).success_user_id
        )
        rule.invalidate_recordset()
        for words in ("is archived", "does not belong to the customer success team"):
            self.assertIn(words, rule.explanation)

    def test_s91_a_rule_of_another_company_decides_nothing_here(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.manager.company_ids = [Command.link(other.id)]
        self.csm.company_ids = [Command.link(other.id)]
        self._rule(self.csm, company_id=other.id)
        self.assertFalse(self._won(company_id=self.company.id).success_user_id)
        lead = self.env["crm.lead"].create(
            {
                "name": "There",
                "type": "opportunity",
                "partner_id": self._company("There").id,
                "company_id": other.id,
                "user_id": False,
            }
        )
        lead.action_set_won()
        self.assertEqual(lead.partner_id.success_user_id, self.csm)

    def test_s91_bad_rules_are_refused_in_words(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.manager.company_ids = [Command.link(other.id)]
        for words, users, vals in (
            ("at least one CSM", [], {}),
            ("customer success team", [self.sales], {}),
            ("does not work in Other Company", [self.csm], {"company_id": other.id}),
            ("cannot be used", [self.csm], {"domain": "[('no_field', '=', 1)]"}),
            ("cannot be used", [self.csm], {"domain": "nonsense("}),
            ("depends on this list", [self.csm], {"domain": "[('success_user_id', '=', 1)]"}),
        ):
            with (
                self.subTest(words=words, vals=vals),
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self._rule(*users, **vals)
        self.team.company_id = other
        with self.assertRaisesRegex(ValidationError, "does not work in Other Company"):
            self.team.success_user_id = self.csm

    def test_s91_a_broken_rule_blocks_no_sale(self):
        rule = self._rule(self.second)
        self._rule(self.csm, sequence=20)
        self.env.cr.execute(
            "UPDATE customer_success_assignment SET domain = %s WHERE id = %s",
            ["[('no_field', '=', 1)]", rule.id],
        )
        rule.invalidate_recordset()
        with mute_logger(LOGGER):
            self.assertEqual(self._won().success_user_id, self.csm)
        self.assertIn("passed over", rule.explanation)

    def test_s91_the_rules_are_applied_later_to_those_without_a_csm(self):
        customer, left = self._won(), self._won(self._company("Left"))
        self._rule(self.second, domain="[('name', '=', 'Fresh')]")
        both = (customer | left).with_user(self.manager)
        said = both.action_success_assign()["params"]
        self.assertEqual((customer.success_user_id, left.success_user_id.id), (self.second, False))
        self.assertIn("No rule fits: Left", said["message"])
        with self.assertRaises(AccessError):
            both.with_user(self.csm).action_success_assign()

    def test_only_managers_set_the_rules(self):
        rule = self._rule(self.csm)
        self.assertTrue(rule.with_user(self.csm).has_access("read"))
        for user in (self.csm, self.lead_csm, self.sales):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                rule.with_user(user).write({"sequence": 1})
        self.assertFalse(rule.with_user(self.sales).has_access("read"))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestHandoverOfSales(HandoverCase):
    """The questions to sales while it wins."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.success_user_id = cls.csm

    def _asked(self, lead):
        return lead.sudo().activity_search([ASK])

    def _press_won(self, lead):
        return lead.with_context(success_ask=True).action_set_won_rainbowman()

    def test_s91_the_button_asks_what_was_bought_and_promised_and_wins(self):
        lead = self._lead(self._company())
        action = self._press_won(lead)
        self.assertEqual(
            (action["res_model"], lead.won_status), ("customer.success.win", "pending")
        )
        # The web client keeps the context of the button for the dialog.
        dialog = Form(
            self.env[action["res_model"]]
            .with_user(self.sales)
            .with_context(**action["context"], success_ask=True)
        )
        dialog.success_bought = "40 seats"
        dialog.success_promised = "Live by summer"
        dialog.success_introduction = "A pilot, then their project office"
        done = dialog.save().action_win()
        self.assertNotEqual(done.get("res_model"), "customer.success.win")
        self.assertEqual(lead.won_status, "won")
        plan = lead.partner_id.sudo().success_plan_ids.with_user(self.csm)
        self.assertEqual(
            (plan.bought, plan.promised, plan.introduction),
            ("40 seats", "Live by summer", "A pilot, then their project office"),
        )
        self.assertEqual(
            lead.partner_id.with_user(self.csm).success_introduction, plan.introduction
        )
        self.assertIn("Live by summer", plan.activity_ids.note)
        self.assertFalse(self._asked(lead))

    def test_s91_it_never_blocks_and_asks_the_salesperson_later(self):
        lead = self._lead(self._company())
        action = self._press_won(lead)
        dialog = self.env[action["res_model"]].with_user(self.sales)
        dialog.with_context(**action["context"]).create({}).action_win()
        self.assertEqual(lead.won_status, "won")
        self.assertEqual(self._asked(lead).user_id, self.sales)

    def test_s91_dragged_into_the_stage_it_is_asked_by_an_activity_once(self):
        lead = self._lead(self._company())
        won = lead._stage_find(domain=[("is_won", "=", True)])
        pending = lead.stage_id
        for stage in (won, pending, won):
            lead.stage_id = stage
        self.assertEqual(len(self._asked(lead)), 1)
        plan = lead.partner_id.sudo().success_plan_ids
        self.assertFalse(plan.promised)
        lead.write({"success_promised": "Live by summer"})
        self.assertEqual(plan.promised, "Live by summer")
        self.assertTrue(self._asked(lead), "what was bought is still not known")
        lead.write({"success_bought": "40 seats"})
        self.assertFalse(self._asked(lead))
        self.assertEqual(plan.bought, "40 seats")
        self.assertIn("40 seats", plan.activity_ids.filtered("user_id")[-1:].note)

    def test_s91_what_is_known_is_not_asked_again(self):
        """Innocents: it is all written down already, it is a renewal, it comes from a file of past sales."""
        known = {"success_bought": "40 seats", "success_promised": "Nothing"}
        told = self._lead(self._company("Told"), **known)
        self.assertNotEqual(self._press_won(told), "customer.success.win")
        self.assertEqual(told.won_status, "won")
        customer = self._customer()
        renewal = self._lead(customer)
        renewal.sudo().success_renewal_id = self._renewal(customer)
        self._press_won(renewal)
        self.assertEqual(renewal.won_status, "won")
        past = self._lead(self._company("Past"))
        past.with_context(import_file=True).action_set_won()
        for lead in (told, renewal, past):
            self.assertFalse(self._asked(lead), lead.partner_id.name)

    def test_s91_what_the_plan_says_already_is_kept(self):
        customer = self._customer()
        plan = self.env["customer.success.plan"].create(
            {"partner_id": customer.id, "promised": "What was agreed with the customer"}
        )
        lead = self._lead(customer, success_promised="More seats", success_bought="10 seats")
        lead.action_set_won()
        self.assertEqual(plan.promised, "What was agreed with the customer")
        self.assertEqual(plan.bought, "10 seats")
        self.assertIn("More seats", plan.activity_ids.note)

    def test_s91_their_way_of_introducing_systems_is_asked_until_it_is_known(self):
        lead = self._lead(self._company(), success_promised="Live by summer", success_bought="It")
        lead.action_set_won()
        customer = lead.partner_id.with_user(self.csm)
        self.assertIn("how they introduce new systems", str(customer.success_attention))
        self.assertIn("Ask how they introduce", customer.success_plan_ids.activity_ids.note)
        customer.success_plan_ids.introduction = "A pilot …"
        customer.invalidate_recordset()
        self.assertIn("how they introduce new systems", str(customer.success_attention))
        customer.success_plan_ids.introduction = "A pilot in one department"
        customer.invalidate_recordset()
        self.assertNotIn("how they introduce new systems", str(customer.success_attention))

    def test_s91_nobody_reads_the_dialog_of_others_and_sales_reads_no_plan(self):
        lead = self._lead(self._company())
        dialog = self.env["customer.success.win"].with_user(self.sales).create({"lead_id": lead.id})
        for user in (self.manager, self.csm):
            self.assertFalse(dialog.with_user(user).has_access("read"), user.login)
        lead.action_set_won()
        with self.assertRaises(AccessError):
            lead.partner_id.with_user(self.sales).success_introduction  # noqa: B018


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNobody(PlaysCase):
    """The playbook of customers without a CSM."""

    def test_s91_a_playbook_asks_who_follows_a_customer_without_a_csm(self):
        play = self._play("nobody", days=3, user_id=self.manager.id, date_start=days(30))
        nobodys = self._customer("Nobodys", success_user_id=False)
        nobodys.success_nobody_since = days(2)
        customers = nobodys | self.customer
        self.assertFalse(self.plays._evaluate(customers.ids))
        nobodys.success_nobody_since = days(3)
        self.assertEqual(self.plays._evaluate(customers.ids), 1)
        run = self.runs.search([("play_id", "=", play.id)])
        self.assertEqual((run.partner_id, run.user_id), (nobodys, self.manager))
        self.assertIn("Nobody has followed it since", run.reason)
        self.assertFalse(self.plays._evaluate(customers.ids))

    def test_a_customer_that_is_merged_into_one_with_a_csm_is_followed(self):
        nobodys = self._customer("Nobodys", success_user_id=False)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (nobodys | self.customer).ids, self.customer
        )
        self.assertEqual(self.customer.success_user_id, self.csm)
        self.assertFalse(self.customer.success_nobody_since)

    def test_s91_the_day_is_kept_by_the_system_alone(self):
        nobodys = self._customer("Nobodys", success_user_id=False, success_stage_id=False)
        self.assertFalse(nobodys.success_nobody_since, "it is not followed at all")
        nobodys.with_user(self.lead_csm).write(
            {"success_stage_id": self.stages["discover"].id, "success_nobody_since": days(900)}
        )
        self.assertEqual(nobodys.success_nobody_since, TODAY)
