"""The Method sheet, the last one: how each figure is computed, the current weights and limits, and unknown values."""

from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.misc import format_datetime
from odoo.tools.translate import LazyTranslate

from ...models.common.excel_text import clean
from ...scoring.risk import WORDS
from ...scoring.shapes import Curve, Levels, slope
from .sheet import FILTER, Sheet, register

_lt = LazyTranslate(__name__)


@register
class Method(Sheet):
    code = "method"
    title = _lt("Method")
    sequence = 900
    needs = ("customers",)

    def fill(self):
        self.sheet = self.book.open_sheet(
            self.name, self.env._("Method: how each figure is computed"), wide=False
        )
        self.sheet.hide_gridlines(2)
        for column, width in enumerate((34, 16, 16, 70)):
            self.sheet.set_column(column, column, width)
        self.row = 4
        self.customers = self.book.sheets["customers"]
        rules = self.env["customer.success.score"]._rules()
        self._section(self.env._("How to read it"), self._reading())
        self._section(self.env._("Formulas"), self._formulas(rules))
        self._factors()
        self._section(self.env._("Limits in force"), self._limits(rules))
        if segments := list(self._segments(rules)):
            self._section(self.env._("Segments with rules of their own"), segments)
        self._section(self.env._("Dates of the data"), self._dates())
        self._section(
            self.env._("What is unknown"),
            self._unknown(),
        )

    def _section(self, title, lines):
        """Write a title and lines of ``(name, text)``."""
        self._title(title)
        for name, text in lines:
            self.sheet.set_row(self.row, 15 * (1 + len(str(text)) // 105))
            self.sheet.write_string(self.row, 0, clean(name), self.book.formats.strong)
            self.sheet.merge_range(self.row, 1, self.row, 3, clean(text), self.book.formats.body)
            self.row += 1
        self.row += 1

    def _title(self, title):
        for column in range(4):
            self.sheet.write_blank(self.row, column, None, self.book.formats.section)
        self.sheet.write_string(self.row, 0, title, self.book.formats.section)
        self.row += 1

    def _reading(self):
        _ = self.env._
        return (
            (
                _("Unknown"),
                _("An empty cell means unknown. It is not zero, and averages leave it out."),
            ),
            (
                _("Whose rows"),
                _(
                    "Every row is one that %s may see on the screen, at the moment named on top of each sheet.",
                    self.env.user.name,
                ),
            ),
            (
                _("Totals"),
                _(
                    "Totals are formulas over the cells and agree with the screens. The line “Rows that the filter "
                    "shows” changes with the filter. Money is summed in one currency only."
                ),
            ),
            (_("Customers included"), self.book.filters),
        )

    def _formulas(self, rules):
        _ = self.env._
        learned, _spread = self.env["customer.success.risk.version"]._in_force()
        return (
            (
                _("Health"),
                _(
                    "0 to 100, high is good: Σ weight × value / Σ weight, over the factors that are known. A "
                    "factor's value goes from 0 to 100; the weights stand below."
                ),
            ),
            (_("Known"), _("Σ weight of the known factors / Σ weight of all.")),
            (
                _("Churn risk"),
                _(
                    "0 to 100 %, high is bad, of each pending renewal: 1 / (1 + e^−z), z = base + Σ part of each factor. A "
                    "part is slope × deviation, or the height of a curve at the deviation, or the level of a word. A factor "
                    "deviates by one for each 20 points above the neutral 60; an unknown one adds only what was learned from "
                    "others of whom it was unknown. The customer's risk is that of its riskiest renewal decided within a year or "
                    "by a notice, else of its next one."
                ),
            ),
            (
                _("Churn risk from, to"),
                _(
                    "In four of five cases the true risk is in this range. It is wide where few renewals like this one have "
                    "ended."
                )
                + (
                    ""
                    if learned
                    else " "
                    + _("No outcome of your own has been learned yet: experts alone set the risk.")
                ),
            ),
            (
                _("Reasons"),
                _(
                    "Each factor's part of the difference to the base, in points. All of them add up to the risk."
                ),
            ),
            (
                _("Contraction risk"),
                _(
                    "(100 % − churn risk) × the probability that seats are cut, computed from the seats that will be "
                    "unused at the renewal if usage continues as in the latest quarter."
                ),
            ),
            (
                _("Value at risk"),
                _(
                    "Value × churn risk + value × contraction risk × share shrunk, in the currency of the "
                    "renewal's company, at the rate of the day. Without a rate it is unknown."
                ),
            ),
            (
                _("Adoption rate"),
                _(
                    "100 × active users / licensed users, for the products with both figures. The target is "
                    "%(target)g %%, or that of the intended use, and rises to it over %(months)d months after go-live.",
                    target=rules.adoption_target,
                    months=rules.ramp_months,
                ),
            ),
            (
                _("Questions covered"),
                _("Questions due in the customer's stage with a fresh answer / all that are due."),
            ),
            (
                _("Time on advice"),
                _(
                    "Hours of advice, reviews, check-ins and handovers / the sum of these and the hours leaked."
                ),
            ),
            *(
                line
                for sheet in self.env[FILTER]._sheet_types()
                if sheet.is_for(self.env)
                for line in sheet.explain(self.env)
            ),
        )

    def _factors(self):
        """Write the weights and the mean slopes of the factors; words have no slope."""
        _, sheet, formats = self.env._, self.sheet, self.book.formats
        self._title(_("Weights and slopes in force"))
        shapes, _spread = self.env["customer.success.risk.version"]._in_force()
        heads = (
            _("Factor"),
            _("Weight in the health"),
            _("Mean slope of the risk"),
            _("What it is"),
        )
        sheet.set_row(self.row, 32)
        for column, text in enumerate(heads):
            sheet.write_string(self.row, column, text, formats.head)
        first = self.row + 1
        factors = self.env["customer.success.factor"].sudo().search(Domain.TRUE)
        for self.row, factor in enumerate(factors, first):
            sheet.write_string(self.row, 0, clean(factor.name), formats.body)
            if factor.weight:
                sheet.write_number(self.row, 1, factor.weight, formats.cell["number"])
            said = factor.description or ""
            if factor.code in WORDS:
                note = self._word_note(shapes.get(factor.code) if factor.is_learned else None)
            else:
                shape = factor._shape(shapes)
                sheet.write_number(self.row, 2, slope(shape), formats.cell["coefficient"])
                note = (
                    _("A curve: its slope differs from place to place.")
                    if isinstance(shape, Curve)
                    else ""
                )
            said = " ".join(filter(None, (said, note)))
            sheet.set_row(self.row, 15 * (1 + len(said) // 62))
            sheet.write_string(self.row, 3, clean(said), formats.body)
        self.row += 1
        sheet.write_string(self.row, 0, _("Sum"), formats.total["text"])
        total = sum(factors.mapped("weight"))
        area = f"B{first + 1}:B{self.row}"
        sheet.write_formula(self.row, 1, f"=SUM({area})", formats.total["number"], total)
        self.row += 2

    def _word_note(self, shape):
        """Return how many words of a factor have a level of their own."""
        if not isinstance(shape, Levels):
            return self.env._("Not learned yet: it does not count.")
        return self.env._("Words with a level of their own: %d.", len(shape.levels))

    def _limits(self, rules):
        _ = self.env._
        partners = self.env["res.partner"]
        for name, field, bands, text in (
            (
                _("Health bands"),
                "success_health_band",
                rules.health_bands,
                _("%(band)s from %(limit)g"),
            ),
            (
                _("Risk bands"),
                "success_risk_band",
                rules.risk_bands,
                _("%(band)s from %(limit)g %%"),
            ),
        ):
            labels = dict(partners._fields[field]._description_selection(self.env))
            yield (
                name,
                ", ".join(text % {"band": labels[band], "limit": limit} for limit, band in bands),
            )
        yield (
            _("Judged"),
            _(
                "A health has a band when at least %g %% of the weight is known.",
                rules.known_enough,
            ),
        )
        yield (
            _("Fresh use"),
            _(
                "Usage counts for %d days; older usage is ignored.",
                rules.usage_fresh_days,
            ),
        )

    def _segments(self, rules):
        """Return the weights, bands and expected days of the segments that have some of their own."""
        _ = self.env._
        for segment in self.env["customer.success.segment"].search(Domain.TRUE):
            if segment.id in rules.segments:
                yield (
                    segment.name,
                    _(
                        "%(scoring)s Expected days: %(days)d %% of the stage's.",
                        scoring=segment.scoring.replace("\n", " "),
                        days=segment.expected_days,
                    ),
                )

    def _dates(self):
        _, env = self.env._, self.env
        scope = Domain("id", "in", self.book.customers)
        ours = Domain("partner_id", "in", self.book.customers)
        scored = env["res.partner"]._read_group(
            scope, [], ["success_scored_at:min", "success_scored_at:max"]
        )[0]
        yield (
            _("Scores"),
            _(
                "changed between %(first)s and %(last)s; a score that stays the same is not written again",
                first=format_datetime(env, scored[0], tz=self.book.zone) if scored[0] else "–",
                last=format_datetime(env, scored[1], tz=self.book.zone) if scored[1] else "–",
            ),
        )
        formula = env["customer.success.score.history"]._formula_since()
        yield (
            _("Formula of the scores"),
            _(
                "the same since %s; changes of health leave out what it changed on that day",
                format_date(env, formula),
            )
            if formula
            else _("the same since the first score"),
        )
        for name, model in (
            (_("Latest period of use"), "customer.success.usage"),
            (_("Latest answer"), "customer.success.answer"),
            (_("Latest barrier"), "customer.success.barrier"),
        ):
            field = "date_opened" if model.endswith("barrier") else "date"
            last = env[model]._read_group(ours, [], [f"{field}:max"])[0][0]
            yield name, format_date(env, last) if last else _("none")

    def _unknown(self):
        """Return the number of customers for whom each factor is unknown, and other missing data."""
        _, env = self.env._, self.env
        partners = env["res.partner"]
        query = partners._search(Domain("id", "in", self.book.customers))
        score = query.left_join(
            query.table, "success_score_id", "customer_success_score", "id", "success_score_id"
        )
        partners._check_field_access(partners._fields["success_confidence"], "read")
        names = env["customer.success.factor"]._names()
        missing = env.execute_query(
            SQL(
                """
                SELECT code, count(*)
                  FROM (%s) known, jsonb_array_elements_text(known.unknown::jsonb) code
              GROUP BY code
              ORDER BY count(*) DESC, code
                """,
                query.select(SQL("%s -> 'unknown' AS unknown", SQL.identifier(score, "breakdown"))),
            )
        )
        total = self.customers.count
        text = _("%(number)d of %(all)d customers")
        for code, number in missing:
            yield names.get(code, code), text % {"number": number, "all": total}
        scope = Domain("id", "in", self.book.customers)
        for name, domain in (
            (_("Health: unknown"), Domain("success_health_band", "=", False)),
            (
                _("Health: too little known to judge"),
                Domain("success_health_band", "=", "unsure"),
            ),
            (_("Risk: unknown, or no pending renewal"), Domain("success_renewal_risk", "=", False)),
            (_("No usage on record"), Domain("success_usage_date", "=", False)),
            (_("No view of a CSM"), Domain("success_sentiment", "=", False)),
        ):
            number = partners.search_count(scope & domain)
            if number:
                yield name, text % {"number": number, "all": total}
