"""The amendments in the rows of a file: changes of the seats and the annual value of a term from a day on."""

from odoo.exceptions import UserError

from ...models.renewals.customer_success_renewal_replaced import ENDING

AMENDMENT = "customer.success.renewal.amendment"
FIGURES = ("annual_value", "seats")
# What a file may change of an amendment.
CHANGED = (*FIGURES, "reason")


class AmendmentWriter:
    """The part of :class:`RowWriter` that writes amendments; the figures of the term in such a row are those of its start."""

    def _planned_amendments(self, lines, key):
        """Return ``{key of the term: {day: values}}`` of the rows."""
        planned = {}
        for _number, parsed, partner in lines:
            if said := parsed["amendment"]:
                days = planned.setdefault(self._key(partner, parsed["renewal"], key), {})
                days.setdefault(said["date"], {}).update(said)
        return planned

    @staticmethod
    def _held_back(vals):
        """Take out of the values of a new term how it ended, and return it: a term that has ended takes no more amendments."""
        if vals.get("outcome", "pending") == "pending" and "replaced_by_id" not in vals:
            return {}
        return {name: vals.pop(name) for name in ENDING if name in vals}

    def _without_start(self, renewal, changes, is_amended):
        """Return the changes of a term without figures that it began with, which an amendment in force has replaced."""
        if not renewal.amendment_id:
            return changes
        start = {"annual_value": renewal.start_value, "seats": renewal.start_seats}
        changes = {
            name: value
            for name, value in changes.items()
            if name not in start or start[name] != value
        }
        if is_amended and not changes.keys().isdisjoint(FIGURES):
            raise UserError(
                self._(
                    "%(term)s began with %(value)s a year and %(seats)s. Beside a change within the term, “annual_value” and “seats” "
                    "are those at its start.",
                    term=renewal.display_name,
                    value=renewal.currency_id.format(renewal.start_value),
                    seats=renewal._say_seats(renewal.start_seats),
                )
            )
        return changes

    def _write_amendments(self, planned, counts, ended):
        """Write ``[(term, {day: values})]``, and keep it; what hangs on new terms of ``ended`` goes with them."""
        new, changing = [], []
        for term, said in planned:
            known = {line.date: line for line in term.amendment_ids}
            figures = {
                day: {name: line[name] for name in FIGURES}
                for day, line in known.items()
                if line.active
            }
            for day in sorted(said):
                line, vals = known.get(day), said[day]
                if line:
                    is_other = line.active and self._changes(line, vals)
                    changing += [(line, is_other)] if is_other else []
                    counts[f"amendments_{'updated' if is_other else 'unchanged'}"] += 1
                else:
                    before = max((one for one in figures if one < day), default=None)
                    vals = {
                        "renewal_id": term.id,
                        "reason": self._("Loaded from a file."),
                        **(figures[before] if before else _start_of(term)),
                        **vals,
                    }
                    new.append(vals)
                figures[day] = {
                    **figures.get(day, {}),
                    **{n: vals[n] for n in FIGURES if n in vals},
                }
        self._keep_amendments(new, changing, ended)
        counts["amendments_created"] += len(new)

    def _keep_amendments(self, new, changing, ended):
        lines = self.env[AMENDMENT]
        lines = lines.browse(line.id for line, _vals in changing)
        before = self.change._values(lines, CHANGED)
        for line, vals in changing:
            line.write(vals)
        if lines:
            self.change._keep(lines, before, is_trimmed=True)
        if new:
            created = lines.create(new)
            kept = created.filtered(lambda line: line.renewal_id not in ended)
            self.change._keep_created(kept)


def _start_of(term):
    """Return the figures that a term began with."""
    if term.amendment_id:
        return {"annual_value": term.start_value, "seats": term.start_seats}
    return {name: term[name] for name in FIGURES}
