from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..common.known_float import KnownFloat

COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


def counted_search(name):
    """Return the search method of a field that has SQL of its own (see ``_success_counted``)."""

    def search(self, operator, value):
        return self._search_success_counted(name, operator, value)

    return search


class ResPartner(models.Model):
    """The time since go-live, counted from today in lists, groups and averages as well, and how late a go-live is.

    These fields are not stored, because they change every day. They have SQL of their own, with which Odoo sorts,
    groups, averages and searches them.
    """

    _inherit = "res.partner"

    success_since_date = fields.Date(
        "Customer Since (Entered)",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="The day on which the company became a customer. Leave it empty to take the earliest of its first contract "
        "term, its first won opportunity and its go-live.",
    )
    success_adoption_bought = KnownFloat(
        "Adoption Rate at Purchase % (Entered)",
        digits=(5, 1),
        tracking=True,
        copy=False,
        groups="customer_success.group_success_user",
        help="The share of the people in question who used such a system when the customer bought. Leave it empty to take "
        "it from the recorded use around that day, or if it is not known.",
    )
    success_live_date = fields.Date(
        "Live Since",
        compute="_compute_success_live",
        search=counted_search("success_live_date"),
        groups="base.group_user",
        help="The day of go-live of a customer that is live. It is the earliest date that was set, so that moving the date does "
        "not start the years anew.",
    )
    success_years_live = KnownFloat(
        "Years Live",
        compute="_compute_success_live",
        search=counted_search("success_years_live"),
        groups="base.group_user",
        digits=(5, 1),
        help="The years since go-live of a customer that is live. The relation goes on, so they have no end.",
    )
    success_year_live = fields.Integer(
        "Year after Go-Live",
        compute="_compute_success_live",
        search=counted_search("success_year_live"),
        groups="base.group_user",
        aggregator=None,
        help="The current year after go-live, counted from 1.",
    )
    success_go_live_late = KnownFloat(
        "Go-Live Late (Days)",
        compute="_compute_success_live",
        search=counted_search("success_go_live_late"),
        groups="base.group_user",
        digits=(16, 0),
        help="The days since the planned go-live of a customer that is not live. This is project data: no score counts it.",
    )

    @api.constrains("success_since_date", "success_adoption_bought")
    def _check_success_since(self):
        today = fields.Date.context_today(self)
        for partner in self:
            since = partner.success_since_date
            if since and since > today:
                raise ValidationError(
                    self.env._(
                        "%(customer)s cannot be a customer since %(date)s: that day is in the future.",
                        customer=partner.display_name,
                        date=format_date(self.env, since),
                    )
                )
            bought = partner.sudo().success_adoption_bought
            if bought is not False and not 0 <= bought <= 100:
                raise ValidationError(
                    self.env._(
                        "The adoption rate at purchase must be between 0 and 100 %. Leave it empty if it is not known."
                    )
                )

    @api.depends("success_go_live_date", "success_go_live_first", "success_stage_id.phase")
    def _compute_success_live(self):
        """Compute the years since go-live of customers that are live, and the days late of those that are not.

        A past date in a stage before go-live means that go-live slipped; the years are then unknown.
        """
        today = fields.Date.context_today(self)
        for partner in self:
            planned, phase = partner.success_go_live_date, partner.success_stage_id.phase
            days = [day for day in (planned, partner.success_go_live_first) if day]
            live = min(days) if days and phase in ("go_live", "after") else False
            is_live = bool(live) and live <= today
            partner.success_live_date = is_live and live
            partner.success_years_live = is_live and round((today - live).days / 365.25, 1)
            partner.success_year_live = is_live and whole_years(live, today) + 1
            is_late = phase == "before" and planned and planned < today
            partner.success_go_live_late = is_late and (today - planned).days

    def action_success_go_live_corrected(self):
        """Let the years count from the go-live date as it stands, because an earlier one was a mistake."""
        if not self.env.user.has_group("customer_success.group_success_manager"):
            raise AccessError(
                self.env._(
                    "Only a manager can say that the earlier go-live date was a mistake, because the years "
                    "after go-live, and the targets that were missed in them, are counted anew."
                )
            )
        self.check_access("write")
        for partner in self.sudo().filtered("success_go_live_first"):
            partner._message_log(
                body=self.env._(
                    "The earlier go-live date %s was a mistake and does not count any more.",
                    format_date(self.env, partner.success_go_live_first),
                )
            )
            partner.success_go_live_first = False
        self.env["customer.success.score.request"]._add(self)

    def _success_live_sql(self, name, alias, query):
        """Return the SQL of one of the fields above, for sorting, grouping, averages and searches."""
        part = {
            key: self._field_to_sql(alias, field, query)
            for key, field in (
                ("planned", "success_go_live_date"),
                ("first", "success_go_live_first"),
                ("phase", "success_stage_phase"),
            )
        }
        part["today"] = SQL("%s::date", fields.Date.context_today(self))
        if name == "success_go_live_late":
            return SQL(
                "CASE WHEN %(phase)s = 'before' AND %(planned)s < %(today)s THEN %(today)s - %(planned)s END",
                **part,
            )
        live = SQL(
            "CASE WHEN %(phase)s IN ('go_live', 'after') AND LEAST(%(planned)s, %(first)s) <= %(today)s"
            " THEN LEAST(%(planned)s, %(first)s) END",
            **part,
        )
        if name == "success_live_date":
            return live
        if name == "success_years_live":
            return SQL("round((%s - %s) / 365.25, 1)", part["today"], live)
        return SQL("date_part('year', age(%s, %s))::int + 1", part["today"], live)

    def _success_counted(self):
        """Return ``{field: method(field, alias, query)}`` of the fields that have SQL of their own."""
        return dict.fromkeys(
            (
                "success_live_date",
                "success_years_live",
                "success_year_live",
                "success_go_live_late",
            ),
            self._success_live_sql,
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        name, _dot, part = field_expr.partition(".")
        if name.startswith("success_") and (counted := self._success_counted().get(name)):
            field = self._fields[name]
            self._check_field_access(field, "read")
            sql = counted(name, alias, query)
            return field.property_to_sql(sql, part, self, alias, query) if part else sql
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search_success_counted(self, name, operator, value):
        """Search a field that has SQL of its own by its values, or as more or less than a value."""
        if operator == "in":
            known = [one for one in value if one is not False and one is not None]

            def to_sql(model, alias, query):
                sql = model._field_to_sql(alias, name, query)
                found = SQL("COALESCE(%s = ANY(%s), FALSE)", sql, known)
                return SQL("(%s OR %s IS NULL)", found, sql) if len(known) < len(value) else found

        elif operator in COMPARISONS:

            def to_sql(model, alias, query):
                return SQL(
                    "COALESCE(%s %s %s, FALSE)",
                    model._field_to_sql(alias, name, query),
                    COMPARISONS[operator],
                    value,
                )

        else:
            return NotImplemented
        return Domain.custom(to_sql=to_sql)


def whole_years(start, end):
    """Return the number of whole years from one day to another, as PostgreSQL's ``age`` counts them.

    >>> from datetime import date
    >>> whole_years(date(2024, 2, 29), date(2025, 2, 28)), whole_years(date(2024, 3, 1), date(2026, 3, 1))
    (0, 2)
    """
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))
