"""The loading of usage: rows are copied to a staging table in chunks, then upserted with one statement."""

import json
from io import StringIO

from . import statements
from .contract_use import COLUMN, ContractUse
from .doubts import Doubts
from .naming import Names
from .reading import COLUMNS, FIGURES, WEEK_START, WEEKDAYS, Reader
from .rejections import MOST_LISTED, Reject, Rejections
from .values import Values

_BITS = tuple((field, 1 << place) for place, field in enumerate(FIGURES))
# The characters to escape for COPY, replaced in one pass over a text.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Stage:
    """The staging table for usage from files and the API; it needs memory for one chunk, whatever the number of rows."""

    def __init__(self, env, delivery):
        self.env = env
        self.delivery = delivery.sudo()
        env.flush_all()
        env.cr.execute(statements.STAGE)

    def put(self, lines):
        """Copy lines to the staging table.

        A line is ``(number of the row, customer id, product id, first day, period, source, figures, names)``; the
        list of names is logged with the row if it is refused as a repetition.
        """
        texts = []
        for number, partner_id, product_id, start, period, source, figures, names in lines:
            # Marks the figures that were given, because a missing figure is different from an unknown one.
            given = sum([bit for field, bit in _BITS if field in figures])
            values = "\t".join([str(figures.get(field)) for field in FIGURES])
            called = json.dumps(names).translate(_ESCAPES)
            texts.append(
                f"{number}\t{partner_id}\t{product_id}\t{start}\t{period}\t{source}"
                f"\t{given}\t{values}\t{called}\n"
            )
        self.env.cr.copy_expert(statements.COPY, StringIO("".join(texts)))

    def drop(self, numbers):
        """Take rows out of the staging table by their numbers."""
        self.env.cr.execute("DELETE FROM usage_staged WHERE row = ANY(%s)", [numbers])

    def land(self, repeated=None):
        """Write the staged rows; return how many records were ``created``, ``updated`` and ``unchanged``.

        If several rows are about the same record, the first one counts; ``repeated`` is called to refuse the others.
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


class UsageLoader:
    """The processing of one delivery of usage: its rows are read, matched to records, staged and written."""

    def __init__(self, env, delivery, names=None):
        self.env = env
        self.delivery = delivery.sudo()
        self.stage = Stage(env, delivery)
        self.reader = Reader(Values.of(env))
        self.names = names or Names(env)
        self.by_contract = ContractUse(env)
        self.contract_rows = {}  # the rows that name a contract, by their numbers
        self.doubts = Doubts(env)
        self.asks = delivery.origin == "file"
        self.number = 0
        self.rejections = Rejections(self.delivery, COLUMNS)
        self.warnings = Rejections(self.delivery, COLUMNS)
        # Rows are counted from 0 for callers, as in their list, and from 1 for people, as in their file.
        self.base = 1 + self.rejections.before if delivery.origin == "file" else 0

    def add(self, rows, numbers=None):
        """Read a chunk of rows and stage the valid ones; ``numbers`` are those of the rows in their file, from 0."""
        read, refused = [], []
        numbers = numbers or range(self.number, self.number + len(rows))
        self.number += len(rows)
        for number, row in zip(numbers, rows):
            try:
                read.append((number, row, self.reader.parse(row)))
            except Reject as reject:
                refused.append((number, row, reject))
        self.names.learn({line[2][0] for line in read}, {line[2][1] for line in read})
        named = []
        for number, row, (customer, product, confirmed, *said) in read:
            try:
                partner_id = self.names.customer(customer)
                product_id = self.names.product(product)
            except Reject as reject:
                refused.append((number, row, reject))
                continue
            names = [*customer, *product]
            named.append((row, confirmed, (number, partner_id, product_id, *said, names)))
        doubts = self._doubt(named)
        refused += doubts
        doubted = {number for number, _row, _reject in doubts}
        named = [(row, line) for row, _confirmed, line in named if line[0] not in doubted]
        named = self._apart(named, refused)
        use = self.reader.use
        for row, (number, _partner, _product, start, period, *_rest) in named:
            if period == "week" and not use.week_start(row):
                use.weeks.note(number, row, start)
        self.stage.put(line for _row, line in named)
        self.rejections.add(refused)

    def _apart(self, named, refused):
        """Return the rows without those that name a contract, which are added up when all have come."""
        if not any(row.get(COLUMN) for row, _line in named):
            return named
        rest = []
        for row, line in named:
            number, partner_id, product_id, *said, _names = line
            try:
                contract = self.reader.use.values.name(row, COLUMN)
                if contract:
                    start, period, *_figures = said
                    if period == "week" and not self.reader.use.week_start(row):
                        self.reader.use.weeks.note(number, row, start)
                    self.by_contract.add(number, partner_id, product_id, *said, contract)
                    self.contract_rows[number] = row
            except Reject as reject:
                refused.append((number, row, reject))
                continue
            if not contract:
                rest.append((row, line))
        return rest

    def _doubt(self, named):
        """Return the rows of a file whose figures are hard to believe; for the API, warn of them and return none."""
        self.doubts.learn([line[1] for _row, _confirmed, line in named])
        doubts = []
        for row, confirmed, line in named:
            number, partner_id, product_id, *_said, figures, _names = line
            if not confirmed and (why := self.doubts.doubt(partner_id, product_id, figures)):
                doubts.append((number, row, why))
        if self.asks:
            return doubts
        self.warnings.note([(number, why) for number, _row, why in doubts])
        return []

    def land(self):
        """Write the staged rows; return the answer for the sender."""
        self.stage.put(self.by_contract.lines())
        held = self._hold_weeks()
        counts = self.stage.land(self._refuse_repeated)
        self.by_contract.keep(self.delivery, held)
        self.delivery._note_weekdays(self.reader.use.weeks.weekdays)
        self.delivery._add_counts({**counts, "rejected": self.rejections.count})
        return {
            "delivery_id": self.delivery.id,
            **counts,
            "rejected_count": self.rejections.count,
            "rejected": self.rejections.answer(),
            "warnings": self.warnings.answer(),
        }

    def _hold_weeks(self):
        """Refuse the rows of weeks that may still run, and warn, if the source may start its weeks on another day.

        Return the numbers of the rows that are refused.
        """
        weeks = self.reader.use.weeks
        earlier = self.delivery._earlier_weekdays() if weeks.days else set()
        weekday = weeks.weekday(earlier)
        if weekday is None:
            return []
        day = WEEKDAYS[weekday]
        held = weeks.may_run(weekday)
        if held:
            words = self.env._(
                "This week may still run: all weekly dates fall on a %(day)s, and the rows do not say on which day weeks start. "
                "Write %(day)s or monday in the column “week_start”.",
                day=day,
            )
            self.stage.drop([number for number, _row in held])
            self.rejections.add(
                [(number, row, Reject(WEEK_START, WEEK_START, words)) for number, row in held]
            )
        if not self.asks and (held or len(weeks.days) > 1):
            words = self.env._(
                "All weekly dates fall on a %(day)s, and the rows do not say on which day weeks start, so they were taken for days "
                "of weeks that start on Monday. Write %(day)s or monday in the column “week_start”.",
                day=day,
            )
            self.warnings.note([(weeks.first, Reject(WEEK_START, WEEK_START, words))])
        return [number for number, _row in held]

    def _refuse_repeated(self, cr):
        """Refuse the rows about the same record as an earlier row; they are not loaded into memory."""
        words = self.env._("The customer, product, source and period are the same as in row %s.")
        earlier = self.env._(
            "The use of this product in this period stands in an earlier row that names no contract."
        )
        self.rejections.add(
            [
                (number, self.contract_rows[number], Reject("repeated", COLUMN, earlier))
                for number in self.by_contract.take_out(cr)
            ]
        )
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
