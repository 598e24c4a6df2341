from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...ingestion.forms import DAY_FIRST, MONTH_FIRST
from ...scoring.numerals import COMMA, POINT

# Kind of file -> model that reads its rows.
INTAKES = {
    "customers": "customer.success.intake",
    "use": "customer.success.usage.intake",
    "persons": "customer.success.person.intake",
}
FORMS = (DAY_FIRST, MONTH_FIRST, POINT, COMMA)


class CustomerSuccessFileMapping(models.Model):
    """The way in which files of another system are read: its headings, its forms of dates and numbers, its values.

    All of it is text, ours and theirs, so that the API can create a mapping as the screen does.
    """

    _name = "customer.success.file.mapping"
    _description = "Matching of Files"
    _order = "name, id"

    name = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("customers", "Customers, Renewals and Use"),
            ("use", "Use"),
            ("persons", "Use, One Row a User"),
        ],
        required=True,
        default="customers",
    )
    columns = fields.Json(help="heading of the file: our column")
    forms = fields.Json(help="heading of the file: day, month, point or comma")
    replacements = fields.Json(help="our column: {value of the file: our value}")
    fixed = fields.Json(
        help="our column: the value of all rows, if the file does not have the column"
    )
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    _name_uniq = models.UniqueIndex("(kind, lower(name))", "There is a matching of this name.")

    @api.depends("columns", "forms", "replacements", "fixed", "kind")
    def _compute_explanation(self):
        for mapping in self:
            labels = self.env[INTAKES[mapping.kind or "customers"]].fields_get(
                attributes=["string"]
            )

            def label(column, labels=labels):
                return labels.get(column, {}).get("string", column)

            forms = mapping._form_labels()
            lines = [
                (heading, label(column), forms.get((mapping.forms or {}).get(heading), ""))
                for heading, column in (mapping.columns or {}).items()
            ]
            lines += [
                (label(column), f"{theirs}", ours or self.env._("left out"))
                for column, said in (mapping.replacements or {}).items()
                for theirs, ours in said.items()
            ]
            lines += [
                (self.env._("All rows"), label(column), ours)
                for column, ours in (mapping.fixed or {}).items()
            ]
            rows = Markup().join(
                Markup("<tr>%s</tr>") % Markup().join(Markup("<td>%s</td>") % cell for cell in line)
                for line in lines
            )
            mapping.explanation = Markup('<table class="table table-sm">%s</table>') % rows

    @api.model
    def _form_labels(self):
        return {
            DAY_FIRST: self.env._("day before month"),
            MONTH_FIRST: self.env._("month before day"),
            POINT: self.env._("1,234.50"),
            COMMA: self.env._("1.234,50"),
        }

    @api.constrains("columns", "forms", "replacements", "fixed", "kind")
    def _check_content(self):
        for mapping in self:
            known = set(self.env[INTAKES[mapping.kind]]._columns())
            columns, forms, values, fixed = (
                mapping[name] or {} for name in ("columns", "forms", "replacements", "fixed")
            )
            if not all(isinstance(part, dict) for part in (columns, forms, values, fixed)):
                raise ValidationError(self.env._("Each part of a matching is a list of pairs."))
            used = [*columns.values(), *values, *fixed]
            if unknown := [name for name in used if name not in known]:
                raise ValidationError(
                    self.env._("There is no column “%s” in this kind of file.", unknown[0])
                )
            twice = {name for name in columns.values() if [*columns.values()].count(name) > 1}
            if twice:
                raise ValidationError(self.env._("Two headings are matched to “%s”.", min(twice)))
            if unknown := [form for form in forms.values() if form not in FORMS]:
                raise ValidationError(
                    self.env._(
                        "“%(form)s” is not one of: %(forms)s.",
                        form=unknown[0],
                        forms=", ".join(FORMS),
                    )
                )
            if not all(isinstance(said, dict) for said in values.values()):
                raise ValidationError(self.env._("Each part of a matching is a list of pairs."))

    @api.model
    def _named(self, name, kind):
        """Return the mapping of a name, whatever its case, or raise with the names that are known."""
        mappings = self.search([("kind", "=", kind)])
        for mapping in mappings:
            if mapping.name.casefold() == str(name).strip().casefold():
                return mapping
        raise UserError(
            self.env._(
                "There is no matching “%(name)s” for this kind of file. Known: %(known)s.",
                name=name,
                known=", ".join(mappings.mapped("name")) or self.env._("none"),
            )
        )

    @api.model
    def _fitting(self, kind, headings):
        """Return the mapping that knows the most of these headings, if all of its own are among them."""
        best = self.browse()
        for mapping in self.search([("kind", "=", kind)]):
            known = mapping.columns or {}
            if known and known.keys() <= set(headings) and len(known) > len(best.columns or {}):
                best = mapping
        return best
