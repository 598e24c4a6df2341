from psycopg2 import IntegrityError
from psycopg2.errors import ExclusionViolation

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..common import TODAY, days
from .merged_terms_common import MergedTermsCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMergedTerms(MergedTermsCase):
    """Two customers that are one: equal terms fold, and no two pending terms are of one product, contract and time."""

    def test_equal_terms_fold_and_each_can_be_edited(self):
        ours, theirs = self._renewal(self.keeps), self._renewal(self.goes)
        self._rescore(self.keeps)
        alone = self.keeps.success_value_at_risk
        said = "They are content"
        theirs.message_post(body=said, message_type="comment", subtype_xmlid="mail.mt_note")
        self._merge()
        self.assertFalse(theirs.exists())
        self.assertEqual(self._terms(active_test=False), ours)
        self.assertIn("They are content", str(ours.message_ids.mapped("body")))
        self._rescore(self.keeps)
        self.assertAlmostEqual(self.keeps.success_value_at_risk, alone, places=2)
        ours.with_user(self.csm).write({"seats": 120, "date_renewal": days(-110)})
        self.assertFalse(self._asked(ours))
        self.assertIn("Acme ·", ours.name)

    def test_what_belongs_to_the_folded_term_is_kept(self):
        ours, theirs = self._renewal(self.keeps), self._renewal(self.goes, contract_number="C-7")
        checkpoints = self.env["customer.success.checkpoint"].sudo()
        checkpoints._take([(ours.id, 180), (theirs.id, 180)])
        checkpoints._take([(theirs.id, 90)])
        mobile = self.env["product.product"].create({"name": "Mobile"})
        addon = self._renewal(self.goes, 500, product_id=mobile.id, main_id=theirs.id)
        theirs.sudo()._open_leads()
        lead = theirs.lead_id
        self._merge()
        self.assertEqual(ours.contract_number, "C-7")
        self.assertEqual(sorted(ours.checkpoint_ids.mapped("horizon")), [90, 180])
        self.assertEqual(addon.main_id, ours)
        self.assertEqual((ours.lead_id, lead.partner_id), (lead, self.keeps))
        ours.annual_value = 15000
        self.assertEqual(lead.expected_revenue, 15500)

    def test_two_opportunities_become_one(self):
        ours, theirs = self._renewal(self.keeps), self._renewal(self.goes)
        (ours | theirs).sudo()._open_leads()
        lead, other = ours.lead_id, theirs.lead_id
        said = "Call on Monday"
        other.message_post(body=said, message_type="comment", subtype_xmlid="mail.mt_note")
        self._merge()
        self.assertFalse(other.exists())
        self.assertEqual((ours.lead_id, lead.expected_revenue), (lead, 12000))
        self.assertIn("Call on Monday", str(lead.message_ids.mapped("body")))
        pipeline = self.env["crm.lead"].search([("partner_id", "=", self.keeps.id)])
        self.assertEqual(sum(pipeline.mapped("expected_revenue")), 12000)

    def test_equal_histories_fold_with_their_next_terms(self):
        for customer in (self.keeps, self.goes):
            term = self._renewal(customer, date_start=days(400), date_renewal=days(35))
            term.write({"outcome": "renewed", "date_outcome": days(40)})
        self.assertEqual(len(self._terms()), 2)
        self._merge()
        self.assertEqual(self._terms(active_test=False).mapped("outcome"), ["renewed", "pending"])
        self.assertEqual(self._terms()[1].previous_id, self._terms()[0])
        self.assertTrue(self._terms()[1].is_generated)

    def test_equal_terms_with_equal_amendments_fold(self):
        for customer in (self.keeps, self.goes):
            self.env["customer.success.renewal.amendment"].create(
                {
                    "renewal_id": self._renewal(customer).id,
                    "date": days(-10),
                    "annual_value": 14000,
                    "seats": 110,
                    "reason": "More people",
                }
            )
        self._merge()
        self.assertEqual(len(self._terms()), 1)
        self.assertEqual(len(self._terms().amendment_ids), 1)

    def test_a_history_of_one_customer_goes_on_with_the_term_of_the_other(self):
        last = self._renewal(self.goes, date_start=days(400), date_renewal=days(35))
        last.write({"outcome": "renewed", "date_outcome": days(40)})
        theirs = last.next_ids
        ours = self._renewal(
            self.keeps, date_start=theirs.date_start, date_renewal=theirs.date_renewal
        )
        self._merge()
        self.assertFalse(theirs.exists())
        self.assertEqual(ours.previous_id, last)
        self.assertEqual(ours.anchor_start, last.date_start)
        self.assertEqual(self._terms(active_test=False), last | ours)
        last.with_user(self.csm).write({"outcome": "expanded", "renewed_value": 15000})
        self.assertEqual(len(self._terms()), 2)

    def test_a_chain_of_three_terms_folds_into_its_last_one(self):
        first = self._renewal(self.goes, date_start=days(765), date_renewal=days(400))
        first.write({"outcome": "renewed", "date_outcome": days(410)})
        second = first.next_ids
        second.write({"outcome": "renewed", "date_outcome": days(40)})
        third = second.next_ids
        end = third.date_renewal
        ours = self._renewal(self.keeps, date_start=third.date_start, date_renewal=end)
        copy = self._renewal(
            self.keeps, date_start=first.date_start, date_renewal=first.date_renewal
        )
        copy.with_context(active_test=False).write(
            {"outcome": "renewed", "date_outcome": days(410)}
        )
        self._merge()
        self.assertFalse(third.exists())
        self.assertEqual(ours.previous_id.previous_id, copy)

    def test_an_add_on_and_a_replaced_term_keep_their_places(self):
        mobile, suite = self.env["product.product"].create([{"name": "Mobile"}, {"name": "Suite"}])
        main = self._renewal(self.goes, 100)
        theirs = self._renewal(self.goes, 500, product_id=mobile.id, main_id=main.id)
        ours = self._renewal(self.keeps, 500, product_id=mobile.id)
        came = self._renewal(
            self.goes, 9000, product_id=suite.id, date_start=days(35), date_renewal=days(-330)
        )
        third = self.env["product.product"].create({"name": "Third"})
        span = {"product_id": third.id, "date_start": days(400), "date_renewal": days(35)}
        lost, known = (
            self._renewal(self.goes, 8000, **span),
            self._renewal(self.keeps, 8000, **span),
        )
        lost.replaced_by_id = came
        known.write({"outcome": "expanded", "renewed_value": 9000, "date_outcome": days(35)})
        lost.date_outcome = days(35)
        self._merge()
        self.assertFalse((theirs | lost).exists())
        self.assertEqual(ours.main_id, main)
        self.assertEqual(known.replaced_by_id, came)
        self.assertFalse(known.next_ids - came, "the generated next term of a replaced one goes")
        ours.with_user(self.csm).seats = 7
        known.with_user(self.csm).date_renewal = days(34)

    def test_a_notice_period_is_taken_over_with_the_add_ons_of_the_other_customer(self):
        mobile = self.env["product.product"].create({"name": "Mobile"})
        ours = self._renewal(self.keeps)
        theirs = self._renewal(self.goes)
        theirs.write({"notice_period": 1, "notice_unit": "months", "notice_to": "term"})
        addon = self._renewal(self.goes, 500, product_id=mobile.id, main_id=theirs.id)
        self.assertTrue(theirs.date_notice and not ours.date_notice)
        self._merge()
        self.assertEqual(addon.main_id, ours)
        self.assertEqual(ours.date_notice, addon.date_notice)
        self.assertTrue(ours.date_notice)
        ours.with_user(self.csm).date_renewal = days(-121)
        self.assertEqual(addon.date_renewal, days(-121))

    def test_a_number_is_taken_over_where_only_the_other_customer_has_a_next_term(self):
        span = {"date_start": days(400), "date_renewal": days(35)}
        ours = self._renewal(self.keeps, **span)
        theirs = self._renewal(self.goes, contract_number="C-7", **span)
        for term in (ours, theirs):
            term.write({"outcome": "renewed", "date_outcome": days(40)})
        ours.next_ids.unlink()
        following = theirs.next_ids
        self._merge()
        self.assertEqual((ours.contract_number, ours.next_ids), ("C-7", following))
        self.assertEqual(self._terms(active_test=False), ours | following)

    def test_what_replaced_a_term_is_the_one_that_counts(self):
        suite = self.env["product.product"].create({"name": "Suite"})
        span = {"product_id": suite.id, "date_start": days(35), "date_renewal": days(-330)}
        lost = self._renewal(self.goes, 8000, date_start=days(400), date_renewal=days(35))
        came, better = (
            self._renewal(self.goes, 9000, **span),
            self._renewal(self.keeps, 9500, **span),
        )
        lost.replaced_by_id = came
        self._merge()
        self.assertEqual(came.counts_instead_id, better)
        self.assertEqual((lost.replaced_by_id, lost.renewed_value), (better, 9500))
        self._choose(better, "aside", user=self.manager)
        self.assertEqual((lost.replaced_by_id, lost.renewed_value), (came, 9000))

    def test_three_customers_fold_at_once(self):
        third = self._customer("Acme Ltd", email="a@example.com")
        for customer in (self.keeps, self.goes, third):
            self._renewal(customer)
        self._merge(third)
        self.assertEqual(len(self._terms(active_test=False)), 1)

    def test_playbooks_that_ran_for_the_folded_term_do_not_run_again(self):
        play = self.env["customer.success.play"].search([("trigger", "=", "renewal")], limit=1)
        play.write({"days": 120, "date_start": days(300)})
        self._renewal(self.keeps)
        self._renewal(self.goes)
        plays = self.env["customer.success.play"]
        plays._evaluate(self.goes.ids)
        runs = self.env["customer.success.play.run"]
        mine = [("play_id", "=", play.id)]
        before = runs.search_count(mine)
        self.assertTrue(before)
        self._merge()
        plays._evaluate(self.keeps.ids)
        self.assertEqual(runs.search_count([*mine, ("partner_id", "=", self.keeps.id)]), before)

    def test_innocent_what_does_not_overlap_or_has_its_own_number_stays(self):
        self._renewal(self.keeps)
        self._renewal(self.goes, date_start=days(-100), date_renewal=days(-465))
        one = self._renewal(self.keeps, product_id=False)
        self._renewal(self.goes, 700, product_id=False)
        third = self.env["product.product"].create({"name": "Third"})
        self._renewal(self.keeps, product_id=third.id, contract_number="A")
        self._renewal(self.goes, product_id=third.id, contract_number="B")
        self._merge()
        self.assertEqual(len(self._terms()), 6)
        self.assertFalse(self._terms(active_test=False).counts_instead_id)
        self.assertTrue(one.active)

    # ------------------------------------------------------------------------------------------
    # The rule stands in the database
    # ------------------------------------------------------------------------------------------

    def _sql(self, term, **vals):
        """Write past the ORM."""
        sets = ", ".join(f"{name} = %s" for name in vals)
        with mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env.cr.execute(
                f"UPDATE customer_success_renewal SET {sets} WHERE id = %s",
                (*vals.values(), term.id),
            )
            # As at the end of a transaction.
            for when in ("IMMEDIATE", "DEFERRED"):
                self.env.cr.execute(f"SET CONSTRAINTS customer_success_renewal_pending_once {when}")

    def test_no_sql_goes_past_it(self):
        term, other = self._renewal(self.keeps), self._renewal(self.goes, 100)
        self.env.flush_all()
        for vals in (
            {"partner_id": self.keeps.id},
            {"partner_id": self.keeps.id, "date_start": days(-50), "date_renewal": days(-300)},
            {"partner_id": self.keeps.id, "contract_number": "A"},
            {"partner_id": self.keeps.id, "date_start": None},
        ):
            with self.subTest(vals=vals), self.assertRaises(ExclusionViolation):
                self._sql(other, **vals)
        term.contract_number = "a"
        self.env.flush_all()
        with self.assertRaises(IntegrityError):
            self._sql(other, partner_id=self.keeps.id, contract_number="A")

    def test_what_the_rule_of_the_form_allows_the_database_allows(self):
        self._renewal(self.keeps, contract_number="A")
        other = self._renewal(self.goes, 100)
        self.env.flush_all()
        for vals in (
            {"partner_id": self.keeps.id, "contract_number": "B"},
            {"partner_id": self.keeps.id, "product_id": None},
            {"partner_id": self.keeps.id, "active": False},
            {"partner_id": self.keeps.id, "is_generated": True},
            {"partner_id": self.keeps.id, "outcome": "churned"},
            {"partner_id": self.keeps.id, "date_start": days(-100), "date_renewal": days(-400)},
        ):
            with self.subTest(vals=vals):
                before = {name: other._plain(name) or None for name in vals}
                self._sql(other, **vals)
                self._sql(other, **before)
