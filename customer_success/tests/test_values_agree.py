from odoo.tests import freeze_time, tagged

from .common import TODAY, SuccessCase

NAN, INFINITE = float("nan"), float("inf")
# The values to send for each column, with the stored value or the code of the refusal. Text and JSON, all scripts.
NUMBERS = (
    (0, 0),
    ("0", 0),
    (7, 7),
    (" 7 ", 7),
    ("7.0", 7),
    ("1e1", 10),
    (1e1, 10),
    ("+5", 5),
    ("٣٣", 33),
    ("1_000", "not_a_number"),
    ("=1+1", "not_a_number"),
    ("0x10", "not_a_number"),
    ("NaN", "not_a_number"),
    (NAN, "not_a_number"),
    ("inf", "not_a_number"),
    (INFINITE, "not_a_number"),
    ("1e400", "not_a_number"),
    (True, "not_a_number"),
    (False, "not_a_number"),
    ("true", "not_a_number"),
    ([1], "not_a_number"),
    ({"a": 1}, "not_a_number"),
    (-1, "out_of_range"),
    ("-1", "out_of_range"),
    ("\N{MINUS SIGN}1", "out_of_range"),
    (10**30, "out_of_range"),
    ("1" * 40, "out_of_range"),
    ("", "left out"),
    ("  ", "left out"),
    ("null", None),
    (" NULL ", None),
)
COUNTS = (
    *NUMBERS,
    ("1.234,0", 1234),
    ("1,234.0", 1234),
    ("1 234", 1234),
    ("1\N{NO-BREAK SPACE}234", 1234),
    ("1'234", 1234),
    ("1,234,567", 1234567),
    ("12,34,567", 1234567),
    ("1,234", 1234),  # no people but whole ones
    ("1.234", 1234),
    ("12.000", "ambiguous"),
    ("12,000", "ambiguous"),
    ("1,5", "not_whole"),
    ("50%", "not_a_number"),
    ("50 €", "not_a_number"),
    ("12k", "not_a_number"),
    ("1e5", 100000),
    (1e5, 100000),
    (33.349, "not_whole"),
    ("1.234,5", "not_whole"),
)
DEGREES = (
    *NUMBERS,
    (33.349, 33.3),
    ("33.349", 33.3),
    ("33,349", 33.3),  # no degree of 33349
    ("1,5", 1.5),
    ("50%", 50),
    ("50 %", 50),
    ("50 €", "not_a_number"),
    ("12,34,567", "out_of_range"),
    (0.25, 0.3),
    ("0.25", 0.3),
    (66.65, 66.7),
    ("٣٣٫٥", 33.5),
    (".5", 0.5),
    (100.04, "out_of_range"),
    ("1.234,5", "out_of_range"),
)
DATES = (
    ("2026-05-31", "2026-05-01"),
    (" 2026-05-31 ", "2026-05-01"),
    ("2026-05-31T00:00:00Z", "2026-05-01"),
    ("2026-05-31T23:59:59.5+14:00", "2026-05-01"),
    ("2026-05-31 10:30", "2026-05-01"),
    ("٢٠٢٦-٠٥-٣١", "2026-05-01"),
    ("2024-02-29", "2024-02-01"),
    ("2026-02-29", "not_a_date"),
    ("2026-05-31T25:00", "not_a_date"),
    ("2026-W05-1", "not_a_date"),
    ("20260531", "not_a_date"),
    (20260531, "not_a_date"),
    ("46173", "2026-05-01"),
    (46173, "2026-05-01"),
    (46173.5, "2026-05-01"),
    ("31.05.2026", "2026-05-01"),
    ("31.05.26", "not_a_date"),
    ("26-05-31", "not_a_date"),
    ("05/31/2026", "2026-05-01"),
    ("31 May 2026", "2026-05-01"),
    ("2026/05/31", "2026-05-01"),
    ("04/04/2026", "2026-04-01"),
    ("03/04/2026", "ambiguous"),
    ("3.4.2026", "ambiguous"),
    (NAN, "not_a_date"),
    (INFINITE, "not_a_date"),
    (True, "not_a_date"),
    (["2026-05-31"], "not_a_date"),
    ("1999-12-31", "out_of_range"),
    ("2100-01-01", "out_of_range"),
    ("", "missing"),
    ("null", "missing"),
    (False, "missing"),
)
PERIODS = (
    ("Week", "week"),
    (" month ", "month"),
    ("", "month"),
    (False, "month"),
    ("null", "month"),
    ("quarter", "no_option"),
    (True, "no_option"),
    (7, "no_option"),
    (["week"], "no_option"),
)
PRODUCTS = (
    ("PLANNER", "PLANNER"),
    (" PLANNER ", "PLANNER"),
    (1001, "1001"),
    ("1001", "1001"),
    ("TWICE", "several"),
    ("nothing", "not_found"),
    ("<r>x</r>", "not_found"),
    ("", "missing"),
    (False, "missing"),
    ("null", "missing"),
    (1.5, "not_a_name"),
    (True, "not_a_name"),
    ([1], "not_a_name"),
    ("x" * 300, "too_long"),
    ("a\x00", "not_storable"),
    ("a\ud800", "not_storable"),
)
# Column of the API -> column of a file of customers, if it has a different name there.
CALLED = {
    "customer_ref": "reference",
    "product_code": "product",
    "date": "usage_date",
    "period": "usage_period",
    "source": "usage_source",
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestValuesAgree(SuccessCase):
    """The agreement of the API, a file of usage and a file of customers on values and on messages of refusal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["product.product"].create(
            [{"name": f"P{code}", "default_code": code} for code in ("1001", "TWICE", "TWICE")]
        )
        most = max(map(len, (COUNTS, DEGREES, DATES, PERIODS, PRODUCTS)))
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number}",
                    "is_company": True,
                    "ref": f"V-{number}",
                    "success_stage_id": cls.stages["first_use"].id,
                }
                for number in range(most)
            ]
        )

    def _rows(self, column, values):
        rest = {"product_code": "PLANNER", "date": "2026-05-20", "timely": 5}
        return [
            {"customer_ref": f"V-{number}", **rest, column: value}
            for number, value in enumerate(values)
        ]

    def _by_api(self, rows):
        return self.env["customer.success.usage"].with_user(self.manager).ingest(rows)["rejected"]

    def _by_file(self, rows, model="customer.success.usage.intake", called=None):
        called = called or {}
        columns = list(dict.fromkeys(column for row in rows for column in row))
        answer = (
            self.env[model]
            .with_user(self.manager)
            .load(
                [called.get(column, column) for column in columns],
                [[row.get(column, "") for column in columns] for row in rows],
            )
        )
        back = {name: column for column, name in called.items()}
        return [
            {
                "row": message["record"],
                "field": back.get(message["field"], message["field"]),
                "code": message["code"],
                "message": message["message"],
            }
            for message in answer["messages"]
        ]

    def _by_customer_file(self, rows):
        return self._by_file(rows, "customer.success.intake", CALLED)

    def _outcomes(self, door, column, rows):
        """Return the outcome of each row: ``(code, message)`` of a refusal, or the stored value of the column."""
        with self.env.cr.savepoint() as savepoint:
            rejected = {line["row"]: line for line in door(rows)}
            self.env.invalidate_all()
            found = []
            for number in range(len(rows)):
                if line := rejected.get(number):
                    self.assertEqual(line["field"], column, line)
                    found.append((line["code"], line["message"]))
                    continue
                usage = self.customers[number].success_usage_ids
                self.assertEqual(len(usage), 1)
                found.append(self._stored(usage, column))
            savepoint.rollback()
        return found

    def _stored(self, usage, column):
        if column == "date":
            return str(usage.date)
        if column == "product_code":
            return usage.product_id.default_code
        value = usage[column]
        return None if value is False else value

    def _agree(self, column, cases):
        rows = self._rows(column, [value for value, _outcome in cases])
        doors = (self._by_api, self._by_file, self._by_customer_file)
        by_api, by_file, by_customer_file = (self._outcomes(door, column, rows) for door in doors)
        for number, (value, outcome) in enumerate(cases):
            with self.subTest(column=column, value=value):
                found = by_api[number]
                self.assertEqual(found[0] if type(found) is tuple else found, outcome)
                self.assertEqual(by_file[number], found)
                if outcome == "missing" and column == "product_code":
                    # The messages differ: one names the internal reference, the other the product.
                    self.assertEqual(by_customer_file[number][0], outcome)
                else:
                    self.assertEqual(by_customer_file[number], found)

    def _figures(self, cases):
        """Nothing is stored for a missing figure, as for an unknown one."""
        return [(value, None if outcome == "left out" else outcome) for value, outcome in cases]

    def test_numbers_of_users(self):
        self._agree("active_users", self._figures(COUNTS))

    def test_degrees(self):
        self._agree("quality", self._figures(DEGREES))

    def test_dates(self):
        self._agree("date", DATES)

    def test_choices(self):
        self._agree("period", PERIODS)

    def test_products(self):
        self._agree("product_code", [case for case in PRODUCTS if case[1] != "missing"])

    def test_a_product_that_is_not_named(self):
        for value, _outcome in (case for case in PRODUCTS if case[1] == "missing"):
            rows = self._rows("product_code", [value])
            for door, field in (
                (self._by_api, "product_code"),
                (self._by_file, "product_code"),
                (self._by_customer_file, "product_code"),
            ):
                with self.subTest(value=value, door=door.__name__):
                    [line] = door(rows)
                    self.assertEqual((line["field"], line["code"]), (field, "missing"))

    def test_left_out_stays_and_null_is_unknown(self):
        for door in (self._by_api, self._by_file, self._by_customer_file):
            with self.subTest(door.__name__), self.env.cr.savepoint() as savepoint:
                self.assertFalse(door(self._rows("quality", ["40", "50", "60"])))
                self.assertFalse(door(self._rows("quality", ["", "null", " "])))
                self.env.invalidate_all()
                stored = [self.customers[n].success_usage_ids.quality for n in range(3)]
                self.assertEqual(stored, [40, False, 60])
                savepoint.rollback()

    def test_an_unknown_column(self):
        """A value in an unknown column is refused, so that it is not lost; an empty one is ignored."""
        for door in (self._by_api, self._by_file, self._by_customer_file):
            with self.subTest(door.__name__), self.env.cr.savepoint() as savepoint:
                rows = [
                    {**row, "activ_users": value}
                    for row, value in zip(self._rows("quality", [1, 2, 3]), (5, "", " "))
                ]
                rejected = door(rows)
                self.assertEqual(
                    [(line["row"], line["field"], line["code"]) for line in rejected],
                    [(0, "activ_users", "unknown_column")],
                )
                self.assertIn("Did you mean “active_users”?", rejected[0]["message"])
                self.env.invalidate_all()
                self.assertEqual(len(self.customers.success_usage_ids), 2)
                savepoint.rollback()
