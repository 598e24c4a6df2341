import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..models.renewals.customer_success_revenue import MONTH
from .common import TODAY
from .test_revenue import COLUMNS, RevenueCase

CENT = Decimal("0.01")
FIRST = date(2021, 7, 1)  # the first month in sight
SEEDS = (1, 2, 3)
CUSTOMERS = 60
# Rates with which amounts do not come out even, from a day on.
RATES = [
    ("2020-01-01", "0.37"),
    ("2023-05-17", "0.73"),
    ("2025-11-30", "1.31"),
    ("2026-06-02", "0.91"),
]


def _round(value):
    return value.quantize(CENT, ROUND_HALF_UP)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRevenueProperty(RevenueCase):
    """Random books: terms that overlap, leave gaps, stay undecided, change product and currency, or say nothing of their start.

    Whatever the book, start and changes are the end, to the cent, for each month, customer and group, and the end of a
    month is the start of the next one. The figures are those of a reference that walks from day to day.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.currency"].create({"name": "QQA", "symbol": "q"})
        for day, rate in RATES:
            cls.env["res.currency.rate"].create(
                {"currency_id": cls.foreign.id, "name": day, "rate": rate, "company_id": False}
            )
        cls.successor = cls.env["product.product"].create({"name": "Planner 2"})
        cls.product.success_successor_id = cls.successor
        cls.products = (cls.product, cls.successor, cls.analytics)
        countries = cls.env["res.country"].search([], limit=3)
        segments = cls.env["customer.success.segment"].create(
            [{"name": "Large"}, {"name": "Small"}]
        )
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Random {n}",
                    "is_company": True,
                    "success_stage_id": cls.stages["effective_use"].id,
                    "success_user_id": (cls.csm, cls.lead_csm)[n % 2].id,
                    "country_id": countries[n % 3].id,
                    "success_segment_manual": True,
                    "success_segment_id": segments[n % 2].id,
                }
                for n in range(CUSTOMERS)
            ]
        )
        cls.env.flush_all()

    def _book(self, chance):
        """Write random terms, past all rules of the forms, and return them as rows of plain values."""
        self.env.cr.execute("DELETE FROM customer_success_renewal")
        terms = []
        for customer in self.customers:
            for _contract in range(chance.choice((1, 1, 1, 2, 3))):
                terms += self._contract(chance, customer.id)
        for term in terms:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO customer_success_renewal (%s) VALUES %s RETURNING id",
                    SQL(", ").join(map(SQL.identifier, term)),
                    tuple(term.values()),
                )
            )
            term["id"] = self.env.cr.fetchone()[0]
        for term in terms:
            term["previous_id"] = term["main_id"] = None
        for number, term in enumerate(terms):
            if term["name"] == "linked":
                term["previous_id"] = terms[number - 1]["id"]
                self.env.cr.execute(
                    "UPDATE customer_success_renewal SET previous_id = %s WHERE id = %s",
                    (term["previous_id"], term["id"]),
                )
        for term, other in pairwise(terms):
            if term["partner_id"] == other["partner_id"] and chance.random() < 0.2:
                other["main_id"] = term["id"]
                self.env.cr.execute(
                    "UPDATE customer_success_renewal SET main_id = %s WHERE id = %s",
                    (term["id"], other["id"]),
                )
        self._amend(chance, terms)
        self.env.invalidate_all()
        # The terms were written past the ORM: ask for them. Half of the customers are read from what is stored.
        requests = self.env["customer.success.revenue.request"]
        requests._add(self.customers.ids)
        self.env["customer.success.revenue.piece"]._refresh(self.customers[::2].ids)
        self.env.cr.execute(
            "DELETE FROM customer_success_revenue_request WHERE partner_id = ANY(%s)",
            (self.customers[::2].ids,),
        )
        return terms

    def _amend(self, chance, terms):
        """Amend some of the terms, once or more."""
        for term in terms:
            term["amendments"] = {}
            while chance.random() < 0.2:
                start = term["date_start"] or term["date_renewal"] - timedelta(20)
                day = start + timedelta(chance.randrange(40))
                term["amendments"][day] = Decimal(chance.randrange(0, 2000000)) / 100
            for day, value in term["amendments"].items():
                self.env.cr.execute(
                    SQL(
                        "INSERT INTO customer_success_renewal_amendment"
                        " (renewal_id, partner_id, company_id, currency_id, date, annual_value, counted_value, seats, active)"
                        " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, TRUE)",
                        term["id"],
                        term["partner_id"],
                        term["company_id"],
                        term["currency_id"],
                        day,
                        value,
                        value,
                    )
                )
            ran = [day for day in term["amendments"] if day <= TODAY]
            if ran:
                # The term has the figures of today, and keeps what it began with.
                term["start_value"] = term["annual_value"]
                self.env.cr.execute(
                    "UPDATE customer_success_renewal SET start_value = annual_value, annual_value = %s,"
                    " counted_value = %s WHERE id = %s",
                    (*[term["amendments"][max(ran)]] * 2, term["id"]),
                )
                term["annual_value"] = term["amendments"][max(ran)]

    def _contract(self, chance, partner_id):
        day = date(2019, 1, 1) + timedelta(chance.randrange(2400))
        product = chance.choice((*self.products, None))
        currency = chance.choice((self.company.currency_id, self.foreign))
        value = Decimal(chance.randrange(0, 2000000)) / 100
        terms = []
        for number in range(chance.randrange(1, 8)):
            end = day + timedelta(chance.choice((30, 31, 90, 365, 366, 731, 1096)))
            outcome = chance.choice(("pending", "renewed", "renewed", "expanded", "churned"))
            renewed = Decimal(chance.randrange(0, 2000000)) / 100
            last_day = chance.random() < 0.5
            notice = chance.choice((None, None, "end", "reduce"))
            terms.append(
                {
                    "name": "linked" if number and chance.random() < 0.5 else "alone",
                    "partner_id": partner_id,
                    "product_id": product and product.id,
                    "contract_number": chance.choice((None, None, "A", "a", "B")),
                    "company_id": self.company.id,
                    "currency_id": currency.id,
                    "date_start": day if chance.random() < 0.9 else None,
                    "date_renewal": end,
                    "end_is_last_day": last_day,
                    "annual_value": value,
                    "counted_value": value,
                    "renewed_value": renewed if outcome in ("renewed", "expanded") else 0,
                    "outcome": outcome,
                    "seats": 0,
                    "renewed_seats": 0,
                    "active": chance.random() < 0.95,
                    "notice_period": 0,
                    "notice_unit": "months",
                    "notice_kind": notice,
                    "notice_given_on": notice and end - timedelta(20),
                    "notice_is_late": chance.choice((None, False, True)) if notice else None,
                    "notice_value": value / 2 if notice == "reduce" else 0,
                }
            )
            day = end + timedelta(chance.choice((0, 0, 0, 1, 1, 12, 29, 32, 61, 92, 93, 300)))
            value = chance.choice((value, renewed, Decimal(chance.randrange(100, 2000000)) / 100))
            if chance.random() < 0.2:
                product = chance.choice((*self.products, None))
            if chance.random() < 0.2:
                currency = chance.choice((self.company.currency_id, self.foreign))
        return terms

    # -- the reference: from day to day ---------------------------------------------------------------

    def _pieces(self, terms):
        """Return ``[(customer, product, since, until, value, currency)]`` of the terms, one after another."""
        terms = [dict(term) for term in terms if term["active"]]
        of = defaultdict(list)
        for term in terms:
            of[term["partner_id"]].append(term)
            term["over"] = term["date_renewal"] + timedelta(1 if term["end_is_last_day"] else 0)
        for term in terms:
            owned = {other["product_id"] for other in of[term["partner_id"]]}
            if term["product_id"] == self.product.id and self.successor.id in owned:
                term["read_as"] = self.successor.id
            else:
                term["read_as"] = term["product_id"]
            if term["date_start"]:
                term["begins"] = term["date_start"]
            else:
                before = self.all_terms.get(term["previous_id"])
                year_before = term["date_renewal"].replace(
                    year=term["date_renewal"].year - 1,
                    day=min(term["date_renewal"].day, 28)
                    if term["date_renewal"].month == 2
                    else term["date_renewal"].day,
                )
                if before:
                    term["begins"] = before["date_renewal"] + timedelta(
                        1 if before["end_is_last_day"] else 0
                    )
                else:
                    term["begins"] = year_before + timedelta(1 if term["end_is_last_day"] else 0)
        pieces = []
        for term in terms:
            ends = self._is_ended(term)
            patience = 30 if ends else 92
            next_days = [
                other["begins"]
                for other in of[term["partner_id"]]
                if other is not term
                and other["begins"] > term["begins"]
                and (
                    other["previous_id"] == term["id"]
                    or (
                        other["previous_id"] is None
                        and other["read_as"] == term["read_as"]
                        and self._may_be_one(term, other)
                        and term["date_renewal"]
                        <= other["begins"]
                        <= term["over"] + timedelta(patience)
                    )
                )
            ]
            following = min(next_days) if next_days else None
            if following and following <= term["over"] + timedelta(patience):
                until = following
            elif ends:
                until = term["over"]
            elif term["outcome"] == "pending":
                until = term["over"] + timedelta(92)
            else:
                until = term["over"] + (term["over"] - term["begins"])
                until = min(until, following) if following else until
            after = self._value_after(term)
            # What it is worth on each day: the last amendment, else what it began with.
            figures = {term["begins"]: term.get("start_value", term["annual_value"])}
            for day, value in sorted(term["amendments"].items()):
                figures[max(day, term["begins"])] = value
            days = [*sorted(figures), min(term["over"], until)]
            own = [(a, min(b, days[-1]), figures[a]) for a, b in pairwise(days)]
            pieces += [
                (term["partner_id"], term["read_as"], *piece, term["currency_id"])
                for piece in (*own, (term["over"], until, after))
                if piece[0] < piece[1] and piece[2] > 0
            ]
        return pieces

    def _gave_notice(self, term, kind):
        return term["notice_kind"] == kind and not term["notice_is_late"]

    def _value_after(self, term):
        """Return the value with which a term counts between its end and the next term."""
        if term["outcome"] in ("renewed", "expanded") and term["renewed_value"]:
            return term["renewed_value"]
        if term["outcome"] == "pending" and self._gave_notice(term, "reduce"):
            return min(term["annual_value"], term["notice_value"])
        return term["annual_value"]

    def _is_ended(self, term):
        """It churned, or the customer gave notice in time: of this term, or of its main term, which did not go on."""
        if term["outcome"] != "pending":
            return term["outcome"] == "churned"
        main = self.all_terms.get(term["main_id"])
        return self._gave_notice(term, "end") or bool(
            main
            and main["active"]
            and main["outcome"] in ("pending", "churned")
            and self._gave_notice(main, "end")
        )

    def _may_be_one(self, term, other):
        numbers = {
            one["contract_number"].upper() for one in (term, other) if one["contract_number"]
        }
        return len(numbers) < 2

    def _rate(self, currency_id, day):
        if currency_id == self.company.currency_id.id:
            return Decimal(1)
        return Decimal([rate for since, rate in RATES if since <= str(day)][-1])

    def _expected(self, terms):
        """Return ``{(month, customer, product): {column: amount}}`` of every month in sight."""
        pieces = self._pieces(terms)
        of = defaultdict(list)
        for piece in pieces:
            of[piece[0]].append(piece)
        found = defaultdict(lambda: defaultdict(Decimal))
        for partner_id, mine in of.items():
            # The times with revenue; a gap of a few days is no absence.
            runs = []
            for _partner, _product, since, until, _value, _currency in sorted(
                mine, key=lambda p: p[2]
            ):
                if not runs or since > runs[-1][1] + timedelta(30):
                    runs.append([since, until])
                else:
                    runs[-1][1] = max(runs[-1][1], until)

            def run_on(day, runs=runs):
                return next((n for n, (a, b) in enumerate(runs) if a <= day < b), None)

            month = FIRST
            while month <= TODAY:
                following = (month + timedelta(32)).replace(day=1)
                self._expected_month(
                    found, partner_id, mine, month, min(following - timedelta(1), TODAY), run_on
                )
                month = following
        return found

    def _expected_month(self, found, partner_id, mine, month, last, run_on):
        before = month - timedelta(1)
        for product in {piece[1] for piece in mine}:
            row = defaultdict(Decimal)
            for _partner, _product, since, until, value, currency in mine:
                if _product != product:
                    continue
                then, now = (_round(value / self._rate(currency, day)) for day in (before, last))
                if since <= before < until:
                    row["at_start"] += then
                    row["currency_change"] += now - then
                if since <= last < until:
                    row["at_end"] += now
            changed = row["at_end"] - row["at_start"] - row["currency_change"]
            run_before, run_after = run_on(before), run_on(last)
            if changed > 0 and run_before is not None:
                row["expansion"] = changed
            elif changed > 0:
                row["come_back" if run_after else "new_value"] = changed
            elif changed < 0:
                row["lost" if run_after is None else "contraction"] = changed
            if any(row.values()):
                found[month, partner_id, product] = row

    # -- what holds for every book --------------------------------------------------------------------

    def _sums(self, *groups):
        """Return the sums of all columns by plain SQL over the rows, ``{(month, groups): {column: amount}}``."""
        keys = SQL(", ").join(SQL.identifier(name) for name in ("month", *groups))
        sums = SQL(", ").join(SQL("sum(%s)::text", SQL.identifier(name)) for name in COLUMNS)
        rows = self.env.execute_query(
            SQL("SELECT %s, %s FROM (%s) t GROUP BY %s", keys, sums, self.bridge._table_query, keys)
        )
        size = 1 + len(groups)
        return {row[:size]: dict(zip(COLUMNS, map(Decimal, row[size:]))) for row in rows}

    def test_start_and_changes_are_the_end_to_the_cent(self):
        for seed in SEEDS:
            chance = random.Random(seed)
            terms = self._book(chance)
            self.all_terms = {term["id"]: term for term in terms}
            for groups in (
                (),
                ("partner_id",),
                ("product_id",),
                ("segment_id",),
                ("user_id",),
                ("country_id",),
                ("partner_id", "product_id"),
            ):
                with self.subTest(seed=seed, groups=groups):
                    self._check_sums(self._sums(*groups))
            with self.subTest(seed=seed, groups="reference"):
                found = {
                    key: {name: value for name, value in row.items() if value}
                    for key, row in self._sums("partner_id", "product_id").items()
                }
                expected = {
                    key: {name: value for name, value in row.items() if value}
                    for key, row in self._expected(terms).items()
                }
                found = {key: row for key, row in found.items() if row}
                wrong = [
                    key
                    for key in found.keys() | expected.keys()
                    if found.get(key) != expected.get(key)
                ]
                first = min(wrong, key=str, default=None)
                self.assertFalse(
                    wrong, f"{len(wrong)} rows, as {found.get(first)}, not {expected.get(first)}"
                )
                self.assertGreater(len(expected), 1000)
                kinds = {name for row in expected.values() for name in row}
                self.assertEqual(kinds, set(COLUMNS), "the book has each kind of change")

    def _check_sums(self, sums):
        """Check each group from month to month; a month without rows begins and ends with 0."""
        self.assertTrue(sums)
        groups = {key[1:] for key in sums}
        nothing = dict.fromkeys(COLUMNS, Decimal(0))
        for group in groups:
            month, before = FIRST, None
            while month <= TODAY:
                row = sums.get((month, *group), nothing)
                changes = sum(row[name] for name in COLUMNS[1:-1])
                self.assertEqual(row["at_start"] + changes, row["at_end"], (month, group))
                for name, value in row.items():
                    self.assertEqual(value, _round(value), (month, group, name))
                if before is not None:
                    self.assertEqual(row["at_start"], before, (month, group))
                before = row["at_end"]
                month = (month + timedelta(32)).replace(day=1)

    def test_reports_read_from_changes_alone_say_the_same(self):
        """Groups are computed from the first month and the changes since; the rows of all months say the same."""
        self._book(random.Random(11))
        first, last = date(2024, 3, 1), date(2025, 6, 1)
        domain = [("month", ">=", str(first)), ("month", "<=", "2025-06-30")]
        sets = [[], [MONTH], ["product_id", MONTH], [MONTH, "user_id"], ["country_id"]]
        specs = [f"{name}:sum" for name in COLUMNS]
        found = self.bridge._read_grouping_sets(domain, sets, specs)
        with patch.object(type(self.bridge), "_months_of", lambda self, *args: ([], None)):
            slow = self.bridge._read_grouping_sets(domain, sets, specs)
        for groupby, rows, others in zip(sets, found, slow):
            size = len(groupby)
            traits = [spec for spec in groupby if spec != MONTH]
            rows, others = (
                {row[:size]: [round(value or 0, 2) for value in row[size:]] for row in group}
                for group in (rows, others)
            )
            with self.subTest(groupby=groupby):
                self.assertEqual(rows, {key: row for key, row in others.items() if any(row)})
            # Plain SQL over the rows of the view.
            sums = self._sums(*traits)
            for key, row in rows.items():
                ids = [value.id or None for value in key if not isinstance(value, date)]
                at = [value for value in key if isinstance(value, date)] or None
                months = {
                    month[0]: columns
                    for month, columns in sums.items()
                    if list(month[1:]) == ids
                    and first <= month[0] <= last
                    and (not at or month[0] in at)
                }
                expected = [sum(float(one[name]) for one in months.values()) for name in COLUMNS]
                expected[0] = float(months.get((at or [first])[0], {}).get("at_start", 0))
                expected[-1] = float(months.get((at or [last])[0], {}).get("at_end", 0))
                self.assertEqual(row, [round(value, 2) for value in expected], (groupby, key))

    def test_a_kind_of_change_is_read_from_its_rows(self):
        self._book(random.Random(12))
        sums = self._sums()
        rows = self.bridge._read_group(
            [("kind", "=", "lost"), ("month", ">=", "2024-01-01")],
            [MONTH],
            ["lost:sum", "at_start:sum", "at_end:sum"],
        )
        self.assertGreater(len(rows), 10)
        for month, lost, *standing in rows:
            self.assertEqual(round(lost, 2), float(sums[(month,)]["lost"]))
            self.assertEqual(standing, [0, 0])

    def test_twelve_months_are_the_bridge_of_a_year(self):
        """Start and changes are the end for twelve months as well; start and end are those of the months."""
        self._book(random.Random(7))
        monthly = self._sums("partner_id")
        rows = self.env.execute_query(
            SQL(
                "SELECT month, partner_id, %s FROM (%s) t GROUP BY 1, 2",
                SQL(", ").join(
                    SQL("sum(%s)::text", SQL.identifier(name))
                    for name in (*COLUMNS, "base", "kept", "renewed")
                ),
                self.years._table_query,
            )
        )
        self.assertGreater(len(rows), 1000)
        for month, partner_id, *amounts in rows:
            *amounts, base, kept, renewed = map(Decimal, amounts)
            row = dict(zip(COLUMNS, amounts))
            where = (month, partner_id)
            self.assertEqual(
                row["at_start"] + sum(row[name] for name in COLUMNS[1:-1]), row["at_end"], where
            )
            self.assertEqual(row["at_end"], monthly.get(where, row)["at_end"], where)
            self.assertEqual(base, row["at_start"] + row["currency_change"], where)
            self.assertTrue(0 <= kept <= base, where)
            self.assertTrue(kept <= renewed, where)
            self.assertEqual(renewed, row["at_end"] - row["new_value"] - row["come_back"], where)
            start = (month - timedelta(330)).replace(day=1)
            if month < date(2026, 6, 1) and start >= FIRST:
                self.assertEqual(
                    row["at_start"],
                    monthly.get((start, partner_id), {}).get("at_start", Decimal(0)),
                    where,
                )
