"""The renewals of the customers: pending ones with their risk, ended ones with their outcome."""

from odoo.fields import Domain

from .rows import Names, chunks, labels, read
from .sheet import Column, risk_columns, write_sheet

FIELDS = (
    "partner_id",
    "product_id",
    "company_id",
    "date_start",
    "date_renewal",
    "date_notice",
    "outcome",
    "annual_value",
    "currency_id",
    "seats",
    "expected_seats",
    "churn_risk",
    "risk_band",
    "contraction_risk",
    "value_at_risk",
    "score_currency_id",
    "date_outcome",
    "renewed_value",
)
VALUE, CURRENCY, RISK, AT_RISK, AT_RISK_CURRENCY = 7, 8, 11, 14, 15


def _columns(env, risk):
    _ = env._
    return (
        Column(_("Customer"), "text", 32),
        Column(_("Product"), "text", 22),
        Column(_("Company"), "text", 20),
        Column(_("Term from"), "date", 11),
        Column(_("Renewal"), "date", 11),
        Column(_("Notice by"), "date", 11),
        Column(_("Outcome"), "text", 11),
        Column(_("Annual value"), "money", 14),
        Column(_("Currency"), "text", 9),
        Column(_("Seats"), "whole", 8),
        Column(_("Expected seats"), "number", 9),
        *risk_columns(env, risk),
        Column(_("Value at risk"), "money", 14),
        Column(_("In currency"), "text", 9),
        Column(_("Decided on"), "date", 11),
        Column(_("Renewed value"), "money", 14),
    )


def write(env, workbook, formats, customer_ids, note):
    """Write the sheet for the renewals of these customers that the user may see."""
    renewals = env["customer.success.renewal"]
    ids = renewals._search(
        Domain("partner_id", "in", customer_ids), order="date_renewal, id"
    ).get_result_ids()
    risk = labels(renewals, "risk_band")
    outcomes = labels(renewals, "outcome")
    partners = Names(env["res.partner"], "name", customer_ids)
    products = Names(env["product.product"])
    companies = Names(env["res.company"], "name")
    currencies = Names(env["res.currency"], "name")
    money = {VALUE: {}, AT_RISK: {}}
    risks = []

    def rows():
        for row in (list(row) for chunk in chunks(ids) for row in read(renewals, chunk, FIELDS)):
            pending = row[6] == "pending"
            if not pending:  # a score is a forecast; what ended has an outcome instead
                row[10:16] = [None] * 6
            row[0] = partners[row[0]]
            row[1] = products[row[1]]
            row[2] = companies[row[2]]
            row[6] = outcomes[row[6]]
            row[CURRENCY] = currencies[row[CURRENCY]]
            row[9] = row[9] or None
            row[12] = risk[row[12]]
            row[AT_RISK_CURRENCY] = currencies[row[AT_RISK_CURRENCY]]
            if row[RISK] is not None:
                risks.append(row[RISK])
            for column, sums in money.items():
                if row[column] is not None:
                    code = row[column + 1]
                    sums[code] = sums.get(code, 0.0) + row[column]
            yield row

    def totals(span):
        if risks:
            mean = sum(risks) / len(risks) / 100
            yield {
                0: (env._("Average of the known"), None, "text"),
                RISK: (f"=AVERAGE({span(RISK)})", mean, "percent"),
            }
        for code in sorted({*money[VALUE], *money[AT_RISK]} - {None}):
            line = {0: (env._("Total in %s", code), None, "text")}
            for column, sums in money.items():
                line[column] = (
                    f'=SUMIF({span(column + 1)},"{code}",{span(column)})',
                    round(sums.get(code, 0.0), 2),
                    "money",
                )
                line[column + 1] = (code, None, "text")
            yield line

    return write_sheet(
        workbook,
        formats,
        env._("Renewals"),
        env._("Renewals by date"),
        note,
        _columns(env, risk),
        rows(),
        totals,
    )
