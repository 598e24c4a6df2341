from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, SuccessCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestIngestion(SuccessCase):
    """The rows of usage that a delivery creates, corrects and refuses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", ref="A-1", vat="BE0477472701")
        cls.usages = cls.env["customer.success.usage"]

    def _ingest(self, *rows, user=None):
        return self.usages.with_user(user or self.csm).ingest(list(rows))

    def _refused(self, row, field, message, user=None):
        """Check that the row is refused with this field and message, and a valid row in the same delivery is accepted."""
        good = self._row(self.customer, active_users=81)
        with self.subTest(row=row), self.env.cr.savepoint() as savepoint:
            answer = self._ingest(good, row, user=user)
            self.assertEqual(len(answer["rejected"]), 1, answer)
            line = answer["rejected"][0]
            self.assertEqual((line["row"], line["field"]), (1, field))
            self.assertRegex(line["message"], message)
            self.assertEqual(answer["created"], 1)
            savepoint.rollback()

    # -- good rows ------------------------------------------------------------------------------

    def test_a_row_becomes_a_record_of_use(self):
        answer = self._ingest(
            self._row(self.customer, licensed_users=100, quality=66.66, period="week")
        )
        self.assertEqual(
            {name: answer[name] for name in ("created", "updated", "unchanged", "rejected")},
            {"created": 1, "updated": 0, "unchanged": 0, "rejected": []},
        )
        usage = self.customer.success_usage_ids
        self.assertEqual(str(usage.date), "2026-05-18")
        self.assertEqual((usage.period, usage.source), ("week", "measured"))
        self.assertEqual((usage.active_users, usage.adoption, usage.quality), (80, 80, 66.7))
        self.assertIs(usage.accuracy, False)
        self.assertFalse(usage.is_over_licensed)
        self.assertEqual(usage.create_uid, self.csm)
        self.assertEqual(usage.delivery_id.id, answer["delivery_id"])

    def test_sql_and_form_compute_the_same(self):
        """The statement of a delivery has its own formulas, which must be equal to those of the model."""
        cases = ((100, 33), (3, 2), (50, 60), (0, 4), (None, 7), (9, None), (0, 0))
        rows = [
            self._row(
                self.customer,
                date=f"2025-{month:02}-01",
                licensed_users=licensed,
                active_users=active,
            )
            for month, (licensed, active) in enumerate(cases, start=1)
        ]
        self._ingest(*rows)
        self.assertEqual(len(self.customer.success_usage_ids), len(cases))
        for usage in self.customer.success_usage_ids:
            stored = (usage.adoption, usage.is_over_licensed)
            self.env.add_to_compute(self.usages._fields["adoption"], usage)
            self.env.add_to_compute(self.usages._fields["is_over_licensed"], usage)
            with self.subTest(licensed=usage.licensed_users, active=usage.active_users):
                self.assertEqual(stored[1], usage.is_over_licensed)
                if stored[0] is False:
                    self.assertIs(usage.adoption, False)
                else:
                    self.assertAlmostEqual(stored[0], usage.adoption, 1)

    def test_the_same_delivery_twice_changes_nothing(self):
        rows = [self._row(self.customer), self._row(self.customer, date="2026-04-02", timely=50)]
        self._ingest(*rows)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT max(write_date), max(xmin::text::bigint) FROM customer_success_usage"
        )
        before = self.env.cr.fetchone()
        self.env.cr.execute("DELETE FROM customer_success_score_request")
        answer = self._ingest(*rows)
        self.assertEqual((answer["created"], answer["updated"], answer["unchanged"]), (0, 0, 2))
        self.env.cr.execute(
            "SELECT max(write_date), max(xmin::text::bigint) FROM customer_success_usage"
        )
        self.assertEqual(self.env.cr.fetchone(), before)
        self.assertFalse(self.env["customer.success.usage.revision"].search([]))
        self.env.cr.execute("SELECT count(*) FROM customer_success_score_request")
        self.assertEqual(self.env.cr.fetchone(), (0,), "nobody is rescored for nothing")

    def test_a_correction_replaces_and_what_it_replaced_is_kept(self):
        first = self._ingest(self._row(self.customer, licensed_users=100, quality=70))
        answer = self._ingest(self._row(self.customer, active_users=90), user=self.lead_csm)
        self.assertEqual((answer["created"], answer["updated"]), (0, 1))
        usage = self.customer.success_usage_ids
        self.assertEqual((usage.active_users, usage.quality, usage.adoption), (90, 70, 90))
        revision = usage.revision_ids
        self.assertEqual((revision.active_users, revision.quality), (80, 70))
        self.assertEqual(revision.user_id, self.lead_csm)
        self.assertEqual(revision.delivery_id.id, first["delivery_id"])

    def test_left_out_stays_and_null_is_unknown(self):
        self._ingest(self._row(self.customer, quality=70, timely=60))
        self._ingest(self._row(self.customer, quality=None, timely=""))
        usage = self.customer.success_usage_ids
        self.assertIs(usage.quality, False)
        self.assertEqual(usage.timely, 60)

    def test_measured_and_assessed_and_weeks_and_months_stand_side_by_side(self):
        answer = self._ingest(
            self._row(self.customer, date="2026-06-01"),
            self._row(self.customer, date="2026-06-01", source="assessed"),
            self._row(self.customer, date="2026-06-01", period="week"),
        )
        self.assertEqual(answer["created"], 3)

    def test_a_changed_customer_is_asked_to_be_rescored(self):
        self.env.cr.execute("DELETE FROM customer_success_score_request")
        self._ingest(self._row(self.customer))
        requests = self.env["customer.success.score.request"].sudo().search([])
        self.assertEqual(requests.partner_id, self.customer)

    def test_names_of_customers(self):
        self.env["ir.model.data"].create(
            [
                {"module": module, "name": name, "model": "res.partner", "res_id": self.customer.id}
                for module, name in (("telemetry", "acme"), ("__import__", "acme_1"))
            ]
        )
        for number, names in enumerate(
            (
                {"customer_external_id": "telemetry.acme"},
                {"customer_external_id": "acme_1"},
                {"customer_ref": "A-1"},
                {"customer_vat": "BE0477472701"},
                {"customer_vat": "be 0477.472.701"},
                {"customer_ref": "A-1", "customer_vat": "BE0477472701"},
            ),
            start=1,
        ):
            with self.subTest(**names):
                row = {**self._row(date=f"2025-{number:02}-01"), **names}
                self.assertEqual(self._ingest(row)["rejected"], [])
        self.assertEqual(len(self.customer.success_usage_ids), 6)

    def test_a_product_by_external_id_and_one_that_succeeded_an_archived_one(self):
        self.env["ir.model.data"].create(
            {
                "module": "telemetry",
                "name": "planner",
                "model": "product.product",
                "res_id": self.product.id,
            }
        )
        row = self._row(self.customer, product_external_id="telemetry.planner")
        del row["product_code"]
        self.assertEqual(self._ingest(row)["created"], 1)
        former = self.env["product.product"].create(
            {"name": "Old Planner", "default_code": "PLANNER", "active": False}
        )
        self._ingest(self._row(self.customer, date="2026-03-01"))
        self.assertNotIn(former, self.customer.success_usage_ids.product_id)

    def test_two_spellings_of_a_vat_number_in_one_delivery(self):
        answer = self._ingest(
            self._row(customer_vat="BE0477472701"),
            self._row(customer_vat="be 0477.472.701", date="2026-04-01"),
        )
        self.assertEqual((answer["created"], answer["rejected"]), (2, []))

    def test_a_repeated_row_is_logged_with_what_it_brought(self):
        self._ingest(self._row(self.customer, licensed_users=100, quality=70))
        self._ingest(
            self._row(self.customer, active_users=1),
            self._row(self.customer, active_users=2, timely=None),
        )
        kept = self.env["customer.success.usage.rejection"].search([])
        self.assertNotIn("licensed_users", kept.brought)
        self.assertEqual((kept.brought["active_users"], kept.brought["timely"]), ("2", "null"))

    def test_a_branch_does_not_correct_what_it_cannot_see(self):
        """Odoo shows the partners of the parent company to a branch; the record rules of usage do not."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        user = new_test_user(
            self.env,
            "test_branch",
            "customer_success.group_success_manager",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        self.customer.company_id = self.company
        answer = self._ingest(self._row(self.customer), user=user)
        self.assertIn("no customer", answer["rejected"][0]["message"])

    def test_names_take_few_queries_however_many(self):
        partners = self.env["res.partner"].create(
            [
                {
                    "name": f"N{number}",
                    "is_company": True,
                    "ref": f"N-{number}",
                    "success_stage_id": self.stages["first_use"].id,
                }
                for number in range(30)
            ]
        )
        self.env["ir.model.data"].create(
            [
                {"module": "t", "name": p.ref, "model": "res.partner", "res_id": p.id}
                for p in partners
            ]
        )
        self.env.flush_all()
        for key, prefix in (("customer_ref", ""), ("customer_external_id", "t.")):
            rows = [self._row(**{key: prefix + partner.ref}) for partner in partners]
            with self.subTest(key), self.assertQueryCount(50):
                self.assertFalse(self._ingest(*rows)["rejected"])

    def test_emoji_and_right_to_left_names(self):
        for reference in ("\U0001f680-1", "\u05dc\u05e7\u05d5\u05d7", "\u0639\u0645\u064a\u0644-7"):
            customer = self._customer(reference, ref=reference)
            self.assertEqual(self._ingest(self._row(customer))["created"], 1)

    def test_more_active_than_licensed_is_kept_and_flagged(self):
        self._ingest(self._row(self.customer, licensed_users=50))
        usage = self.customer.success_usage_ids
        self.assertTrue(usage.is_over_licensed)
        self.assertEqual(usage.adoption, 100)

    def test_a_number_of_users_that_is_hard_to_believe_is_stored_and_warned_of(self):
        rows = (
            self._row(self.customer, active_users=10**12, licensed_users=10),
            self._row(self.customer, date="2026-04-20", active_users=7, licensed_users=10),
            self._row(self.customer, date="2026-03-20", active_users=10**6, licensed_users=10),
        )
        answer = self._ingest(*rows)
        self.assertEqual((answer["created"], answer["rejected"]), (3, []))
        self.assertEqual(
            [(line["row"], line["field"], line["code"]) for line in answer["warnings"]],
            [(0, "active_users", "unlikely"), (2, "active_users", "unlikely")],
        )
        self.assertIn("ten times the customer's licences (10)", answer["warnings"][0]["message"])
        for confirmed in ("yes", "YES ", True):
            answer = self._ingest({**rows[0], "confirmed": confirmed})
            self.assertEqual((answer["unchanged"], answer["warnings"]), (1, []))

    def test_a_number_of_users_is_held_against_the_customers_past(self):
        for month in (2, 3, 4):
            self._ingest(self._row(self.customer, date=f"2026-0{month}-01", active_users=60))
        for figures, field in (
            ({"active_users": 601}, "active_users"),
            ({"active_users": 600}, None),
            ({"licensed_users": 10**6, "active_users": 70}, None),
            ({"timely": 99}, None),
        ):
            with self.subTest(**figures):
                warnings = self._ingest(self._row(self.customer, **figures))["warnings"]
                self.assertEqual([line["field"] for line in warnings], [field] if field else [])

    def test_innocent_licences_known_before_speak_for_more_users(self):
        for month in (2, 3, 4):
            date = f"2026-0{month}-01"
            self._ingest(self._row(self.customer, date=date, active_users=60, licensed_users=90))
        row = self._row(self.customer, licensed_users=900, active_users=800)
        self.assertFalse(self._ingest(row)["warnings"])

    def test_innocent_the_first_row_with_licences_of_a_small_customer(self):
        for ref, past, active in (("IN-1", 4, 100), ("IN-2", 60, 600)):
            customer = self._customer(ref, ref=ref)
            self._ingest(self._row(customer, date="2026-04-01", active_users=past))
            row = self._row(customer, licensed_users=900, active_users=active)
            self.assertFalse(self._ingest(row)["warnings"], "it grew tenfold, or up to 100")

    def test_innocent_nothing_is_known_before_the_first_row_with_licences(self):
        row = self._row(self.customer, licensed_users=10**6, active_users=10**6)
        self.assertFalse(self._ingest(row)["warnings"])

    def test_cheat_licences_of_the_same_row_speak_for_no_users(self):
        for number, licensed in enumerate((900, 10**6, 10**9)):
            customer = self._customer(f"Cheat {number}", ref=f"CH-{number}")
            for month in (2, 3, 4):
                self._ingest(self._row(customer, date=f"2026-0{month}-01", active_users=60))
            row = self._row(customer, licensed_users=licensed, active_users=licensed - 100)
            [warning] = self._ingest(row)["warnings"]
            self.assertEqual((warning["field"], warning["code"]), ("active_users", "unlikely"))
            self.assertIn("this customer's past (60)", warning["message"])

    def test_a_pilot_that_grows_tenfold_is_believed(self):
        self._ingest(self._row(self.customer, date="2026-04-01", active_users=5, licensed_users=5))
        answer = self._ingest(self._row(self.customer, active_users=95, licensed_users=120))
        self.assertFalse(answer["warnings"])

    # -- bad rows -------------------------------------------------------------------------------

    def test_figures_that_are_none(self):
        number = "is not a number"
        for value, field, message in (
            (float("nan"), "quality", number),
            (float("inf"), "active_users", number),
            ("nan", "quality", number),
            ("1e400", "active_users", number),
            (1e30, "active_users", "0 or more"),
            (10**30, "licensed_users", "0 or more"),
            (-1, "active_users", "0 or more"),
            (1.5, "active_users", "whole number"),
            (-0.1, "timely", "from 0 to 100"),
            (101, "accuracy", "from 0 to 100"),
            (10**400, "accuracy", "from 0 to 100"),
            (True, "in_place", number),
            ([1], "in_place", number),
            ({"a": 1}, "frequency", number),
            ("1,5,5", "frequency", number),
            ("=1+1", "frequency", number),
            ("1_000", "licensed_users", number),
        ):
            self._refused(
                self._row(self.customer, date="2026-01-01", **{field: value}), field, message
            )

    def test_dates_and_choices_that_are_none(self):
        between = "between the year 2000 and today"
        for field, value, message in (
            ("date", "1900-01-01", between),
            ("date", "2200-01-01", between),
            ("date", "2026-06-18", between),
            ("date", "2026-02-30", "not a date"),
            ("date", "yesterday", "not a date"),
            ("date", 20260520, "not a date"),
            ("date", "", "the date of its period"),
            ("date", None, "the date of its period"),
            ("period", "quarter", "not one of: month, week"),
            ("source", ["measured"], "not one of: measured, assessed"),
        ):
            self._refused(self._row(self.customer, **{field: value}), field, message)

    def test_customers_that_take_no_use(self):
        contact = self._contact(self.customer, "Ada")
        contact.ref = "C-ADA"
        self._customer("Gone", ref="A-2", active=False)
        self.env["res.partner"].create({"name": "Prospect", "is_company": True, "ref": "A-3"})
        self._customer("Twin", ref="A-4")
        self._customer("Other twin", ref="A-4")
        self._customer("Not mine", ref="A-5", success_user_id=self.lead_csm.id)
        other = self._customer("Other", ref="A-6", vat="FR23334175221")
        for names, field, message in (
            ({"customer_ref": "nobody"}, "customer_ref", "no customer “nobody”"),
            ({"customer_ref": "=cmd()"}, "customer_ref", "no customer “=cmd"),
            ({"customer_vat": "XX1"}, "customer_vat", "no customer"),
            ({"customer_external_id": "no.such"}, "customer_external_id", "no customer"),
            ({"customer_ref": "C-ADA"}, "customer_ref", "contact of Acme: name the company"),
            ({"customer_ref": "A-2"}, "customer_ref", "archived"),
            ({"customer_ref": "A-3"}, "customer_ref", "stage first"),
            ({"customer_ref": "A-4"}, "customer_ref", "Several customers"),
            ({"customer_ref": "A-5"}, "customer_ref", "followed by"),
            ({"customer_ref": "A-1", "customer_vat": other.vat}, "customer_vat", "two different"),
            ({}, "customer_ref", "name its customer"),
            ({"customer_ref": "A\x00"}, "customer_ref", "cannot be stored"),
            ({"customer_ref": "A\ud800"}, "customer_ref", "cannot be stored"),
            ({"customer_ref": "A" * 300}, "customer_ref", "longer than"),
            ({"customer_ref": 1.5}, "customer_ref", "a name or a number"),
        ):
            self._refused({**self._row(), **names}, field, message)

    def test_products_that_are_none(self):
        self.env["product.product"].create(
            [{"name": name, "default_code": "TWICE"} for name in ("One", "Two")]
        )
        self._refused(self._row(self.customer, product_code="X"), "product_code", "no product")
        self._refused(self._row(self.customer, product_code="TWICE"), "product_code", "Several")
        self._refused(self._row(self.customer, product_code=""), "product_code", "name its product")

    def test_what_is_no_row(self):
        self._refused("what?", None, "set of fields")
        self._refused(self._row(self.customer, activ_users=1), "activ_users", "no field")
        row = self._row(self.customer)
        del row["active_users"]
        self._refused(row, "active_users", "at least one figure")
        for rows in ([], "text", {"a": 1}, None, 7):
            with self.subTest(rows=rows), self.assertRaises(UserError):
                self.usages.with_user(self.csm).ingest(rows)

    def test_of_rows_that_mean_the_same_record_the_first_counts(self):
        answer = self._ingest(
            self._row(self.customer, active_users=10),
            self._row(self.customer, active_users=20, date="2026-05-01"),
            self._row(None, customer_vat=self.customer.vat, active_users=30),
        )
        self.assertEqual((answer["created"], len(answer["rejected"])), (1, 2))
        self.assertIn("as in row 0", answer["rejected"][0]["message"], "as its list counts")
        self.assertEqual(answer["rejected_count"], 2)
        self.assertEqual(self.customer.success_usage_ids.active_users, 10)
        kept = self.env["customer.success.usage.rejection"].search([], order="row")
        self.assertIn("as in row 1", kept[0].message, "as a sheet counts")
        self.assertEqual(
            kept.mapped("brought"),
            [
                {
                    "customer_ref": "A-1",
                    "product_code": "PLANNER",
                    "date": "2026-05-01",
                    "period": "month",
                    "source": "measured",
                    "active_users": "20",
                },
                {
                    "customer_vat": self.customer.vat,
                    "product_code": "PLANNER",
                    "date": "2026-05-01",
                    "period": "month",
                    "source": "measured",
                    "active_users": "30",
                },
            ],
        )

    def test_ten_thousand_bad_rows_among_good_ones(self):
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {n}",
                    "is_company": True,
                    "ref": f"N-{n}",
                    "success_stage_id": self.stages["first_use"].id,
                }
                for n in range(50)
            ]
        )
        rows = []
        for number in range(10_050):
            customer = customers[number // 201]
            good = number % 201 == 0
            rows.append(self._row(customer, active_users=number if good else -number))
        answer = self._ingest(*rows)
        self.assertEqual((answer["created"], len(answer["rejected"])), (50, 10_000))
        self.assertEqual([line["row"] for line in answer["rejected"][:3]], [1, 2, 3])
        self.assertEqual({line["field"] for line in answer["rejected"]}, {"active_users"})
        delivery = self.env["customer.success.usage.delivery"].browse(answer["delivery_id"])
        self.assertEqual((delivery.created, delivery.rejected), (50, 10_000))
        self.assertEqual(len(delivery.rejection_ids), 10_000)

    def test_queries_do_not_grow_with_the_rows(self):
        def rows(year):
            return [
                self._row(self.customer, date=f"{year}-{month:02}-{day:02}", period="week")
                for month in range(1, 13)
                for day in (1, 8, 15, 22)
            ]

        self._ingest(*rows(2020))
        with self.assertQueryCount(40):
            self._ingest(*rows(2021)[:2])
        with self.assertQueryCount(40):
            self._ingest(*rows(2022))

    # -- rights ---------------------------------------------------------------------------------

    def test_only_the_customer_success_team_delivers(self):
        portal = new_test_user(self.env, "test_telemetry_portal", "base.group_portal")
        for user in (self.sales, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._ingest(self._row(self.customer), user=user)
        self.assertFalse(self.customer.success_usage_ids)

    def test_customers_of_another_company_do_not_exist(self):
        theirs = self.env["res.company"].create({"name": "Theirs"})
        stranger = new_test_user(
            self.env,
            "test_telemetry",
            "customer_success.group_success_manager",
            company_id=theirs.id,
            company_ids=[Command.set(theirs.ids)],
        )
        self.customer.company_id = self.company
        answer = self._ingest(self._row(self.customer), user=stranger)
        self.assertIn("no customer", answer["rejected"][0]["message"])
        self.assertFalse(self.customer.success_usage_ids)

    def test_a_delivery_is_seen_by_its_sender_and_the_managers(self):
        answer = self._ingest(self._row(self.customer), self._row(self.customer, quality=500))
        delivery = self.env["customer.success.usage.delivery"].browse(answer["delivery_id"])
        self.assertTrue(delivery.with_user(self.csm).has_access("read"))
        self.assertTrue(delivery.with_user(self.manager).has_access("read"))
        self.assertFalse(delivery.with_user(self.lead_csm).has_access("read"))
        self.assertFalse(delivery.rejection_ids.with_user(self.lead_csm).has_access("read"))
        for user in (self.csm, self.manager):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(delivery.with_user(user).has_access(operation))

    def test_refused_rows_are_forgotten_after_half_a_year_and_their_number_is_not(self):
        answer = self._ingest(self._row(self.customer, quality=500))
        delivery = self.env["customer.success.usage.delivery"].browse(answer["delivery_id"])
        rejections = self.env["customer.success.usage.rejection"]
        rejections._gc_rejections()
        self.assertTrue(delivery.rejection_ids)
        with freeze_time("2099-01-15"):
            rejections._gc_rejections()
        self.assertFalse(delivery.rejection_ids)
        self.assertEqual(delivery.rejected, 1)
