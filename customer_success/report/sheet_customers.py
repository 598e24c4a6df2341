"""The customers: stage, health, risk, value at risk, both views."""

from .rows import Names, chunks, labels, read
from .sheet import Column, risk_columns, write_sheet

FIELDS = (
    "name",
    "ref",
    "success_stage_id",
    "success_user_id",
    "success_go_live_date",
    "success_health",
    "success_health_band",
    "success_confidence",
    "success_renewal_risk",
    "success_risk_band",
    "success_contraction_risk",
    "success_value_at_risk",
    "success_currency_id",
    "success_next_renewal_date",
    "success_sentiment",
    "success_score_id",
    "success_scored_at",
)
HEALTH, CONFIDENCE, RISK, SHRINK, VALUE, CURRENCY, SCORE = 5, 7, 8, 10, 11, 12, 15


def _columns(env, health, risk):
    _ = env._
    return (
        Column(_("Customer"), "text", 32),
        Column(_("Reference"), "text", 14),
        Column(_("Stage"), "text", 18),
        Column(_("CSM"), "text", 18),
        Column(_("Go-live"), "date", 11),
        Column(_("Health (high is good)"), "number", 9),
        Column(
            _("Health band"),
            "text",
            10,
            {health["good"]: "good", health["watch"]: "warn", health["poor"]: "bad"},
        ),
        Column(_("Known"), "percent", 9),
        *risk_columns(env, risk),
        Column(_("Value at risk"), "money", 14),
        Column(_("Currency"), "text", 9),
        Column(_("Next renewal"), "date", 11),
        Column(_("CSM's view"), "text", 11),
        Column(_("Reasons for the risk"), "text", 60),
        Column(_("Scored at (UTC)"), "date", 11),
    )


def write(env, workbook, formats, customer_ids, note):
    """Write the sheet for these customers, in their order."""
    partners = env["res.partner"]
    health = labels(partners, "success_health_band")
    risk = labels(partners, "success_risk_band")
    view = labels(partners, "success_sentiment")
    stages = Names(env["customer.success.stage"])
    users = Names(env["res.users"], "name")
    currencies = Names(env["res.currency"], "name")
    explanation = env["customer.success.explanation"]
    scores = env["customer.success.score"].sudo()
    figures = {column: [] for column in (HEALTH, CONFIDENCE, RISK, SHRINK)}
    money = {}

    def rows():
        for chunk in chunks(customer_ids):
            found = read(partners, chunk, FIELDS)
            reasons = explanation._reasons(scores.browse(row[SCORE] for row in found if row[SCORE]))
            for row in map(list, found):
                for column, known in figures.items():
                    if row[column] is not None:
                        known.append(row[column])
                row[2] = stages[row[2]]
                row[3] = users[row[3]]
                row[6] = health[row[6]]
                row[9] = risk[row[9]]
                row[CURRENCY] = currencies[row[CURRENCY]]
                row[14] = view[row[14]]
                row[SCORE] = ", ".join(reasons.get(scores.browse(row[SCORE] or ()), ()))
                if row[VALUE] is not None:
                    money[row[CURRENCY]] = money.get(row[CURRENCY], 0.0) + row[VALUE]
                yield row

    def totals(span):
        line = {0: (env._("Average of the known"), None, "text")}
        for column, kind in (
            (HEALTH, "number"),
            (CONFIDENCE, "percent"),
            (RISK, "percent"),
            (SHRINK, "percent"),
        ):
            known = figures[column]
            if known:
                mean = sum(known) / len(known)
                line[column] = (
                    f"=AVERAGE({span(column)})",
                    mean / 100 if kind == "percent" else mean,
                    kind,
                )
        yield line
        for code in sorted(money):
            yield {
                0: (env._("Total value at risk in %s", code), None, "text"),
                VALUE: (
                    f'=SUMIF({span(CURRENCY)},"{code}",{span(VALUE)})',
                    round(money[code], 2),
                    "money",
                ),
                CURRENCY: (code, None, "text"),
            }

    return write_sheet(
        workbook,
        formats,
        env._("Customers"),
        env._("Customers, riskiest first"),
        note,
        _columns(env, health, risk),
        rows(),
        totals,
    )
