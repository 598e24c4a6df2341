"""The sheet of degrees of use: the last known usage by customer and product, and the active users of twelve months."""

from dateutil.relativedelta import relativedelta
from xlsxwriter.utility import quote_sheetname, xl_range, xl_rowcol_to_cell

from odoo.fields import Date, Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...models.use.customer_success_usage_figures import DEGREES as DEGREE_FIELDS
from ...models.use.customer_success_usage_figures import FIGURES
from ...scoring.successors import USED
from ...scoring.use import DEGREES, LATEST_USE
from .cells import excel_sql
from .sheet import register
from .table import Column, Table

_lt = LazyTranslate(__name__)

MONTHS = 12
# The number of rows with a sparkline, the riskiest customers first: each one costs memory, here and in Excel.
SPARKLINES = 5_000
# The scores read no older use: two years and some months, for what is usual at this time of the year.
READ_DAYS = 950


def _of_book(text):
    """Return a text of SQL that reads the use of the customers of the book instead of the table."""
    return text.replace("FROM customer_success_usage", "FROM seen").replace(
        "IN_SCOPE", "IS NOT NULL"
    )


@register
class Use(Table):
    code = "use"
    title = _lt("Degrees of use")
    sequence = 30
    model = "customer.success.usage"

    def heading(self):
        return self.env._("Degrees of use, riskiest customers first")

    def note(self):
        return self.env._(
            "Last known figures of the last %(days)d days; degrees in %% of the intended use. The line "
            "shows the active users of %(months)d months, for the first %(lines)d rows.",
            days=self.rules.usage_fresh_days,
            months=MONTHS,
            lines=SPARKLINES,
        )

    @property
    def rules(self):
        return self.env["customer.success.score"]._rules()

    def make_columns(self):
        _ = self.env._
        month = Date.start_of(self.book.today, "month")
        self.months = [month - relativedelta(months=ago) for ago in range(MONTHS - 1, -1, -1)]
        said = self.env[self.model].fields_get(DEGREES, ["string"])
        return (
            Column("customer", _("Customer"), "text", 32),
            self.record("product_id", _("Product"), "product.product", 24),
            self.record("segment_id", _("Segment"), "customer.success.segment", 14),
            Column("date", _("Known until"), "date", 11),
            Column("licensed_users", _("Licensed users"), "whole", 9, total="sum"),
            Column("active_users", _("Active users"), "whole", 9, total="sum"),
            Column("paid", _("Licences paid for, if use is above them"), "whole", 11, total="sum"),
            Column("over", _("Users above licences"), "whole", 9, total="sum"),
            Column("since", _("Above licences since"), "date", 11),
            Column("over_months", _("Months above licences"), "whole", 9),
            Column("adoption", _("Adoption rate"), "percent", 10, total="average", bar=1),
            Column("target", _("Target"), "percent", 9),
            Column("lowered", _("Target lowered on"), "date", 11),
            Column(
                "forced",
                _("Work cannot be done without it"),
                "text",
                12,
                names={True: _("Yes"), False: None, None: None},
            ),
            *(
                Column(
                    name,
                    said.get(name, {}).get("string", DEGREE_FIELDS[name]),
                    "percent",
                    10,
                    total="average",
                    bar=1,
                )
                for name in DEGREES
            ),
            Column("line", _("Active users over time"), "text", 22),
            *(Column(f"month{n}", f"{day:%Y-%m}", "whole", 9) for n, day in enumerate(self.months)),
        )

    def source(self, order=None):
        """Return the SQL of the usage as the scores read it, joined with the active users of each month."""
        env = self.env
        usages = env[self.model]
        query = usages._search(
            Domain("partner_id", "in", self.book.customers)
            & Domain("date", ">=", Date.subtract(self.book.today, days=READ_DAYS))
        )
        wanted = (*("id", "partner_id", "product_id", "source", "date", "period"), *FIGURES)
        seen = query.select(
            *(
                SQL(
                    "%s AS %s", usages._field_to_sql(query.table, name, query), SQL.identifier(name)
                )
                for name in wanted
            )
        )
        customers = env["res.partner"]._search(Domain("id", "in", self.book.customers))
        columns = customers.select(
            SQL.identifier(customers.table, "id"),
            SQL.identifier(customers.table, "name"),
            SQL(
                "%s AS segment_id",
                env["res.partner"]._field_to_sql(customers.table, "success_segment_id", customers),
            ),
            SQL(
                "%s AS risk",
                env["res.partner"]._field_to_sql(
                    customers.table, "success_renewal_risk", customers
                ),
            ),
        )
        shown = [
            SQL("customer.name"),
            SQL("series.product_id"),
            SQL("customer.segment_id"),
            excel_sql(
                SQL(
                    "COALESCE(CASE WHEN product.silent_weeks IS NULL THEN product.date END, series.date)"
                ),
                "date",
                None,
            ),
            SQL("product.licensed_users"),
            SQL("CASE WHEN product.silent_weeks IS NULL THEN product.active_users END"),
            SQL("overuse.licences"),
            SQL("overuse.users_over"),
            excel_sql(SQL("overuse.since"), "date", None),
            SQL("overuse.months"),
            excel_sql(SQL("product.adoption"), "percent", None),
            excel_sql(SQL("product.adoption_target"), "percent", None),
            excel_sql(SQL("lowered_use.lowered_date"), "date", None),
            SQL("product.is_forced"),
            *(excel_sql(SQL.identifier("product", name), "percent", None) for name in DEGREES),
            SQL("NULL::text"),
            *(SQL.identifier("series", f"month{n}") for n in range(MONTHS)),
        ]
        months = SQL(", ").join(
            SQL(
                "COALESCE(avg(active_users) FILTER (WHERE source = 'measured' AND date >= %(first)s"
                " AND date < %(next)s), avg(active_users) FILTER (WHERE date >= %(first)s"
                " AND date < %(next)s))::float8 AS %(name)s",
                first=day,
                next=day + relativedelta(months=1),
                name=SQL.identifier(f"month{n}"),
            )
            for n, day in enumerate(self.months)
        )
        return SQL(
            "WITH seen AS MATERIALIZED (%(seen)s), customer AS MATERIALIZED (%(customers)s), "
            + _of_book(LATEST_USE)
            + """series AS MATERIALIZED (
                SELECT partner_id, product_id, max(date) AS date, %(months)s
                  FROM %(used)s used
                 WHERE date >= %(first)s
              GROUP BY partner_id, product_id
            )
            SELECT %(columns)s
              FROM series
              JOIN customer ON customer.id = series.partner_id
         LEFT JOIN product ON product.partner_id = series.partner_id
                          AND product.product_id = series.product_id
                          AND NOT product.is_silent
         LEFT JOIN customer_success_intended_use lowered_use
                ON lowered_use.partner_id = series.partner_id
               AND lowered_use.product_id = series.product_id
         LEFT JOIN (SELECT partner_id, product_id, sum(licences) AS licences, sum(users_over) AS users_over,
                           min(date_since) AS since, max(months) AS months
                      FROM customer_success_overuse
                     WHERE is_lasting
                  GROUP BY partner_id, product_id) overuse
                ON overuse.partner_id = series.partner_id
               AND overuse.product_id = series.product_id
                   %(order)s
            """,
            seen=seen,
            customers=columns,
            today=self.book.today,
            fresh_days=self.rules.usage_fresh_days,
            adoption_target=self.rules.adoption_target,
            ramp_months=self.rules.ramp_months,
            months=months,
            used=SQL(_of_book(USED), today=self.book.today),
            first=min(self.months[0], self._fresh_since()),
            columns=SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(f"c{n}")) for n, sql in enumerate(shown)
            ),
            order=SQL(
                "ORDER BY customer.risk DESC NULLS LAST, customer.name, customer.id, series.product_id"
            )
            if order
            else SQL(),
        )

    def _fresh_since(self):
        return Date.subtract(self.book.today, days=self.rules.usage_fresh_days)

    def decorate(self, sheet, first, last):
        line, start = self.at["line"], self.at["month0"]
        name = quote_sheetname(sheet.get_name())
        drawn = range(first, min(last, first + SPARKLINES - 1) + 1)
        if not drawn:
            return
        sheet.add_sparkline(
            first,
            line,
            {
                "location": [xl_rowcol_to_cell(row, line) for row in drawn],
                "range": [
                    f"{name}!{xl_range(row, start, row, start + MONTHS - 1)}" for row in drawn
                ],
                "series_color": "#17504F",
                "weight": 1.5,
                "high_point": True,
                "low_point": True,
                "low_color": "#B02A37",
            },
        )
