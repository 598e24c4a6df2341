import base64
import io
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...ingestion.matching import DATES, LEFT_OUT, NUMBERS
from ...ingestion.reading import PRODUCT_KEYS
from ...ingestion.tables import DELIMITERS, ENCODINGS, Unreadable
from .file_preview import preview
from .file_run import FileRun
from .file_values import OurValues

# Files up to these numbers of rows are loaded while the user waits, longer ones by a scheduled action.
MOST_AT_ONCE = {"customers": 2_000, "use": 50_000, "persons": 50_000}
EXAMPLES = 3


class CustomerSuccessFileLoad(models.TransientModel):
    """The loading of a file step by step: choose it, match its columns, match its values, look at it, load it.

    Nothing is written before the last step. The matching can be kept under a name for the next file.
    """

    _name = "customer.success.file.load"
    _description = "Load a File"
    _rec_name = "file_name"
    _transient_max_hours = 72.0

    state = fields.Selection(
        [
            ("file", "File"),
            ("columns", "Columns"),
            ("values", "Values"),
            ("preview", "Preview"),
            ("loading", "Loading"),
            ("done", "Loaded"),
        ],
        default="file",
        required=True,
    )
    kind = fields.Selection(
        [
            ("customers", "Customers, renewals and use"),
            ("use", "Use, one row a customer and period"),
            ("persons", "Use, one row a user"),
        ],
        "Content",
        default="customers",
        required=True,
    )
    file = fields.Binary(attachment=True)
    file_name = fields.Char()
    encoding = fields.Selection([(name, name) for name in ENCODINGS])
    delimiter = fields.Selection("_selection_delimiter")
    sheet = fields.Char()
    mapping_id = fields.Many2one("customer.success.file.mapping", "Matching", ondelete="set null")
    keep_as = fields.Char(
        "Keep the Matching As",
        help="A name, so that the next file like this one is matched by itself.",
    )
    column_ids = fields.One2many("customer.success.file.column", "load_id")
    value_ids = fields.One2many("customer.success.file.value", "load_id")
    needs_product = fields.Boolean(readonly=True)
    product_id = fields.Many2one("product.product", "Product of All Rows")
    needs_period = fields.Boolean(readonly=True)
    period = fields.Selection(
        [("month", "Month"), ("week", "Week")], default="month", required=True
    )
    period_date = fields.Date("A Day of the Period")
    rows = fields.Integer(readonly=True)
    ragged = fields.Integer(readonly=True)
    rows_done = fields.Integer("Rows So Far", readonly=True)
    problem = fields.Text(readonly=True)
    hint = fields.Text(readonly=True)
    preview = fields.Html(readonly=True, sanitize=False)
    choices = fields.Json(compute="_compute_choices")
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True, readonly=True
    )
    delivery_id = fields.Many2one("customer.success.usage.delivery", readonly=True)

    @api.model
    def _selection_delimiter(self):
        names = {
            ",": self.env._("Comma"),
            ";": self.env._("Semicolon"),
            "\t": self.env._("Tab"),
            "\x1f": self.env._("Unit separator"),
        }
        return [(mark, names.get(mark, mark)) for mark in DELIMITERS]

    @api.depends("kind", "state")
    def _compute_choices(self):
        for load in self:
            labels = load._labels()
            choices = {"column": [[name, labels[name]] for name in load._intake()._columns()]}
            ours = OurValues(self.env)
            for column in set(load.value_ids.mapped("column")):
                choices[column] = [list(pair) for pair in ours.choices(column)]
            load.choices = choices

    def _intake(self):
        return FileRun.intake_of(self.env, self.kind)

    def _labels(self):
        return {
            name: description["string"]
            for name, description in self._intake().fields_get(attributes=["string"]).items()
        }

    def _open_file(self):
        """Return the file as a table, or refuse it in words."""
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        stream = io.BytesIO(base64.b64decode(self.with_context(bin_size=False).file))
        return self._intake()._open_table(
            stream,
            self.file_name,
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=self.sheet,
        )

    def _run(self):
        """Return the file with what was matched so far."""
        run = FileRun(self.env, self.kind, self._open_file())
        run.take(self.mapping_id)
        run.columns = {line.heading: line.column for line in self.column_ids if line.column}
        run.forms = {line.heading: line.form for line in self.column_ids if line.form}
        for line in self.value_ids:
            said = run.replacements.setdefault(line.column, {})
            said.pop(line.theirs, None)
            if line.ours or line.is_left_out:
                said[line.theirs] = LEFT_OUT if line.is_left_out else line.ours
        if self.product_id:
            product = self.product_id
            column = "product" if self.kind == "customers" else "product_name"
            if product.default_code:
                column = "product" if self.kind == "customers" else "product_code"
            run.fixed[column] = product.default_code or product.name
        return run

    # Steps

    def action_read(self):
        """Read the headings and propose what the columns mean."""
        self.ensure_one()
        self._intake()._check_may_load()
        table = self._open_file()
        mappings = self.env["customer.success.file.mapping"]
        if (
            self.kind == "use"
            and not self.mapping_id
            and FileRun(self.env, "persons", table).is_persons()
        ):
            self.kind = "persons"
        if self.mapping_id.kind != self.kind:
            self.mapping_id = False
        mapping = self.mapping_id or mappings._fitting(self.kind, table.headings)
        run = FileRun(self.env, self.kind, table)
        run.take(mapping)
        columns = {**run.columns, **run.proposed()}
        try:
            examples = [cells for _number, cells in islice(table.rows(), 50) if cells]
        except Unreadable as refusal:
            raise UserError(str(refusal)) from None
        self.column_ids.unlink()
        self.value_ids.unlink()
        self.env["customer.success.file.column"].create(
            [
                {
                    "load_id": self.id,
                    # What is recognised comes first, the rest below.
                    "sequence": place + (0 if columns.get(heading) else len(table.headings)),
                    "heading": heading,
                    "examples": _examples(examples, place),
                    "column": columns.get(heading),
                    "form": run.forms.get(heading),
                }
                for place, heading in enumerate(table.headings)
            ]
        )
        hint = False
        if len(table.headings) == 1:
            hint = self.env._(
                "The file has one column only. If it should have more, go back and choose the delimiter."
            )
        self.write(
            {
                "mapping_id": mapping.id,
                "keep_as": mapping.name,
                "state": "columns",
                "problem": False,
                "hint": hint,
            }
        )
        self._see_needs()
        return True

    def _see_needs(self):
        has = set(self.column_ids.mapped("column"))
        fixed = set(self.mapping_id.fixed or {})
        self.needs_product = self.kind != "customers" and not (has | fixed).intersection(
            PRODUCT_KEYS
        )
        self.needs_period = self.kind == "persons" or (self.kind == "use" and "date" not in has)

    def action_match(self):
        """Read the file with its columns, and propose what its values mean; ask what the columns leave open."""
        self.ensure_one()
        self._see_needs()
        problem = self._column_problem()
        if not problem:
            run = self._run()
            run.look()
            problem = run.missing() if not self._lacks() else self._lacks()
            said = {found.heading: found for found in run.problems}
            for line in self.column_ids:
                found = said.get(line.heading)
                line.question = found.words(self.env._) if found else False
                line.form = run.forms.get(line.heading) or line.form
                if line.column not in DATES | NUMBERS:
                    line.form = False
            if said:
                problem = "\n".join(
                    [
                        *filter(None, [problem]),
                        *(found.words(self.env._) for found in said.values()),
                    ]
                )
        if problem:
            self.problem = problem
            return True
        if self.kind == "persons" and not self.period_date:
            self.period_date = run.scan.last_day or fields.Date.context_today(self)
        self.write({"rows": run.scan.rows, "ragged": run.scan.ragged, "problem": False})
        self._propose_values(run)
        if self.value_ids:
            self.state = "values"
            return True
        return self.action_preview()

    def _lacks(self):
        """Return in words what has to be chosen for all rows, ``None`` if it is."""
        if self.needs_product and not self.product_id:
            return self.env._(
                "The file has no column with the product. Choose the product of all rows."
            )
        if self.kind == "use" and self.needs_period and not self.period_date:
            return self.env._("The file has no column with the date. Choose a day of its period.")
        return None

    def _column_problem(self):
        """Return in words what is wrong with the columns as they are matched, ``None`` if nothing is."""
        labels = self._labels()
        found = {}
        for line in self.column_ids.filtered("column"):
            if line.column not in labels:
                return self.env._("There is no column “%s” in this kind of file.", line.column)
            if line.column in found:
                return self.env._(
                    "“%(one)s” and “%(other)s” are both matched to “%(column)s”. Leave one of them out.",
                    one=found[line.column],
                    other=line.heading,
                    column=labels[line.column],
                )
            found[line.column] = line.heading
        return None

    def _propose_values(self, run):
        """List the values that are not ours as they are, once each, with what they most likely mean."""
        ours = OurValues(self.env)
        labels = self._labels()
        kept = {
            (column, value.casefold()): key
            for column, said in run.replacements.items()
            for value, key in said.items()
        }
        vals_list = []
        for column, counter in run.scan.values.items():
            values = [value for value in counter if not ours.knows(column, value)]
            proposed = ours.propose(column, values)
            for value in sorted(values, key=lambda value, counter=counter: -counter[value]):
                key = kept.get((column, value.casefold()))
                vals_list.append(
                    {
                        "load_id": self.id,
                        "column": column,
                        "label": labels[column],
                        "theirs": value,
                        "count": counter[value],
                        "ours": key or proposed[value],
                        "is_left_out": key == LEFT_OUT,
                    }
                )
        self.value_ids.unlink()
        self.env["customer.success.file.value"].create(vals_list)

    def action_preview(self):
        """Show how the first rows are understood; nothing is written."""
        self.ensure_one()
        run = self._run()
        run.peek()
        run.ask(self.period_date, self.period)
        unmatched = self.value_ids.filtered(lambda line: not line.ours and not line.is_left_out)
        said = [(line.label, line.theirs, line.count) for line in unmatched]
        self.write(
            {
                "state": "preview",
                "preview": preview(run, self.rows, self.ragged, said),
                "problem": False,
            }
        )
        return True

    def action_back(self):
        """Go back one step."""
        self.ensure_one()
        steps = ["file", "columns", *(["values"] if self.value_ids else []), "preview"]
        if self.state in steps[1:]:
            self.write({"state": steps[steps.index(self.state) - 1], "problem": False})
        return True

    def action_load(self):
        """Keep the matching if it has a name, and load the file, at once or in the background."""
        self.ensure_one()
        if self.state != "preview":
            return True
        self._intake()._check_may_load()
        run = self._run()
        run.peek()
        run.ask(self.period_date, self.period)
        if name := (self.keep_as or "").strip():
            self._keep(run, name)
        kind = "customers" if self.kind == "customers" else "use"
        deliveries = self.env["customer.success.usage.delivery"]
        self.delivery_id = deliveries.with_context(success_file_name=self.file_name)._of_file(kind)
        if self.rows > MOST_AT_ONCE[self.kind]:
            self.state = "loading"
            self.delivery_id.sudo().is_loading = True
            self.env.ref("customer_success.ir_cron_load_files")._trigger()
            return True
        run.land(self.delivery_id)
        self.write({"state": "done", "rows_done": self.rows, "file": False})
        return self.action_open_delivery()

    def _keep(self, run, name):
        """Keep the matching under a name, so that the next file and the API can use it."""
        mappings = self.env["customer.success.file.mapping"]
        known = mappings.search(
            Domain("kind", "=", self.kind) & Domain("name", "=ilike", name.replace("%", r"\%")),
            limit=1,
        )
        vals = {
            "columns": {**(known.columns or {}), **run.columns},
            "forms": {**(known.forms or {}), **run.forms},
            "replacements": {column: said for column, said in run.replacements.items() if said},
            "fixed": {
                column: ours
                for column, ours in run.fixed.items()
                if column not in ("date", "period")
            },
        }
        # A heading that means another column now does not mean the former one any more.
        for heading, column in list(vals["columns"].items()):
            if heading not in run.columns and column in run.columns.values():
                del vals["columns"][heading]
        vals["forms"] = {h: form for h, form in vals["forms"].items() if h in vals["columns"]}
        if known:
            if any((known[part] or {}) != said for part, said in vals.items()):
                known.write(vals)
        else:
            known = mappings.create({"name": name, "kind": self.kind, **vals})
        self.mapping_id = known

    def action_open_delivery(self):
        """Open the record of the delivery, with its counts and its refused rows."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.success.usage.delivery",
            "res_id": self.delivery_id.id,
            "views": [(False, "form")],
            "target": "current",
        }

    # Long files

    @api.model
    def _cron_load(self):
        """Go on with the files that are being loaded, part by part, each part as the user who loads it."""
        waiting = self.search([("state", "=", "loading")], order="id")
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(waiting))
        for load in waiting:
            own = load.with_user(load.create_uid).with_context(
                allowed_company_ids=load.company_id.ids,
                lang=load.create_uid.lang,
                tz=load.create_uid.tz,
            )
            own._go_on()
            if not progress(0 if own.state == "loading" else 1):
                break

    def _go_on(self):
        """Load the rows that are left, as far as the time of the job reaches."""

        def between(rows):
            self.rows_done = rows
            return bool(self.env["ir.cron"]._commit_progress())

        try:
            run = self._run()
            run.peek()
            run.ask(self.period_date, self.period)
            run.land(self.delivery_id, skip=self.rows_done, between=between)
        except UserError as error:
            self.write({"state": "done", "problem": str(error)})
            self.delivery_id.sudo().is_loading = False
            return
        self.rows_done = run.landed
        if run.landed >= self.rows:
            self.write({"state": "done", "file": False})
            self.delivery_id.sudo().is_loading = False


def _examples(rows, place):
    """Return the first values of a column as a text."""
    values = list(dict.fromkeys(str(cells[place]) for cells in rows if cells[place] is not None))
    return " · ".join(values[:EXAMPLES])[:120]
