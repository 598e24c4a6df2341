"""Land use: rows are staged beside the table chunk by chunk, then upserted at once."""

import json
from io import StringIO

from . import statements
from .naming import Names
from .reading import COLUMNS, FIGURES, Reader
from .rejections import MOST_LISTED, Reject, Rejections
from .values import Values

_BITS = tuple((field, 1 << place) for place, field in enumerate(FIGURES))
# For COPY, in one pass over a text.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Stage:
    """The way of use into its table, for files and the API; its memory is that of a chunk, whatever the number of rows."""

    def __init__(self, env, delivery):
        self.env = env
        self.delivery = delivery.sudo()
        env.flush_all()
        env.cr.execute(statements.STAGE)

    def put(self, lines):
        """Copy lines to the staging table.

        A line is ``(number of the row, customer id, product id, first day, period, source, figures, names)``; the
        names, as a list, are what a repeated row is logged with.
        """
        texts = []
        for number, partner_id, product_id, start, period, source, figures, names in lines:
            # Which figures were given: what is left out is not the same as what is unknown.
            given = sum([bit for field, bit in _BITS if field in figures])
            values = "\t".join([str(figures.get(field)) for field in FIGURES])
            called = json.dumps(names).translate(_ESCAPES)
            texts.append(
                f"{number}\t{partner_id}\t{product_id}\t{start}\t{period}\t{source}"
                f"\t{given}\t{values}\t{called}\n"
            )
        self.env.cr.copy_expert(statements.COPY, StringIO("".join(texts)))

    def land(self, repeated=None):
        """Write what was staged; return how many records were ``created``, ``updated`` and ``unchanged``.

        Of several rows of the same record the first counts; ``repeated`` is called to refuse the others.
        """
        cr = self.env.cr
        parameters = {"uid": self.env.uid, "delivery": self.delivery.id}
        cr.execute("ANALYZE usage_staged")
        cr.execute(statements.COMPARE)
        if repeated:
            repeated(cr)
        cr.execute(statements.KEEP_REVISIONS, parameters)
        cr.execute(statements.UPSERT, parameters)
        cr.execute(statements.COUNT)
        counts = dict(zip(("created", "updated", "unchanged"), cr.fetchone()))
        cr.execute(statements.CHANGED_CUSTOMERS)
        changed = [partner_id for (partner_id,) in cr.fetchall()]
        cr.execute(statements.CLEAR)
        self.env.invalidate_all(flush=False)
        self.env["customer.success.score.request"]._add(self.env["res.partner"].browse(changed))
        return counts


class Landing:
    """One delivery of use on its way in: read, named, staged, landed."""

    def __init__(self, env, delivery):
        self.env = env
        self.delivery = delivery.sudo()
        self.stage = Stage(env, delivery)
        self.reader = Reader(Values.of(env))
        self.names = Names(env)
        self.number = 0
        self.rejections = Rejections(self.delivery, COLUMNS)
        # Callers count rows from 0, as in their list; people count from 1, as in their file.
        self.base = 1 + self.rejections.before if delivery.origin == "file" else 0

    def add(self, rows):
        """Read a chunk of rows and stage the good ones."""
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
        for number, row, (customer, product, *said) in read:
            try:
                partner_id = self.names.customer(customer)
                product_id = self.names.product(product)
            except Reject as reject:
                refused.append((number, row, reject))
                continue
            lines.append((number, partner_id, product_id, *said, [*customer, *product]))
        self.stage.put(lines)
        self.rejections.add(refused)

    def land(self):
        """Write what was staged; return the answer for who sent it."""
        counts = self.stage.land(self._refuse_repeated)
        self.delivery._add_counts({**counts, "rejected": self.rejections.count})
        return {
            "delivery_id": self.delivery.id,
            **counts,
            "rejected_count": self.rejections.count,
            "rejected": self.rejections.answer(),
        }

    def _refuse_repeated(self, cr):
        """Refuse the rows that mean the same record as an earlier one; they never leave the database."""
        words = self.env._("The same customer, product, source and period as in row %s.")
        parameters = {
            "delivery": self.delivery.id,
            "before": self.rejections.before,
            "repeated": words,
            "most": MOST_LISTED - len(self.rejections.listed),
        }
        cr.execute(statements.REFUSE_REPEATED, parameters)
        self.rejections.count += cr.rowcount
        cr.execute(statements.LIST_REPEATED, parameters)
        self.rejections.note(
            [
                (row, Reject("repeated", "date", words % (first + self.base)))
                for row, first in cr.fetchall()
            ]
        )
