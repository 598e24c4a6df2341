"""The counting of a file with one row a person: how many have a licence, and how many were active in a period.

Persons are told apart by a digest in a table that ends with the transaction. Who they are is kept only if a setting says so.
"""

import json
from calendar import monthrange
from datetime import timedelta
from hashlib import blake2b
from io import StringIO
from os import urandom

from ..scoring.limits import EARLIEST_USE
from .reading import CUSTOMER_KEYS, PRODUCT_KEYS, check_columns
from .rejections import Reject

COLUMNS = (*CUSTOMER_KEYS, *PRODUCT_KEYS, "person", "last_active", "licensed")
_NAMES = (*CUSTOMER_KEYS, *PRODUCT_KEYS)

STATES = [("active", "Active"), ("stopped", "Stopped"), ("never", "Never Active")]

_TABLE = """
CREATE TEMP TABLE persons_counted (row int, names text, person text, last_active date, licensed bool, called text)
ON COMMIT DROP
"""
_COPY = "COPY persons_counted FROM STDIN (NULL 'None')"
_LAST = "SELECT max(last_active) FROM persons_counted"
_CALLED = "SELECT DISTINCT names FROM persons_counted"
_KEYS = "CREATE TEMP TABLE persons_named (names text, key text) ON COMMIT DROP"
_COPY_KEYS = "COPY persons_named FROM STDIN"
# Rows that call one customer by different names are about the same use.
_COUNT = """
  SELECT min(row),
         (array_agg(names ORDER BY row))[1],
         count(DISTINCT person) FILTER (WHERE licensed),
         count(DISTINCT person) FILTER (WHERE licensed AND last_active >= %(start)s)
    FROM persons_counted
    JOIN persons_named USING (names)
GROUP BY key
ORDER BY min(row)
"""
# The persons of the customers and products that a file names replace those of earlier periods.
_KNOWN = """
CREATE TEMP TABLE persons_known ON COMMIT DROP AS
SELECT split_part(key, '/', 1)::int AS partner_id, split_part(key, '/', 2)::int AS product_id, person, called, last_active
  FROM persons_counted
  JOIN persons_named USING (names)
 WHERE key ~ '^[0-9]+/[0-9]+$' AND licensed
"""
_REPLACE = """
UPDATE customer_success_person old SET active = FALSE, replaced_by_id = %(delivery)s
  FROM (SELECT DISTINCT partner_id, product_id FROM persons_known) new
 WHERE old.partner_id = new.partner_id AND old.product_id = new.product_id AND old.date <= %(start)s AND old.active
"""
_KEEP = """
INSERT INTO customer_success_person (partner_id, product_id, person, last_active, state, date, delivery_id, active)
SELECT partner_id, product_id, min(called), max(last_active),
       CASE WHEN max(last_active) >= %(start)s THEN 'active' WHEN max(last_active) IS NULL THEN 'never' ELSE 'stopped' END,
       %(start)s, %(delivery)s, TRUE
  FROM persons_known new
 WHERE NOT EXISTS (SELECT 1 FROM customer_success_person old
                    WHERE old.partner_id = new.partner_id AND old.product_id = new.product_id AND old.active)
 GROUP BY partner_id, product_id, person
"""
# A file that is taken back gives those that it replaced back, to a later file where one has replaced it since.
RESTORE = """
UPDATE customer_success_person old
   SET active = later.delivery_id IS NULL, replaced_by_id = later.delivery_id
  FROM (SELECT DISTINCT ON (gone.partner_id, gone.product_id)
               gone.partner_id, gone.product_id, standing.delivery_id
          FROM customer_success_person gone
     LEFT JOIN customer_success_person standing
            ON standing.partner_id = gone.partner_id
           AND standing.product_id = gone.product_id
           AND standing.active
         WHERE gone.replaced_by_id = ANY(%(deliveries)s)
      ORDER BY gone.partner_id, gone.product_id, standing.delivery_id DESC NULLS LAST) later
 WHERE old.replaced_by_id = ANY(%(deliveries)s)
   AND old.partner_id = later.partner_id
   AND old.product_id = later.product_id
"""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def bounds(day, period):
    """Return the first and the last day of the month or week of a day.

    >>> from datetime import date
    >>> [str(day) for kind in ("month", "week") for day in bounds(date(2026, 2, 11), kind)]
    ['2026-02-01', '2026-02-28', '2026-02-09', '2026-02-15']
    """
    if period == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=6)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


class PersonCounter:
    """The persons of one file, counted for each customer and product by the database."""

    def __init__(self, env, values, is_kept=False):
        self.env = env
        self.is_kept = is_kept
        self._ = env._
        self.values = values
        self.salt = urandom(16)
        env.cr.execute(_TABLE)

    def add(self, numbered):
        """Take rows, given as ``[(number, row)]``; return the refused ones as ``[(number, row, Reject)]``."""
        lines, refused = [], []
        for number, row in numbered:
            try:
                lines.append(self._line(number, row))
            except Reject as reject:
                kept = {column: row[column] for column in row if column != "person"}
                refused.append((number, kept, reject))
        self.env.cr.copy_expert(_COPY, StringIO("".join(lines)))
        return refused

    def _line(self, number, row):
        check_columns(row, frozenset(COLUMNS), self._)
        names = {name: text for name in _NAMES if (text := self.values.name(row, name))}
        if not any(name in names for name in CUSTOMER_KEYS):
            raise Reject("missing", "customer_name", self._("A row must name its customer."))
        if not any(name in names for name in PRODUCT_KEYS):
            raise Reject("missing", "product_code", self._("A row must name its product."))
        person = self.values.name(row, "person", 1000)
        if not person:
            raise Reject("missing", "person", self._("A row must name its user."))
        active = self.values.date(row, "last_active", EARLIEST_USE, self.values.tomorrow)
        licensed = self.values.choice(row, "licensed", ("yes", "no")) != "no"
        digest = blake2b(person.casefold().encode(), digest_size=12, key=self.salt).hexdigest()
        called = json.dumps(names, sort_keys=True).translate(_ESCAPES)
        name = person.translate(_ESCAPES) if self.is_kept else None
        return f"{number}\t{called}\t{digest}\t{active}\t{licensed}\t{name}\n"

    def last_day(self):
        """Return the last day on which anybody was active, ``None`` if the file does not say."""
        self.env.cr.execute(_LAST)
        return self.env.cr.fetchone()[0]

    def misfit(self, day, period):
        """Return in words why the file cannot tell who was active in a period, ``None`` if it can.

        A file knows the last day of each person only. Somebody who was active after the period is counted as active in
        it if the file was exported within one further period; later, nobody can say.
        """
        start, end = bounds(day, period)
        last = self.last_day()
        if last is None:
            return None
        if last < start:
            return self._(
                "Nobody in the file was active on %(start)s or later; the last activity is of %(last)s. Choose the "
                "period that the file is about.",
                start=start,
                last=last,
            )
        if last > bounds(end + timedelta(days=1), period)[1]:
            return self._(
                "The last activity in the file is of %(last)s. It does not say who was active until %(end)s, "
                "because it knows the last day of each user only. Choose a later period.",
                end=end,
                last=last,
            )
        return None

    def _name(self, names):
        """Find out which names mean the same customer and product; names that mean none stand for themselves."""
        cr = self.env.cr
        cr.execute(_CALLED)
        called = [text for (text,) in cr.fetchall()]
        split = {text: json.loads(text) for text in called}
        customers = {text: tuple(map(said.get, CUSTOMER_KEYS)) for text, said in split.items()}
        products = {text: tuple(map(said.get, PRODUCT_KEYS)) for text, said in split.items()}
        names.learn(set(customers.values()), set(products.values()))
        lines = []
        for text in called:
            try:
                key = f"{names.customer(customers[text])}/{names.product(products[text])}"
            except Reject:
                key = text
            lines.append(f"{text.translate(_ESCAPES)}\t{key.translate(_ESCAPES)}\n")
        cr.execute(_KEYS)
        cr.copy_expert(_COPY_KEYS, StringIO("".join(lines)))

    def rows(self, day, period, names):
        """Yield ``(number, row)``: a row of use for each customer and product, with the first row that names them."""
        start, _end = bounds(day, period)
        self._name(names)
        knows_activity = self.last_day() is not None
        self.env.cr.execute(_COUNT, {"start": start})
        for number, called, licensed, active in self.env.cr.fetchall():
            row = {
                **json.loads(called),
                "date": start.isoformat(),
                "period": period,
                "licensed_users": licensed,
            }
            if knows_activity:
                row["active_users"] = active
            yield number, row

    def keep(self, delivery, day, period):
        """Keep who was named in a file that knows the activity, if the settings say so."""
        if not self.is_kept or self.last_day() is None:
            return
        parameters = {"start": bounds(day, period)[0], "delivery": delivery.id}
        for statement in (_KNOWN, _REPLACE, _KEEP):
            self.env.cr.execute(statement, parameters)
        self.env.cr.execute("DROP TABLE persons_known")
        self.env["customer.success.person"].invalidate_model()

    def close(self):
        """Forget the persons."""
        self.env.cr.execute("DROP TABLE persons_counted; DROP TABLE persons_named")
