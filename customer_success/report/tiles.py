"""The figures of the customer book, each defined once: the records it counts, its name, and the target of a click.

The dashboard, the Summary of the workbook and the dashboard of ``customer_success_spreadsheet`` select figures by their
codes and show them in their own way, so that they cannot disagree. A figure defines what it counts among the customers
in view; the surface defines which customers those are.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools.translate import LazyGettext, LazyTranslate

_lt = LazyTranslate(__name__)

SOON_DAYS = 90
STUCK_DAYS = 30
AT_RISK = Domain("success_risk_band", "in", ("high", "critical"))
PENDING = Domain("outcome", "=", "pending")
# What nobody has to end ends by itself; after a notice somebody says how it ended.
TO_DECIDE = Domain("auto_renew", "=", False) | Domain("notice_given_on", "!=", False)
OPEN = Domain("is_open", "=", True)
NO_AUTHORITY = OPEN & Domain("authority", "!=", "granted")
MENU = "customer_success.customer_success_menu_"
REVENUE = "customer.success.revenue.retention"
# Of these models, the records of former customers count, too: a loss stays a loss.
WITH_FORMER = {REVENUE}


class Tile(NamedTuple):
    """A figure."""

    code: str
    label: (
        LazyGettext  # its name in a list of figures; for money with a placeholder for the currency
    )
    domain: Domain | Callable = (
        Domain.TRUE
    )  # the records that are counted; a function of the day if they depend on it
    model: str = "res.partner"
    measure: str = "__count"  # an aggregate, as _read_group takes it
    kind: str = "whole"  # whole, number, percent (0 to 100) or money
    good: int = 0  # whether more of it is good (1), bad (-1) or neither (0)
    title: LazyGettext | None = None  # its name on a card, if it is not the label
    currency: str = ""  # for money: the field with its currency; currencies are never added up
    column: tuple = ()  # sheet and column of the workbook with the same figure as a total
    part_of: str = ""  # the code of the figure before it in a list that includes it
    date: str = ""  # the field of the date for a filter on a period
    listed: LazyGettext | None = None  # the name of the list that a click opens
    menu: str = ""  # the menu that opens if a click cannot open a list
    attention: LazyGettext | None = None  # its name in a list of problems, if it is not the label

    def on(self, today):
        """Return the domain of the records that are counted on a day."""
        return self.domain(today) if callable(self.domain) else self.domain


def _soon(today):
    """Return the domain of pending renewals whose decision is near, or whose date has passed."""
    return PENDING & Domain("date_decision", "<=", str(today + relativedelta(days=SOON_DAYS)))


def _last_year(today):
    year = str(today - relativedelta(months=12))
    return Domain("state", "=", "held") & Domain("date", ">=", year)


def _this_month(today):
    return Domain("month", "=", str(today.replace(day=1)))


def _stuck(today):
    return NO_AUTHORITY & Domain("date_opened", "<", str(today - relativedelta(days=STUCK_DAYS)))


def _customers(code, label, domain=Domain.TRUE, **more):
    return Tile(
        code, label, domain, **{"listed": _lt("Customers"), "menu": f"{MENU}all_customers", **more}
    )


def _average(code, label, name, kind="percent", good=1, **more):
    column = ("customers", name)
    return _customers(
        code, label, measure=f"{name}:avg", kind=kind, good=good, column=column, **more
    )


def _renewals(code, label, domain, **more):
    return Tile(
        code,
        label,
        domain,
        model="customer.success.renewal",
        date="date_renewal",
        listed=_lt("Renewals"),
        menu=f"{MENU}renewal",
        **more,
    )


def _revenue(code, label, measure, **more):
    return Tile(
        code,
        label,
        _this_month,
        model=REVENUE,
        measure=measure,
        kind="percent",
        good=1,
        listed=_lt("Retention of Revenue"),
        menu=f"{MENU}revenue_retention",
        **more,
    )


def _barriers(code, label, domain, **more):
    return Tile(
        code,
        label,
        domain,
        model="customer.success.barrier",
        good=-1,
        listed=_lt("Open Barriers"),
        menu=f"{MENU}barrier",
        **more,
    )


TILES = {
    tile.code: tile
    for tile in (
        _customers("customers", _lt("Customers"), column=("customers", "count")),
        _average(
            "health",
            _lt("Health, average (high is good)"),
            "success_health",
            "number",
            title=_lt("Average health score"),
            menu=f"{MENU}history",
        ),
        _customers(
            "health_known", _lt("With known health score"), Domain("success_health", "!=", False)
        ),
        _customers(
            "health_little",
            _lt("Too little known to judge health"),
            Domain("success_health_band", "=", "unsure"),
            good=-1,
        ),
        _average("known", _lt("Confidence of the health score"), "success_confidence"),
        _average("risk", _lt("Churn risk, average (high is bad)"), "success_renewal_risk", good=-1),
        _customers(
            "risk_known", _lt("With known churn risk"), Domain("success_renewal_risk", "!=", False)
        ),
        _customers(
            "risky",
            _lt("Customers at high or critical risk"),
            AT_RISK,
            good=-1,
            title=_lt("At high risk"),
        ),
        _customers(
            "risk_critical",
            _lt("Customers at critical churn risk"),
            Domain("success_risk_band", "=", "critical"),
            good=-1,
        ),
        _average("adoption", _lt("Adoption rate, average"), "success_adoption"),
        _average("sustain", _lt("Use kept from the year before, average"), "success_sustain"),
        _average(
            "years_customer",
            _lt("Years as customer, average"),
            "success_years_customer",
            "number",
            0,
        ),
        _average(
            "years_live", _lt("Years since go-live, average"), "success_years_live", "number", 0
        ),
        _customers(
            "years_missed",
            _lt("Customers whose year after go-live missed its target or is behind"),
            Domain("success_year_verdict", "in", ("missed", "behind")),
            good=-1,
        ),
        _average(
            "coverage",
            _lt("Questions covered, average"),
            "success_coverage",
            title=_lt("Questions covered"),
        ),
        _customers(
            "views_differ",
            _lt("Customers whose churn risk and CSM's view differ"),
            Domain("success_view_gap", "=", True),
            good=-1,
            attention=_lt("Customers whose churn risk and CSM's view differ"),
        ),
        _customers(
            "silent",
            _lt("Live customers without current usage data"),
            Domain("success_is_silent", "=", True),
            good=-1,
        ),
        _customers(
            "overuse",
            _lt("Customers that use more than they have licensed"),
            Domain("success_overuse_ids", "!=", False),
            title=_lt("Above their licences"),
        ),
        Tile(
            "true_up",
            _lt("True-up of use above licences a year, %s"),
            Domain("is_lasting", "=", True) & Domain("renewal_id.notice_kind", "!=", "end"),
            model="customer.success.overuse",
            measure="true_up:sum",
            kind="money",
            currency="currency_id",
            listed=_lt("Use above Licences"),
            menu=f"{MENU}overuse",
        ),
        _customers(
            "unfollowed",
            _lt("Customers without a CSM"),
            Domain("success_user_id", "=", False),
            good=-1,
            title=_lt("Without a CSM"),
        ),
        _customers(
            "lacks_people",
            _lt("Live customers without a sponsor or a champion"),
            Domain("success_lacks_people", "=", True),
            good=-1,
        ),
        Tile(
            "role_due",
            _lt("Leaders to whom the CSM's role was not explained"),
            Domain("role_due", "=", True),
            model="customer.success.stakeholder",
            good=-1,
            title=_lt("CSM's role not explained"),
            listed=_lt("Stakeholders"),
            menu=f"{MENU}stakeholder",
        ),
        _customers(
            "unscored",
            _lt("Customers that could not be scored"),
            Domain("success_score_error", "!=", False),
            good=-1,
        ),
        _customers(
            "value_at_risk",
            _lt("Value at risk, %s"),
            Domain("success_value_at_risk", ">", 0),
            measure="success_value_at_risk:sum",
            kind="money",
            good=-1,
            title=_lt("Value at risk"),
            currency="success_currency_id",
            column=("customers", "success_value_at_risk"),
            listed=_lt("Customers with Value at Risk"),
        ),
        _barriers("barriers", _lt("Open barriers"), OPEN),
        _barriers(
            "barriers_no_authority",
            _lt("of which without authority"),
            NO_AUTHORITY,
            part_of="barriers",
        ),
        _barriers(
            "barriers_stuck",
            _lt(
                "Barriers open for more than %d days without authority to remove them",
                STUCK_DAYS,
            ),
            _stuck,
        ),
        Tile(
            "changes_no_plan",
            _lt("Changes without a plan for the people affected"),
            Domain("needs_plan", "=", True),
            model="customer.success.change",
            good=-1,
        ),
        Tile(
            "advice",
            _lt("Time on advice, last 12 months"),
            _last_year,
            model="customer.success.interaction",
            measure="advice_share:avg",
            kind="percent",
            good=1,
        ),
        _renewals("renewals_pending", _lt("Pending renewals"), PENDING),
        _renewals(
            "renewals_risky",
            _lt("Pending renewals at high or critical risk"),
            PENDING & Domain("risk_band", "in", ("high", "critical")),
            good=-1,
        ),
        _renewals(
            "renewals_soon",
            _lt("Renewals due within %d days", SOON_DAYS),
            _soon,
            title=_lt("Renewals within %d days", SOON_DAYS),
        ),
        _renewals(
            "renewals_overdue",
            _lt("Renewals whose date has passed without an outcome"),
            lambda today: PENDING & TO_DECIDE & Domain("date_renewal", "<", str(today)),
            good=-1,
        ),
        _renewals(
            "value_soon",
            _lt("Value of renewals soon due, %s"),
            _soon,
            measure="annual_value:sum",
            kind="money",
            currency="currency_id",
        ),
        _revenue(
            "revenue_net",
            _lt("Net retention of recurring revenue, last 12 months"),
            "net_retention:avg",
            title=_lt("Net retention of revenue"),
        ),
        _revenue(
            "revenue_gross",
            _lt("Gross retention of recurring revenue, last 12 months"),
            "gross_retention:avg",
        ),
        Tile(
            "value_realised",
            _lt("Value that customers confirmed, %s"),
            Domain("confirmed_value", "!=", False),
            model="customer.success.objective",
            measure="confirmed_value:sum",
            kind="money",
            good=1,
            currency="currency_id",
        ),
    )
}


CUSTOMERS = Domain("success_stage_id", "!=", False) & Domain("success_is_former", "=", False)
# The records of customers, further limited by record rules.
RECORDS = Domain("partner_id.success_is_followed", "=", True)
# The terms that ended, of whomever: a loss stays a loss, also of a customer that left, was archived or is followed no more.
ENDED = Domain.TRUE


def read(env, codes, scope, today):
    """Return ``{code: figure}`` with the user's access rights.

    ``scope(model)`` is the domain of the records in view. A figure is a number, ``None`` if it is unknown, or for money
    ``{currency: amount}``. Figures of the same records are read with one query.
    """
    together = defaultdict(list)
    for tile in (TILES[code] for code in codes):
        together[tile.model, str(tile.on(today)), tile.currency].append(tile)
    found = {}
    for (model, _domain, currency), tiles in together.items():
        measures = list(dict.fromkeys(tile.measure for tile in tiles))
        domain = scope(model) & tiles[0].on(today)
        rows = env[model]._read_group(domain, [currency] if currency else [], measures)
        for tile in tiles:
            at = measures.index(tile.measure)
            if currency:
                found[tile.code] = {row[0]: row[1 + at] for row in rows if row[0] and row[1 + at]}
            else:
                [row] = rows
                found[tile.code] = None if row[at] is False else row[at]
    return found
