"""The loading of one file: its columns and values are matched, and its rows are landed in parts."""

from collections import Counter
from contextlib import closing
from functools import partial
from itertools import islice

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import split_every

from ...ingestion.headings import plain_heading, propose
from ...ingestion.landing import UsageLoader
from ...ingestion.matching import FIRST_ROWS, Matcher, Scan, settle
from ...ingestion.persons import PersonCounter
from ...ingestion.reading import CUSTOMER_KEYS, FIGURES, PRODUCT_KEYS
from ...ingestion.rejections import MOST_LISTED, Reject
from ...ingestion.tables import Unreadable
from ...ingestion.values import Values
from ...models.loading.customer_success_file_mapping import INTAKES
from ...scoring.background import Background
from .file_values import OurValues
from .intake_landing import CustomerLoader

BATCH = 5000  # rows of customers that are written together
CHUNK = 10_000  # rows of use that are read together
# The columns of which a file needs at least one of each group.
NEEDED = {
    "customers": (("customer", "reference", "vat"),),
    "use": (CUSTOMER_KEYS, PRODUCT_KEYS, ("date",), FIGURES),
    "persons": (CUSTOMER_KEYS, PRODUCT_KEYS, ("person",)),
}


class FileRun:
    """A table with what is known of its columns; :meth:`land` writes its rows."""

    def __init__(self, env, kind, table):
        self.env = env
        self._ = env._
        self.kind = kind
        self.table = table
        self.intake = self.intake_of(env, kind)
        self.problems = []
        self.books = None  # the names and numbers of all companies, shared by the parts of the file
        self.columns = {}  # heading -> column
        self.forms = {}  # heading -> order of a date or decimal mark
        self.replacements = {}  # column -> {value: ours}
        self.fixed = {}  # column -> value of all rows
        self.day = self.period = None
        self.scan = None
        self.counts = Counter()
        self.rejected = []
        self.corrected = []  # the names of running terms whose figures the first rows correct
        self.landed = 0

    @staticmethod
    def intake_of(env, kind):
        """Return the model that reads the rows of a kind of file."""
        return env[INTAKES[kind]]

    def is_persons(self):
        """Return whether the headings are those of a file with one row a user."""
        found = set(self.proposed().values())
        return {"person", "last_active"} <= found and not any(
            plain_heading(heading) in ("activeusers", "licensedusers")
            for heading in self.table.headings
        )

    @classmethod
    def recognised(cls, env, kind, table, mapping=None):
        """Return a run with a named mapping, or with what the headings say; raise if something stays open."""
        run = cls(env, kind, table)
        mappings = env["customer.success.file.mapping"]
        found = (
            mappings._named(mapping, kind) if mapping else mappings._fitting(kind, table.headings)
        )
        run.take(found)
        for heading, column in run.proposed().items():
            run.columns.setdefault(heading, column)
        run.look()
        for column, counter in run.scan.values.items():
            said = run.replacements.setdefault(column, {})
            known = {value.casefold() for value in said}
            for value, ours in OurValues(env).propose(column, counter).items():
                if ours and value.casefold() not in known:
                    said[value] = ours
        if run.problems:
            raise UserError("\n".join(problem.words(env._) for problem in run.problems))
        return run

    def take(self, mapping):
        """Take what a kept mapping says of the headings that the table has."""
        headings = set(self.table.headings)
        self.columns = {h: c for h, c in (mapping.columns or {}).items() if h in headings}
        self.forms = {h: f for h, f in (mapping.forms or {}).items() if h in headings}
        self.replacements = {c: dict(said) for c, said in (mapping.replacements or {}).items()}
        self.fixed = dict(mapping.fixed or {})

    def proposed(self):
        """Return ``{heading: column}`` for the headings without a column, each column once."""
        labels = self.intake.fields_get(attributes=["string"])
        taken = set(self.columns.values())
        ours = {
            name: (labels[name]["string"],) for name in self.intake._columns() if name not in taken
        }
        learned = {
            line.column_name: line.field_name
            for line in self.env["base_import.mapping"].search(
                [
                    ("res_model", "=", self.intake._name),
                    ("column_name", "in", self.table.headings),
                ]
            )
        }
        left = [heading for heading in self.table.headings if heading not in self.columns]
        return propose(left, self.kind, ours, learned)

    def look(self):
        """Read the table once, and settle how its columns are written."""
        try:
            self.scan = Scan(self.table, self.columns)
        except Unreadable as refusal:
            raise UserError(str(refusal)) from None
        if not self.scan.rows:
            raise UserError(self._("The file has no rows below the headings."))
        forms, self.problems = settle(self.scan, self.columns, self.forms)
        self.forms = forms

    def peek(self):
        """Read the first rows only, after the columns were settled by an earlier look."""
        self.scan = Scan(self.table, self.columns, most=FIRST_ROWS)

    def ask(self, date=None, period=None):
        """Set the period of a file of use that does not say it, and check that nothing is missing."""
        self.period = period or "month"
        if self.period not in ("month", "week"):
            raise UserError(self._("A period is a month or a week."))
        self.day = fields.Date.to_date(date) if date else None
        if self.kind == "persons" and not self.day:
            self.day = self.scan.last_day or fields.Date.context_today(self.intake)
        if self.kind == "use" and self.day and "date" not in self.columns.values():
            self.fixed |= {"date": self.day.isoformat(), "period": self.period}
        if missing := self.missing():
            raise UserError(missing)

    def missing(self):
        """Return in words which columns the file lacks, ``None`` if it can be loaded."""
        labels = self.intake.fields_get(attributes=["string"])
        has = {*self.columns.values(), *self.fixed}
        for names in NEEDED[self.kind]:
            if not has.intersection(names):
                return self._(
                    "No column of the file is matched to one of: %s.",
                    ", ".join(labels[name]["string"] for name in names if name in labels),
                )
        return None

    def unmatched(self):
        """Return ``[(column, value, count)]`` of the values that mean nothing to us yet, the commonest first."""
        ours = OurValues(self.env)
        found = []
        for column, counter in self.scan.values.items():
            known = {value.casefold() for value in self.replacements.get(column, {})}
            found += [
                (column, value, count)
                for value, count in counter.most_common()
                if value.casefold() not in known and not ours.knows(column, value)
            ]
        return found

    def numbered(self, skip=0):
        """Yield ``(number, row)`` of the rows after ``skip``, numbers counted from 0; ``None`` for a ragged row."""
        matcher = Matcher(
            self.table.headings, self.columns, self.forms, self.replacements, self.fixed
        )
        for place, (number, cells) in enumerate(self.table.rows()):
            if place >= skip:
                yield number - 1, None if cells is None else matcher.row(cells)

    def first_rows(self):
        """Return the first rows in our columns, as ``[(number, row)]``."""
        matcher = Matcher(
            self.table.headings, self.columns, self.forms, self.replacements, self.fixed
        )
        return [(number, matcher.row(cells)) for number, cells in self.scan.first]

    def land(self, delivery, skip=0, between=None, attempt=None):
        """Write the rows after the first ``skip``; refused rows are kept with the delivery.

        Customers are written in parts; ``between`` is called before the first and after each of them with the number
        of rows so far, and may stop the run by returning ``False``. ``attempt`` calls the writing of a part, and may
        repeat it.
        """
        delivery = delivery.sudo()
        self.landed = skip
        if between:
            between(skip)
        if self.kind == "customers":
            with closing(self._parts(skip)) as parts:
                for part in parts:
                    write = partial(self._land_customers, delivery, part)
                    loader = attempt(write) if attempt else write()
                    self._note(loader)
                    self.landed += len(part)
                    if between and between(self.landed) is False:
                        return
        elif self.kind == "use":
            self._land_use(delivery, self.numbered(skip))
        else:
            self._land_persons(delivery, skip)
        delivery._drop_empty_change()
        self._remember()

    def _parts(self, skip):
        """Yield the rows after ``skip`` in parts; the next part is read while one is written."""
        numbered = self.numbered(skip)

        def read():
            return list(islice(numbered, BATCH))

        with Background() as background:
            ahead = background.submit(read)
            while part := ahead.result():
                ahead = background.submit(read)
                yield part

    def try_rows(self, delivery, numbered):
        """Land some rows; return ``{number of the row: why it is refused}``. The caller takes them back."""
        if self.kind == "customers":
            loader = CustomerLoader(self.env, delivery, self.intake._columns())
            for number, row in numbered:
                loader.add(number, row)
        else:
            loader = UsageLoader(self.env, delivery)
            loader.add([row for _number, row in numbered], [number for number, _row in numbered])
        loader.land()
        self.corrected = list(getattr(loader, "corrected", {}).values())
        return {line["row"] + 1: line["message"] for line in loader.rejections.answer()}

    def _ragged(self):
        return Reject(
            "ragged", None, self._("The row has more or fewer cells than there are headings.")
        )

    def _land_customers(self, delivery, part):
        # The names are taken, so that a part that is repeated after a conflict reads them again.
        books, self.books = self.books, None
        loader = CustomerLoader(self.env, delivery, self.intake._columns(), books)
        for number, row in part:
            if row is None:
                loader.sent[number] = {}
                loader.refused.append((number, self._ragged()))
            else:
                loader.add(number, row)
        loader.land()
        return loader

    def _note(self, loader):
        self.books = loader.books
        self.counts.update(loader.counts)
        self._reject(loader.rejections.answer())

    def _land_use(self, delivery, numbered):
        loader = UsageLoader(self.env, delivery)
        for part in split_every(CHUNK, numbered, list):
            self.landed += len(part)
            loader.rejections.add(
                [(number, {}, self._ragged()) for number, row in part if row is None]
            )
            part = [line for line in part if line[1] is not None]
            loader.add([row for _number, row in part], [number for number, _row in part])
        self._finish_use(loader)

    def _land_persons(self, delivery, skip):
        loader = UsageLoader(self.env, delivery)
        is_kept = self.env["customer.success.person"]._is_kept()
        counter = PersonCounter(self.env, Values.of(self.env), is_kept)
        for part in split_every(CHUNK, self.numbered(skip), list):
            self.landed += len(part)
            loader.rejections.add(
                [(number, {}, self._ragged()) for number, row in part if row is None]
            )
            loader.rejections.add(counter.add([line for line in part if line[1] is not None]))
        if misfit := counter.misfit(self.day, self.period):
            raise UserError(misfit)
        for part in split_every(CHUNK, counter.rows(self.day, self.period, loader.names), list):
            loader.add([row for _number, row in part], [number for number, _row in part])
        self._finish_use(loader)
        counter.keep(delivery, self.day, self.period)
        counter.close()

    def _finish_use(self, loader):
        answer = loader.land()
        self.counts.update(
            {f"usages_{name}": answer[name] for name in ("created", "updated", "unchanged")}
        )
        self.counts["rejected"] += answer["rejected_count"]
        self._reject(answer["rejected"])

    def _reject(self, rejected):
        """Note refused rows, numbered as people count them."""
        for line in rejected[: MOST_LISTED - len(self.rejected)]:
            self.rejected.append({**line, "row": line["row"] + 1})

    def _remember(self):
        """Remember the columns of the headings for the next file, as Odoo's own import does."""
        memory = self.env["base_import.mapping"]
        known = {
            line.column_name: line
            for line in memory.search(
                [("res_model", "=", self.intake._name), ("column_name", "in", [*self.columns])]
            )
        }
        for heading, column in self.columns.items():
            if heading not in known:
                memory.create(
                    {
                        "res_model": self.intake._name,
                        "column_name": heading,
                        "field_name": column,
                    }
                )
            elif known[heading].field_name != column:
                known[heading].field_name = column
