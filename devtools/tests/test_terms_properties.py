"""Properties of chains of terms, for any start, length, way of writing the end and number of renewals.

No end and no notice day drifts, and terms neither overlap nor leave a gap. The cases are drawn from a seed that a failure
names. CUSTOMER_SUCCESS_TERMS_CASES asks for more cases than the development run has, and CUSTOMER_SUCCESS_TERMS_SEED for
others.
"""

import os
import random
import unittest
from calendar import monthrange
from datetime import date, timedelta

from .test_risk_properties import load

chains = load("chain")

CASES = int(os.environ.get("CUSTOMER_SUCCESS_TERMS_CASES") or 10_000)
SEED = int(os.environ.get("CUSTOMER_SUCCESS_TERMS_SEED") or 20260101)
MOST_RENEWALS = 24
DAY = timedelta(days=1)
FIRST_DAY, DAYS = date(1996, 1, 1), 24_000


def add_months(day, months, of=None):
    """Count months by whole years and then one by one, so that nothing is shared with the code under test."""
    year, month = day.year + int(months / 12), day.month
    for _ in range(abs(months) % 12):
        month += 1 if months > 0 else -1
        if month in (0, 13):
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
    return date(year, month, min(of or day.day, monthrange(year, month)[1]))


def is_end(day):
    return (day + DAY).day == 1


class Case:
    """A first term whose length is known, with the boundaries that must follow from it."""

    def __init__(self, draw):
        self.start = FIRST_DAY + timedelta(days=draw.randrange(DAYS))
        if draw.random() < 0.4:  # the ends of months are where terms drift
            self.start = add_months(self.start, 0, 31)
            self.start -= draw.choice((0, 0, 0, 1, 2)) * DAY
        self.last_day = draw.random() < 0.5
        self.kind = draw.choice(("days", "months", "years", "month_end"))
        self.number = {
            "days": draw.choice((7, 10, 14, 28, 30, 90, draw.randrange(2, 800))),
            "months": draw.randrange(1, 61),
            "years": 12 * draw.randrange(1, 11),
            "month_end": draw.randrange(1, 37),
        }[self.kind]
        if self.kind == "month_end":  # some months, and on to the end of the last one
            self.start = self.start.replace(day=2 + self.start.day % 26)
            self.last_day = True
        self.to_ends = (
            self.kind in ("months", "years")
            and not self.last_day
            and is_end(self.start)
            and is_end(add_months(self.start, self.number))
        )
        self.renewals = draw.randrange(1, MOST_RENEWALS)
        self.end = self.written(1)

    def boundary(self, number):
        """The first day of a term, counted from the first start."""
        if not number:
            return self.start
        if self.kind == "days":
            return self.start + timedelta(days=self.number * number)
        if self.kind == "month_end":
            return add_months(self.start, self.number * number, 31) + DAY
        return add_months(self.start, self.number * number, 31 if self.to_ends else None)

    def written(self, number):
        return self.boundary(number) - self.last_day * DAY

    def chain(self):
        return chains.Chain.of(self.start, self.end, self.last_day)

    def is_clear(self):
        """Return False for a length in days that is also one of months or to the end of a month, and the reverse."""
        if self.kind == "days":
            return self.chain().months == 0
        days = (self.end - self.start).days
        return self.kind != "month_end" or not {days, days + 1} & chains.ROUND_DAYS

    def __str__(self):
        way = "last day" if self.last_day else "first day of the next"
        return f"{self.start} to {self.end} ({way}), {self.number} {self.kind}, {self.renewals} renewals"


class TestTermsProperties(unittest.TestCase):
    def each(self, check, cases=CASES):
        """Check each case; a failure names its seed."""
        seen, seed = 0, SEED
        while seen < cases:
            seed += 1
            draw = random.Random(seed)
            case = Case(draw)
            if not case.is_clear():
                continue
            seen += 1
            try:
                check(case, draw)
            except Exception as error:
                error.add_note(f"seed {seed}: {case}")
                raise

    def test_nothing_drifts_overlaps_or_leaves_a_gap(self):
        def check(case, draw):
            chain = case.chain()
            start, end = case.start, case.end
            for number in range(1, case.renewals + 1):
                before = end
                start, end = chain.next_term(end)
                self.assertEqual(start, chains.day_after(before, case.last_day), "gap or overlap")
                self.assertEqual((start, end), (case.boundary(number), case.written(number + 1)))
                self.assertTrue(chain.has(start, end))

        self.each(check)

    def test_a_term_that_was_moved_by_hand_does_not_move_the_chain(self):
        def check(case, draw):
            chain = case.chain()
            number = case.renewals
            length = (chain.start(number + 1) - chain.start(number)).days
            moved = chain.end(number) + timedelta(days=draw.randint(-1, 1) * (length // 3))
            start, end = chain.next_term(moved)
            self.assertEqual(start, chains.day_after(moved, case.last_day))
            self.assertEqual(end, chain.end(number + 1))
            self.assertGreaterEqual(end, start)

        self.each(check)

    def test_whole_months_say_how_their_end_is_meant(self):
        def check(case, draw):
            if case.kind != "days":
                self.assertEqual(chains.is_last_day(case.start, case.end), case.last_day)

        self.each(check)

    def test_notice_never_drifts(self):
        def check(case, draw):
            chain = case.chain()
            unit = draw.choice(chains.UNITS)
            period = chains.Notice(draw.randrange(1, 25), unit, draw.choice(chains.TARGETS))
            expected = [self.notice(case, number, period) for number in range(case.renewals + 1)]
            ends = [chain.end(number) for number in range(case.renewals + 1)]
            self.assertEqual([chain.notice_day(end, period) for end in ends], expected)
            known = chain.notice_of(ends[0], expected[0])
            if period.to == "term" and unit != "months" and known.unit == "months":
                return  # so many days are also a number of months
            self.assertEqual(chain.notice_day(ends[0], known), expected[0])
            if period.to == "term":
                self.assertEqual([chain.notice_day(end, known) for end in ends], expected)

        self.each(check)

    def notice(self, case, number, period):
        """The last day for notice, from the definition: counted from the day after the term."""
        boundary, end = case.boundary(number + 1), case.written(number + 1)
        last = case.last_day
        day = case.start.day if case.kind != "month_end" else 1
        if case.kind == "days":
            day = boundary.day
        elif case.to_ends:
            day = 31
        if period.to != "term":
            boundary = end + DAY if is_end(end) else boundary
            months = (boundary.month - 1) % (3 if period.to == "quarter" else 1)
            boundary, day, last = add_months(boundary.replace(day=1), -months), 1, True
        if period.unit == "months":
            boundary = add_months(boundary, -period.number, day)
        else:
            boundary -= timedelta(days=period.number * (7 if period.unit == "weeks" else 1))
        return boundary - last * DAY
