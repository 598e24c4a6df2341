"""Land a delivery of use: rows are staged beside the table chunk by chunk, then upserted at once."""

import json
from io import StringIO

from psycopg2.extras import execute_values

from odoo import fields

from . import statements
from .naming import Names
from .reading import COLUMNS, FIGURES, LONGEST_NAME, Reader, Reject

# An answer that lists more is of use to nobody. The log of the delivery keeps all of them.
MOST_LISTED = 100_000
_BITS = tuple((field, 1 << place) for place, field in enumerate(FIGURES))
# For COPY, in one pass over a text.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Landing:
    """One delivery on its way in; its memory is that of a chunk, whatever the number of rows."""

    def __init__(self, env, delivery):
        self.env = env
        self.delivery = delivery.sudo()
        self.reader = Reader(fields.Date.context_today(delivery.with_env(env)), env._)
        self.names = Names(env)
        self.number = 0
        # Callers count rows from 0, as in their list; people count from 1, as in their file.
        self.base = 1 if delivery.origin == "file" else 0
        self.refused = 0
        self.listed = []
        env.flush_all()
        env.cr.execute(statements.STAGE)

    def stage(self, rows):
        """Read a chunk of rows and copy the good ones to the staging table."""
        read, refused = [], []
        for row in rows:
            number = self.number
            self.number += 1
            try:
                read.append((number, row, self.reader.parse(row)))
            except Reject as reject:
                refused.append((number, row, reject))
        self.names.learn({line[2][0] for line in read}, {line[2][1] for line in read})
        lines = []
        for number, row, (customer, product, start, period, source, figures) in read:
            try:
                partner_id = self.names.customer(customer)
                product_id = self.names.product(product)
            except Reject as reject:
                refused.append((number, row, reject))
                continue
            # Which figures were given: what is left out is not the same as what is unknown.
            given = sum([bit for field, bit in _BITS if field in figures])
            values = "\t".join([str(figures.get(field)) for field in FIGURES])
            called = json.dumps([*customer, *product]).translate(_ESCAPES)
            lines.append(
                f"{number}\t{partner_id}\t{product_id}\t{start}\t{period}\t{source}"
                f"\t{given}\t{values}\t{called}\n"
            )
        self.env.cr.copy_expert(statements.COPY, StringIO("".join(lines)))
        self._refuse(refused)

    def land(self):
        """Write what was staged; return the answer for who sent it."""
        cr = self.env.cr
        parameters = {
            "uid": self.env.uid,
            "delivery": self.delivery.id,
            "repeated": self.env._("The same customer, product, source and period as in row %s."),
            "most": MOST_LISTED - len(self.listed),
        }
        cr.execute("ANALYZE usage_staged")
        cr.execute(statements.COMPARE)
        cr.execute(statements.REFUSE_REPEATED, parameters)
        self.refused += cr.rowcount
        cr.execute(statements.LIST_REPEATED, parameters)
        self.listed += [
            {"row": row, "field": "date", "message": parameters["repeated"] % (first + self.base)}
            for row, first in cr.fetchall()
        ]
        cr.execute(statements.KEEP_REVISIONS, parameters)
        cr.execute(statements.UPSERT, parameters)
        cr.execute(statements.COUNT)
        counts = dict(zip(("created", "updated", "unchanged"), cr.fetchone()))
        cr.execute(statements.CHANGED_CUSTOMERS)
        changed = [partner_id for (partner_id,) in cr.fetchall()]
        cr.execute(statements.CLEAR)
        self.env.invalidate_all(flush=False)
        self.env["customer.success.score.request"]._add(self.env["res.partner"].browse(changed))
        self.delivery.write({**counts, "rejected": self.refused})
        return {
            "delivery_id": self.delivery.id,
            **counts,
            "rejected_count": self.refused,
            "rejected": sorted(self.listed, key=lambda line: line["row"]),
        }

    def _refuse(self, refused):
        """Note refused rows, ``[(number, row, Reject)]``: in the answer, and in the log to be mended."""
        if not refused:
            return
        self.refused += len(refused)
        for number, _row, reject in refused[: MOST_LISTED - len(self.listed)]:
            self.listed.append({"row": number, "field": reject.field, "message": reject.message})
        execute_values(
            self.env.cr._obj,
            statements.REFUSE,
            [
                (
                    self.delivery.id,
                    number + 1,
                    reject.field and _clean(reject.field),
                    _clean(reject.message),
                    json.dumps(_brought(row)),
                )
                for number, row, reject in refused
            ],
            page_size=1000,
        )


def _brought(row):
    """What a refused row brought, as it can be kept and mended: texts of a sensible length.

    >>> _brought({"customer_ref": "C", "quality": float("nan"), "odd": 1, "timely": None})
    {'customer_ref': 'C', 'timely': 'null', 'quality': 'nan'}
    >>> _brought("what?")
    {}
    """
    if not isinstance(row, dict):
        return {}
    return {
        column: "null" if row[column] is None else _clean(row[column])
        for column in COLUMNS
        if column in row
    }


def _clean(value):
    r"""A value as a text that the database takes.

    >>> _clean("a\x00b\ud800"), len(_clean("x" * 1000))
    ('a?b?', 256)
    """
    text = str(value)[:LONGEST_NAME].replace("\x00", "?")
    return text.encode("utf-8", "replace").decode()
