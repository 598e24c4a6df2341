import json
from collections import Counter
from unittest.mock import patch

from odoo import api
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from ..ingestion import stamp
from .common import TODAY
from .test_file_undo import UndoCase

HEADINGS = [
    "customer",
    "reference",
    "vat",
    "stage",
    "csm",
    "product",
    "contract_number",
    "date_start",
    "date_renewal",
    "annual_value",
    "seats",
    "auto_renew",
    "price_rise",
    "notice_period",
    "notice_unit",
    "outcome",
    "opportunity",
    "usage_date",
    "active_users",
    "licensed_users",
]
TABLES = """
SELECT relname FROM pg_stat_xact_user_tables
 WHERE schemaname = current_schema AND n_tup_ins + n_tup_upd + n_tup_del > 0
"""
LINKS = """
SELECT a.attname, c.confrelid::regclass::text
  FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 WHERE c.contype = 'f' AND c.conrelid = %s::regclass
"""


class _Back(Exception):
    """Raised to take back a load."""


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFileCopies(UndoCase):
    """Most customers and terms of a long file are copied in SQL, and are the same as those that the ORM creates."""

    def setUp(self):
        super().setUp()
        self.copied = Counter()
        stamped = stamp.Stamp._stamp

        def count(this, layout, groups):
            found = stamped(this, layout, groups)
            self.copied[this.model._name] += len(found)
            return found

        self.startPatcher(patch.object(stamp.Stamp, "_stamp", count))

    def _rows(self, number=60, **more):
        """Return rows of several shapes, with names and values that are not plain."""
        names = ("Ørsted “{n}” A/S", "O'Neil \\ {n}", "Tab & {n} Söhne", "100 % {n}", "Plain {n}")
        rows = []
        for n in range(number):
            row = {
                "customer": names[n % 5].format(n=f"Nr{n:03}x"),
                "reference": f"R-{n}" if n % 7 else "",
                "vat": f"BE{n:010}" if n % 2 else "",
                "stage": "First use" if n % 3 else "",
                "csm": "test_csm" if n % 4 == 0 else "",
                "product": "PLANNER",
                "date_start": "2026-02-01" if n % 6 else "",
                "date_renewal": "2027-02-01" if n % 5 else "2026-07-01",
                "annual_value": f"{n * 37 % 11 * 100 + n / 8}",
                "seats": f"{n % 9}",
                "usage_date": "2026-05-01" if n % 2 else "",
                "active_users": str(n) if n % 2 else "",
                "licensed_users": "100" if n % 2 else "",
            }
            row |= {name: value(n) for name, value in more.items()}
            rows.append(row)
        return rows

    def _load_rows(self, rows, user=None):
        intake = self.env["customer.success.intake"].with_user(user or self.manager)
        intake = intake.with_context(success_file_name="book.csv")
        return intake.load(HEADINGS, [[row.get(name, "") for name in HEADINGS] for row in rows])

    def _snapshot(self, tables, first):
        """Return ``{table: rows}`` with names in place of the numbers of new records."""
        self.env.flush_all()
        cr, labels, rows = self.env.cr, {}, {}
        for table in sorted(tables):
            cr.execute(f"SELECT to_jsonb(t) FROM {table} t")  # pylint: disable=sql-injection
            rows[table] = [row for (row,) in cr.fetchall()]
            for row in rows[table]:
                if row.get("id", 0) > first.get(table, 0):
                    labels[table, row["id"]] = f"new {row.get('name')}"
        found = {}
        for table, lines in rows.items():
            cr.execute(LINKS, [table])
            links = dict(cr.fetchall())
            for line in lines:
                model = line.get("res_model") or line.get("model")
                if "res_id" in line and model in self.env:
                    links["res_id"] = self.env[model]._table
                line.pop("message_id", None)  # drawn by lot
                if line.get("id", 0) > first.get(table, 0):
                    line.pop("id")
                for name, other in links.items():
                    line[name] = labels.get((other, line.get(name)), line.get(name))
                told = line.get("success_told") or {}
                for values in (line.get("after"), line.get("before"), told, told.get("sources")):
                    for key in values or ():
                        field = self.env[line.get("res_model") or "crm.lead"]._fields.get(key)
                        if field is not None and field.type == "many2one":
                            other = self.env[field.comodel_name]._table
                            values[key] = labels.get((other, values[key]), values[key])
            found[table] = Counter(json.dumps(line, sort_keys=True) for line in lines)
        return found

    def _both(self, rows, user=None, again=False):
        """Load rows by the ORM alone, take it back, and load them with copies; compare all that both have left."""
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'"
            " WHERE c.relkind = 'r' AND c.relnamespace = current_schema::regnamespace"
        )
        first = {}
        for (table,) in cr.fetchall():
            cr.execute(f"SELECT COALESCE(max(id), 0) FROM {table}")  # pylint: disable=sql-injection
            first[table] = cr.fetchone()[0]
        found = []
        for least in (10**9, 4):
            self.copied.clear()
            try:
                with patch.object(stamp, "LEAST", least), cr.savepoint():
                    answer = self._load_rows(rows, user)
                    if again:
                        answer = self._load_rows(rows, user)
                    self.env.flush_all()
                    cr.execute(TABLES)
                    tables = {table for (table,) in cr.fetchall() if not table.startswith("ir_")}
                    found.append((answer, self._snapshot(tables, first), self.copied.copy()))
                    raise _Back
            except _Back:
                self.env.invalidate_all(flush=False)
        (answer, one, none), (other_answer, other, copied) = found
        self.assertFalse(none)
        self.assertEqual(
            (answer["counts"], answer["messages"]),
            (other_answer["counts"], other_answer["messages"]),
        )
        self.assertEqual(one.keys(), other.keys())
        for table in one:
            lacks, has = list(one[table] - other[table]), list(other[table] - one[table])
            self.assertFalse(lacks + has, f"{table}: {lacks[:1]} became {has[:1]}")
        return copied

    # -- the same --------------------------------------------------------------------------------

    def test_copies_are_what_the_orm_creates(self):
        copied = self._both(self._rows())
        self.assertGreater(copied["res.partner"], 15)
        self.assertGreater(copied["customer.success.renewal"], 15)

    def test_terms_of_a_year_that_renew_themselves(self):
        copied = self._both(
            self._rows(
                contract_number=lambda n: f"C {n:03}",
                date_start=lambda n: "2026-02-01",
                date_renewal=lambda n: "2027-01-31",
                auto_renew=lambda n: "yes",
                price_rise=lambda n: "3",
                notice_period=lambda n: "3",
                notice_unit=lambda n: "months",
            )
        )
        self.assertGreater(copied["customer.success.renewal"], 10)

    def test_terms_of_which_the_value_follows_from_their_length(self):
        for start, end in (("2026-02-01", "2026-02-28"), ("2025-07-01", "2028-06-30")):
            with self.subTest(start=start):
                copied = self._both(
                    self._rows(
                        40, date_start=lambda n, day=start: day, date_renewal=lambda n, day=end: day
                    )
                )
                self.assertGreater(copied["customer.success.renewal"], 10)

    def test_outcomes_opportunities_and_repeated_rows_among_them(self):
        rows = self._rows(
            outcome=lambda n: "churned" if n % 10 == 3 else "",
            date_renewal=lambda n: "2026-05-31" if n % 10 == 3 else "2027-02-01",
            opportunity=lambda n: "Renewal" if n % 10 == 4 else "",
        )
        rows += [rows[5], {**rows[6], "seats": "-1"}, {**rows[7], "date_renewal": "2027-03-01"}]
        self.assertTrue(self._both(rows))

    def test_a_customer_with_several_products(self):
        self.env["product.product"].create({"name": "Board", "default_code": "BOARD"})
        rows = self._rows(30)
        self._both(rows + [{**row, "product": "BOARD", "annual_value": "77.5"} for row in rows])

    def test_by_a_csm_of_another_company_and_currency(self):
        other = self.env["res.company"].create(
            {"name": "Other", "currency_id": self.env.ref("base.GBP").id}
        )
        self.manager.write({"company_ids": [(4, other.id)], "company_id": other.id})
        self.assertTrue(self._both(self._rows(40)))

    def test_segments_that_fit_by_name(self):
        self.env["customer.success.segment"].create(
            {"name": "Plain ones", "domain": "[('name', 'like', 'Plain')]"}
        )
        self._both(self._rows(40))

    def test_defaults_of_the_user(self):
        self.env["ir.default"].set("res.partner", "comment", "From a file", user_id=self.manager.id)
        self.env["ir.default"].set("customer.success.renewal", "notice_period", 2)
        self.assertTrue(self._both(self._rows(40)))

    def test_a_second_load_changes_nothing(self):
        self.assertTrue(self._both(self._rows(40), again=True))

    # -- what is not explained -------------------------------------------------------------------

    def test_another_addon_that_takes_part_leaves_all_to_the_orm(self):
        model = self.env.registry["res.partner"]
        usual = next(vars(cls)["create"] for cls in model.__mro__[1:] if "create" in vars(cls))

        def numbered(this, vals_list):
            partners = usual(this, vals_list)
            for partner in partners:
                partner.function = partner.name
            return partners

        for module, origin in (("odoo.addons.other.models", False), (numbered.__module__, True)):
            with self.subTest(module=module):
                numbered.__module__ = module
                if origin:  # as an automation rule replaces it
                    numbered.origin = model.create
                with patch.object(model, "create", api.model_create_multi(numbered)):
                    self.assertFalse(self._both(self._rows(20))["res.partner"])

    def test_what_a_known_module_leaves_elsewhere_leaves_all_to_the_orm(self):
        assign = type(self.env["res.partner"])._log_success_moves

        def log(this, before):
            this.env["res.partner.industry"].sudo().create([{"name": p.name} for p in this])
            return assign(this, before)

        self.startPatcher(patch.object(type(self.env["res.partner"]), "_log_success_moves", log))
        self.assertFalse(self._both(self._rows(30))["res.partner"])

    def test_a_value_that_depends_on_a_name_leaves_all_to_the_orm(self):
        stamp_dates = type(self.env["res.partner"])._stamp_success_dates

        def odd(this, vals):
            vals["color"] = len(vals.get("name", "")) + vals.get("name", "").count("1")
            return stamp_dates(this, vals)

        self.startPatcher(patch.object(type(self.env["res.partner"]), "_stamp_success_dates", odd))
        self._both(self._rows(30, customer=lambda n: "Odd " + "1" * n + "x"))

    def test_a_value_that_depends_on_a_limit_leaves_all_to_the_orm(self):
        terms = type(self.env["customer.success.renewal"])
        without_machine = terms._without_machine

        def noted(this, vals):
            vals = without_machine(this, vals)
            return {**vals, "reason_note": "Large"} if vals.get("annual_value", 0) > 600 else vals

        self.startPatcher(patch.object(terms, "_without_machine", noted))
        rows = self._rows(
            40, date_start=lambda n: "2026-02-01", date_renewal=lambda n: "2027-02-01"
        )
        copied = self._both(rows)
        self.assertTrue(copied["res.partner"])
        self.assertFalse(copied["customer.success.renewal"])

    def test_a_number_that_another_addon_rewrites_is_left_to_the_orm(self):
        def write_upper(partners):
            for partner in partners.filtered(lambda p: p.vat and p.vat != p.vat.upper()):
                partner.vat = partner.vat.upper()

        field = self.env["res.partner"]._fields["vat"]
        self.startPatcher(patch.object(field, "inverse", write_upper))
        rows = self._rows(30, vat=lambda n: f"be {n:010}" if n % 2 else "")
        copied = self._both(rows)
        self.assertLess(copied["res.partner"], 15, "only those without a number are copied")

    # -- refused ---------------------------------------------------------------------------------

    def test_a_rule_that_forbids_some_refuses_these_alone(self):
        self.env["ir.rule"].create(
            {
                "name": "No plain ones",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "domain_force": "[('name', 'not like', 'Plain')]",
            }
        )
        self._both(self._rows(20))

    def test_a_constraint_of_another_addon_holds_for_copies(self):
        partners = type(self.env["res.partner"])

        @api.constrains("ref")
        def check(this):
            if any(partner.ref == "R-11" for partner in this):
                raise ValidationError(this.env._("No eleven"))

        check.__name__ = "_check_eleven"
        methods = [*self.env["res.partner"]._constraint_methods, check]
        self.startPatcher(patch.object(partners, "_constraint_methods", methods))
        self._both(self._rows(30))

    # -- taken back ------------------------------------------------------------------------------

    def test_a_load_with_copies_is_taken_back_as_one(self):
        rows = self._rows(40)
        before = self.env["res.partner"].search_count([])
        with patch.object(stamp, "LEAST", 4):
            self._load_rows(rows)
        self.assertTrue(self.copied)
        delivery = self.env["customer.success.usage.delivery"].search([], limit=1)
        kept = self._partner("Plain Nr004x")
        kept.comment = "Somebody has written to them."
        self._later()
        change = self._undo(delivery)
        self.assertEqual(change.state, "partly")
        self.assertEqual(self.env["res.partner"].search_count([]), before + 1)
        self.assertTrue(kept.exists())
        self.assertFalse(
            self.env["customer.success.usage"].search([("delivery_id", "=", delivery.id)])
        )
