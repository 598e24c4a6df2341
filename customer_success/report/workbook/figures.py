"""The figures of the summary, asked of the database by the very domains and fields that the screens use."""

from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain

SOON_DAYS = 90


class Figure(NamedTuple):
    """One figure. ``good`` says whether more of it is good (1), bad (-1), or neither (0)."""

    code: str
    label: str
    value: float | None
    kind: str = "whole"
    good: int = 0
    currency_id: int | None = None
    place: tuple = ()  # sheet and column in which its total stands


def collect(book):
    """The figures, in their order. Percentages are shares of 1, as Excel has them; the unknown is ``None``."""
    return [*_of_customers(book), *_of_records(book), *_of_money(book)]


def _count(model, domain):
    return model.search_count(domain)


def _of_customers(book):
    _ = book.env._
    customers = book.sheets["customers"]
    partners = book.env["res.partner"]
    scope = Domain("id", "in", book.customers)
    total = customers.totals.get

    def average(code, label, key, kind, good):
        return Figure(code, label, total(key), kind, good, None, ("customers", key))

    yield Figure(
        "customers", _("Customers"), customers.count, "whole", 0, None, ("customers", "count")
    )
    yield average("health", _("Health, average (high is good)"), "success_health", "number", 1)
    yield average("known", _("Known of what makes it"), "success_confidence", "percent", 1)
    yield average(
        "risk", _("Churn risk, average (high is bad)"), "success_renewal_risk", "percent", -1
    )
    yield Figure(
        "risky",
        _("Customers at high or critical risk"),
        _count(partners, scope & Domain("success_risk_band", "in", ("high", "critical"))),
        good=-1,
    )
    yield average("adoption", _("Adoption, average"), "success_adoption", "percent", 1)
    yield average("coverage", _("Questions covered, average"), "success_coverage", "percent", 1)
    yield Figure(
        "views_differ",
        _("Customers of whom CSM and machine disagree"),
        _count(partners, scope & Domain("success_view_gap", "=", True)),
        good=-1,
    )


def _of_records(book):
    _ = book.env._
    env = book.env
    ours = Domain("partner_id", "in", book.customers)
    open_barriers = ours & Domain("is_open", "=", True)
    yield Figure(
        "barriers",
        _("Open barriers"),
        _count(env["customer.success.barrier"], open_barriers),
        good=-1,
    )
    yield Figure(
        "barriers_no_authority",
        _("of these without authority"),
        _count(
            env["customer.success.barrier"], open_barriers & Domain("authority", "!=", "granted")
        ),
        good=-1,
    )
    yield Figure(
        "changes_no_plan",
        _("Changes that nobody brings people along for"),
        _count(env["customer.success.change"], ours & Domain("needs_plan", "=", True)),
        good=-1,
    )
    year = book.today - relativedelta(months=12)
    held = ours & Domain("state", "=", "held") & Domain("date", ">=", year)
    share = env["customer.success.interaction"]._read_group(held, [], ["advice_share:avg"])[0][0]
    yield Figure(
        "advice",
        _("Time on advice, last 12 months"),
        None if share is None or share is False else float(share) / 100,
        "percent",
        1,
    )
    yield Figure(
        "renewals_soon",
        _("Renewals due within %d days", SOON_DAYS),
        _count(env["customer.success.renewal"], soon(book)),
    )


def soon(book):
    """Pending renewals whose date is near, or has passed."""
    last = book.today + relativedelta(days=SOON_DAYS)
    return (
        Domain("partner_id", "in", book.customers)
        & Domain("outcome", "=", "pending")
        & Domain("date_renewal", "<=", last)
    )


def _of_money(book):
    _ = book.env._
    env = book.env
    customers = book.sheets["customers"]
    names = customers.currencies
    at_risk = {
        currency_id: sums["success_value_at_risk"]
        for currency_id, sums in customers.money.items()
        if "success_value_at_risk" in sums
    }
    due = env["customer.success.renewal"]._read_group(
        soon(book), ["currency_id"], ["annual_value:sum"]
    )
    realised = env["customer.success.objective"]._read_group(
        Domain("partner_id", "in", book.customers) & Domain("state", "=", "confirmed"),
        ["currency_id"],
        ["realised_value:sum"],
    )
    for code, label, good, place, amounts in (
        (
            "value_at_risk",
            _("Value at risk, %s"),
            -1,
            ("customers", "success_value_at_risk"),
            at_risk,
        ),
        ("value_soon", _("Value of renewals soon due, %s"), 0, (), _by_id(due)),
        ("value_realised", _("Value that customers confirmed, %s"), 1, (), _by_id(realised)),
    ):
        for currency_id in sorted(amounts, key=lambda id_: names[id_]):
            name = names[currency_id]
            yield Figure(
                f"{code}:{name}",
                label % name,
                float(amounts[currency_id]),
                "money",
                good,
                currency_id,
                place,
            )


def _by_id(groups):
    return {currency.id: amount for currency, amount in groups if currency and amount}
