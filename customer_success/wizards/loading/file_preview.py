"""The preview of a file: how its first rows are understood, and what would become of them."""

from contextlib import suppress

from markupsafe import Markup

from odoo.exceptions import UserError

from ...ingestion.naming import Names
from ...ingestion.persons import PersonCounter
from ...ingestion.values import Values

MOST_SHOWN = 20


class _Undo(Exception):
    """Raised to take back what the preview wrote."""


def preview(run, number, ragged, unmatched):
    """Return the first rows as a table. They are written and taken back, so that they meet every rule.

    ``number`` and ``ragged`` are the rows of the file and those with a wrong number of cells, ``unmatched`` its values
    without a meaning as ``[(label of the column, value, rows)]``.
    """
    notes = []
    rows = _counted(run) if run.kind == "persons" else run.first_rows()
    refusals = _taken_back(run.env, lambda: _try(run, rows))
    if run.corrected:
        notes.append(
            run.env._(
                "Seats or values of running terms are corrected from their first day on: %(terms)s. If they changed on a day, add the column "
                "“Changed From”, which keeps what was so before.",
                terms=", ".join(run.corrected[:MOST_SHOWN]),
            )
        )
    for label, value, count in unmatched[:MOST_SHOWN]:
        notes.append(
            run.env._(
                "%(column)s “%(value)s” (rows: %(count)d) means nothing here; these rows will be refused.",
                column=label,
                value=value,
                count=count,
            )
        )
    return _notes(run, number, ragged, notes) + _table(run, rows, refusals)


def _taken_back(env, attempt):
    """Return what a function returns, and take back what it wrote."""
    found = None
    with suppress(_Undo), env.cr.savepoint():
        found = attempt()
        raise _Undo
    return found


def _counted(run):
    """Return the first customers of a file of persons, counted over the whole file."""
    return _taken_back(run.env, lambda: _count(run))


def _count(run):
    counter = PersonCounter(run.env, Values.of(run.env))
    for line in run.numbered():
        if line[1] is not None:
            counter.add([line])
    if misfit := counter.misfit(run.day, run.period):
        raise UserError(misfit)
    names = Names(run.env)
    found = [(number + 1, row) for number, row in counter.rows(run.day, run.period, names)]
    return found[:MOST_SHOWN]


def _try(run, rows):
    """Land the first rows; return ``{number of the row: why it would be refused}``."""
    delivery = run.env["customer.success.usage.delivery"]._of_file("use")
    return run.try_rows(delivery, [(number - 1, row) for number, row in rows])


def _labels(run):
    labels = run.intake.fields_get(attributes=["string"])
    usage = run.env["customer.success.usage.intake"].fields_get(attributes=["string"])
    return {name: text["string"] for name, text in {**usage, **labels}.items()}


def _notes(run, number, ragged, notes):
    said = [run.env._("%d rows.", number)]
    if left := [heading for heading in run.table.headings if heading not in run.columns]:
        said.append(
            run.env._(
                "Columns that are not read: %(number)d (%(names)s).",
                number=len(left),
                names=", ".join(left[:10]) + ("…" if len(left) > 10 else ""),
            )
        )
    if ragged:
        said.append(run.env._("Rows with more or fewer cells than headings: %d.", ragged))
    text = Markup("<p>%s</p>") % " ".join(said)
    for note in notes:
        text += Markup('<div class="alert alert-warning py-1 mb-1">%s</div>') % note
    return text


def _table(run, rows, refusals):
    labels = _labels(run)
    columns = list(dict.fromkeys(column for _number, row in rows for column in row))
    head = [run.env._("Row"), *(labels.get(column, column) for column in columns), ""]
    lines = []
    for number, row in rows:
        cells = [Markup("<td>%s</td>") % number]
        cells += [Markup("<td>%s</td>") % row.get(column, "") for column in columns]
        why = refusals.get(number)
        cells.append(
            Markup('<td class="text-danger">%s</td>') % why
            if why
            else Markup('<td class="text-success">%s</td>') % run.env._("fine")
        )
        lines.append(Markup("<tr>%s</tr>") % Markup().join(cells))
    return Markup(
        '<div class="table-responsive"><table class="table table-sm o_success_preview">'
        "<thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>"
    ) % (
        Markup().join(Markup("<th>%s</th>") % text for text in head),
        Markup().join(lines),
    )
