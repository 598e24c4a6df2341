"""Read rows of a customer file: text in, values out, each refusal with its column and the reason."""

from collections import Counter
from datetime import date
from math import isfinite

from odoo import fields

from ...scoring.terms import contradiction
from ...scoring.use import DEGREES

# Columns of each record that a row may bring, as intake column -> field.
CUSTOMER_COLUMNS = {
    "customer": "name",
    "reference": "ref",
    "vat": "vat",
    "stage": "success_stage_id",
    "csm": "success_user_id",
    "go_live_date": "success_go_live_date",
}
RENEWAL_COLUMNS = {
    "date_start": "date_start",
    "date_renewal": "date_renewal",
    "date_notice": "date_notice",
    "annual_value": "annual_value",
    "currency": "currency_id",
    "seats": "seats",
    "outcome": "outcome",
    "date_outcome": "date_outcome",
    "renewed_value": "renewed_value",
    "renewed_seats": "renewed_seats",
    "reason": "reason_id",
    "reason_note": "reason_note",
}
USAGE_COLUMNS = {
    "usage_date": "date",
    "usage_period": "period",
    "usage_source": "source",
    "licensed_users": "licensed_users",
    "active_users": "active_users",
    **{degree: degree for degree in DEGREES},
}
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)


class Reject(Exception):
    """A row that cannot land: the column, and why in words."""

    def __init__(self, column, message):
        super().__init__(message)
        self.column = column
        self.message = message


class Reader:
    """Reads rows of text: looks things up once, and refuses what cannot be, by column and in words."""

    def __init__(self, env):
        self.env = env(
            context=dict(
                env.context, tracking_disable=True, mail_create_nosubscribe=True, active_test=False
            )
        )
        self._ = env._
        self.rows = []  # (number, what the row brings)
        self.messages = []
        self.counts = Counter()
        self.stages = {}
        for stage in env["customer.success.stage"].search(fields.Domain.TRUE):
            self.stages.setdefault(stage.name.lower(), stage)
        self.first_stage = next(iter(self.stages.values()), None)
        self.companies = {c.name.lower(): c for c in self.env.companies}
        self.currencies = {c.name: c for c in env["res.currency"].search(fields.Domain.TRUE)}
        self.reasons = {
            (reason.outcome, reason.name.lower()): reason
            for reason in env["customer.success.renewal.reason"].search(fields.Domain.TRUE)
        }
        self.factors = {}  # company -> what currencies are worth in its own
        self.users = {}
        self.products = {}

    # -- reading ------------------------------------------------------------------------------

    def add(self, number, row):
        """Check one row and keep it, or note why it is rejected."""
        try:
            self.rows.append((number, self._parse(row)))
        except Reject as reject:
            self._reject(number, reject)

    def _reject(self, number, reject):
        self.counts["rejected"] += 1
        self.messages.append({"record": number, "field": reject.column, "message": reject.message})

    def _parse(self, row):
        for column, value in row.items():
            if "\x00" in value or any(0xD800 <= ord(char) <= 0xDFFF for char in value):
                raise Reject(column, self._("This text has characters that cannot be stored."))
            if len(value) > 1000:
                raise Reject(column, self._("This text is longer than 1,000 characters."))
        if not (row.get("customer") or row.get("reference") or row.get("vat")):
            raise Reject("customer", self._("A row needs a customer, by name or reference."))
        company = self.env["res.company"]
        if row.get("company"):
            company = self.companies.get(row["company"].lower())
            if not company:
                raise Reject("company", self._("“%s” is none of your companies.", row["company"]))
        product = self._product(row.get("product"))
        customer = {
            CUSTOMER_COLUMNS[column]: row[column]
            for column in ("customer", "reference", "vat")
            if row.get(column)
        }
        if row.get("stage"):
            stage = self.stages.get(row["stage"].lower())
            if not stage:
                raise Reject("stage", self._("There is no stage “%s”.", row["stage"]))
            customer["success_stage_id"] = stage.id
        if row.get("csm"):
            customer["success_user_id"] = self._user(row["csm"]).id
        if row.get("go_live_date"):
            customer["success_go_live_date"] = self._date(row, "go_live_date")
        return {
            "company": company,
            "customer": customer,
            "renewal": self._renewal(row, product),
            "opportunity": self._opportunity(row),
            "usage": self._usage(row, product),
        }

    def _renewal(self, row, product):
        given = [column for column in RENEWAL_COLUMNS if row.get(column)]
        if not given:
            return {}
        if not row.get("date_renewal"):
            raise Reject("date_renewal", self._("A renewal needs its date."))
        vals = {"product_id": product.id}
        for column in given:
            if column.startswith("date"):
                vals[column] = self._date(row, column)
        for column in ("annual_value", "renewed_value"):
            if row.get(column):
                vals[column] = self._number(row, column, 0, 1e15)
        for column in ("seats", "renewed_seats"):
            if row.get(column):
                vals[column] = self._whole(row, column, 2**31 - 1)
        if row.get("currency"):
            currency = self.currencies.get(row["currency"].upper())
            if not currency:
                raise Reject("currency", self._("“%s” is not an active currency.", row["currency"]))
            vals["currency_id"] = currency.id
        self._check_dates(vals)
        return vals | self._outcome(row, vals)

    def _check_dates(self, vals):
        """Refuse a term, a notice and a decision that are not in order."""
        start, decided = vals.get("date_start"), vals.get("date_outcome")
        if start and start >= vals["date_renewal"]:
            raise Reject("date_start", self._("The term must start before it ends."))
        if vals.get("date_notice") and vals["date_notice"] > vals["date_renewal"]:
            raise Reject("date_notice", self._("Notice is given before the term ends."))
        if decided and decided > fields.Date.context_today(self.env["res.partner"]):
            raise Reject("date_outcome", self._("An outcome cannot be of the future."))
        if decided and start and decided < start:
            raise Reject("date_outcome", self._("Decided before the term began."))

    def _outcome(self, row, vals):
        """What became of the term; what cannot be is refused by column."""
        found = {}
        if row.get("outcome"):
            found["outcome"] = self._choice(row, "outcome", "customer.success.renewal", "outcome")
        outcome = found.get("outcome", "pending")
        if row.get("reason_note"):
            found["reason_note"] = row["reason_note"]
        if row.get("reason"):
            reason = self.reasons.get((outcome, row["reason"].lower()))
            if not reason:
                raise Reject(
                    "reason", self._("“%s” is not a reason of this outcome.", row["reason"])
                )
            found["reason_id"] = reason.id
        if outcome != "pending" and "annual_value" in vals:
            self._check_figures(outcome, vals)
        return found

    def _check_figures(self, outcome, vals):
        """Refuse figures that are at odds with the outcome, where the row has those of the term, too."""
        value, seats = vals["annual_value"], vals.get("seats", 0)
        after = (
            vals.get("renewed_value", value if outcome == "renewed" else 0.0),
            vals.get("renewed_seats", 0 if outcome == "churned" else seats),
        )
        wrong = contradiction(outcome, (value, seats), after)
        if outcome in ("expanded", "contracted") and value and "renewed_value" not in vals:
            wrong = "no_value"
        if wrong:
            column = "renewed_seats" if wrong == "seats_changed" else "renewed_value"
            words = self.env["customer.success.renewal"]._say_contradiction(wrong, seats, after[1])
            raise Reject(column, words)

    def _opportunity(self, row):
        if not row.get("opportunity"):
            return {}
        if not self.env["crm.lead"].has_access("create"):
            raise Reject(
                "opportunity", self._("You may not open opportunities; ask for a role in Sales.")
            )
        vals = {"name": row["opportunity"], "type": "opportunity"}
        if row.get("annual_value"):
            vals["expected_revenue"] = self._number(row, "annual_value", 0, 1e15)
        if row.get("date_renewal"):
            vals["date_deadline"] = self._date(row, "date_renewal")
        return vals

    def _usage(self, row, product):
        given = [column for column in USAGE_COLUMNS if row.get(column)]
        if not given:
            return {}
        if not row.get("usage_date"):
            raise Reject("usage_date", self._("Use needs the period it is of."))
        if not product:
            raise Reject("product", self._("Use needs the product that was used."))
        vals = {"product_id": product.id, "period": "month", "source": "measured"}
        if row.get("usage_period"):
            vals["period"] = self._choice(row, "usage_period", "customer.success.usage", "period")
        if row.get("usage_source"):
            vals["source"] = self._choice(row, "usage_source", "customer.success.usage", "source")
        day = self._date(row, "usage_date")
        if not date(2000, 1, 1) <= day <= fields.Date.context_today(self.env["res.partner"]):
            raise Reject(
                "usage_date", self._("A period of use starts between the year 2000 and today.")
            )
        vals["date"] = self.env["customer.success.usage"]._period_start(day, vals["period"])
        for column in ("licensed_users", "active_users"):
            if row.get(column):
                vals[column] = self._whole(row, column, 10**12)
        for column in DEGREES:
            if row.get(column):
                vals[column] = self._number(row, column, 0, 100)
        return vals

    def _date(self, row, column):
        text = row[column]
        try:
            day = date.fromisoformat(text[:10])
            if text[10:].strip(" T0:"):
                raise ValueError
        except ValueError:
            raise Reject(
                column, self._("“%s” is not a date; write it as 2026-01-31.", text)
            ) from None
        if not EARLIEST <= day <= LATEST:
            raise Reject(column, self._("%s is out of any range that makes sense.", text))
        return day

    def _number(self, row, column, low, high):
        text = row[column]
        try:
            number = float(text) if "_" not in text else None
        except ValueError:
            number = None
        if number is None or not isfinite(number):
            raise Reject(column, self._("“%s” is not a number; write it as 1234.5.", text))
        if not low <= number <= high:
            raise Reject(
                column,
                self._(
                    "%(value)s is not between %(low)d and %(high)d.", value=text, low=low, high=high
                ),
            )
        return number

    def _whole(self, row, column, high):
        number = self._number(row, column, 0, high)
        if number != int(number):
            raise Reject(column, self._("%s is not a whole number.", row[column]))
        return int(number)

    def _choice(self, row, column, model, field):
        options = self.env[model]._fields[field].get_values(self.env)
        if row[column].lower() not in options:
            raise Reject(
                column,
                self._(
                    "“%(value)s” is none of: %(options)s.",
                    value=row[column],
                    options=", ".join(options),
                ),
            )
        return row[column].lower()

    def _user(self, login):
        if login not in self.users:
            self.users[login] = self.env["res.users"].search(
                [("login", "=", login), ("share", "=", False), ("active", "=", True)], limit=1
            )
        if not self.users[login]:
            raise Reject("csm", self._("There is no user with the login “%s”.", login))
        return self.users[login]

    def _product(self, text):
        products = self.env["product.product"].with_context(active_test=True)
        if not text:
            return products
        if text not in self.products:
            self.products[text] = products.search([("default_code", "=", text)], limit=2) or (
                products.search([("name", "=", text)], limit=2)
            )
        found = self.products[text]
        if len(found) != 1:
            raise Reject(
                "product",
                self._("There is no product “%s”.", text)
                if not found
                else self._("Several products are called “%s”: use the internal reference.", text),
            )
        return found
