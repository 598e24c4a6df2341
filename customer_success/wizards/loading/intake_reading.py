"""The reading of rows of a customer file: the values of a row by record, or a refusal with the column and the reason."""

from odoo import fields

from ...ingestion.reading import FIGURES, UseReader, check_columns
from ...ingestion.rejections import Reject
from ...ingestion.values import LONGEST_TEXT, NULL, Values
from ...scoring.chain import TARGETS, UNITS
from ...scoring.limits import EARLIEST, LATEST, MOST_MONEY, MOST_WHOLE
from ...scoring.numerals import MONEY, SHARE, read
from ...scoring.terms import contradiction

# The columns of each record that a row may contain: intake column -> field.
CUSTOMER_COLUMNS = {"customer": "name", "reference": "ref", "vat": "vat"}
BUYER_COLUMNS = {"buyer": "name", "buyer_reference": "ref", "buyer_vat": "vat"}
RENEWAL_COLUMNS = (
    "contract_number",
    *BUYER_COLUMNS,
    "date_start",
    "date_renewal",
    "end_is_last_day",
    "following_months",
    "date_notice",
    "notice_period",
    "notice_unit",
    "notice_to",
    "auto_renew",
    "price_rise",
    "notice_given_on",
    "notice_kind",
    "notice_seats",
    "notice_value",
    "notice_reason",
    "annual_value",
    "monthly_value",
    "value_period",
    "currency",
    "seats",
    "outcome",
    "date_outcome",
    "renewed_value",
    "renewed_seats",
    "reason",
    "reason_note",
    "change_from",
    "change_value",
    "change_seats",
    "change_reason",
    "replaced_by",
    "main_contract",
)
AMENDMENT_COLUMNS = frozenset({"change_from", "change_value", "change_seats", "change_reason"})
DATES = ("date_start", "date_renewal", "date_notice", "notice_given_on", "date_outcome")
USAGE_COLUMNS = ("usage_date", "usage_period", "usage_source", *FIGURES)
_FIGURES, _USAGE_COLUMNS = frozenset(FIGURES), frozenset(USAGE_COLUMNS)
_RENEWAL_COLUMNS = frozenset(RENEWAL_COLUMNS)
# How often the period of a value comes in a year.
TIMES_A_YEAR = {"year": 1, "half-year": 2, "quarter": 4, "month": 12}
MOST_NOTICE = 7300  # days; the model has a limit for each unit
MOST_MONTHS = 240
MOST_RISE = 200
NOTICE = frozenset({"notice_kind", "notice_seats", "notice_value", "notice_reason_id"})
NOTICE_KINDS = {"end": "churned", "reduce": "contracted"}  # with the outcome of their reasons


class Reader:
    """A reader of rows, one after the other, which looks each name up once and refuses invalid values."""

    def __init__(self, env, lookup, columns):
        self.env = env
        self._ = env._
        self.lookup = lookup
        self.columns = frozenset(columns)
        self.values = Values.of(env)
        self.use = UseReader(self.values, "usage_date", "usage_period", "usage_source")
        self.stages = {}
        for stage in env["customer.success.stage"].search(fields.Domain.TRUE):
            self.stages.setdefault(stage.name.lower(), stage)
        self.first_stage = next(iter(self.stages.values()), None)
        self.companies = {company.name.lower(): company for company in env.companies}
        currencies = env["res.currency"].with_context(active_test=True)
        self.currencies = {c.name: c for c in currencies.search(fields.Domain.TRUE)}
        # A symbol of several currencies means the company's own, otherwise none of them.
        self.currency_marks = {name.casefold(): c for name, c in self.currencies.items()}
        own = env.company.currency_id
        for currency in self.currencies.values():
            symbol = (currency.symbol or "").casefold()
            if symbol not in self.currency_marks or currency == own:
                self.currency_marks[symbol] = currency
            elif self.currency_marks[symbol] not in (own, currency):
                self.currency_marks[symbol] = None
        reasons = env["customer.success.renewal.reason"].with_context(active_test=True)
        self.reasons = {
            (reason.outcome, reason.name.lower()): reason
            for reason in reasons.search(fields.Domain.TRUE)
        }
        self.users = {}
        self.products = {}

    def parse(self, row):
        """Return the values of a row by record, ``{company, customer, renewal, …}``, or raise ``Reject``."""
        check_columns(row, self.columns, self._)
        row = self._said(row)
        customer = self._named(row, CUSTOMER_COLUMNS)
        if not customer:
            raise Reject(
                "missing", "customer", self._("A row needs a customer, by name or reference.")
            )
        if stage := self._one_of(row, "stage", self.stages, self._("There is no stage “%s”.")):
            customer["success_stage_id"] = stage.id
        if login := self.values.name(row, "csm"):
            customer["success_user_id"] = self._user(login).id
        if live := self._date(row, "go_live_date"):
            customer["success_go_live_date"] = live
        company = self._one_of(
            row, "company", self.companies, self._("“%s” is not one of your companies.")
        )
        product = self._product(self.values.name(row, "product"))
        renewal = self._renewal(row, product)
        return {
            "company": company or self.env["res.company"],
            "customer": customer,
            "is_new": self.values.choice(row, "new_customer", ("yes", "no")) == "yes",
            "renewal": renewal,
            "buyer": self._named(row, BUYER_COLUMNS) if renewal else {},
            "amendment": self._amendment(row, renewal),
            "opportunity": self._opportunity(row),
            "usage": self._usage(row, product),
        }

    def _named(self, row, columns):
        """Return what names a company in these columns, ``{field of the partner: text}``."""
        said = {field: self.values.name(row, column) for column, field in columns.items()}
        return {field: name for field, name in said.items() if name}

    def _said(self, row):
        """Return the row without missing values; only figures can be stated to be unknown."""
        said, given = {}, self.values.given
        for column in row:
            value = given(row, column)
            if value is not None and (column in _FIGURES or (value is not False and value != NULL)):
                said[column] = value
        return said

    def _renewal(self, row, product):
        if _RENEWAL_COLUMNS.isdisjoint(row):
            return {}
        if "date_renewal" not in row:
            raise Reject("missing", "date_renewal", self._("A renewal needs its date."))
        vals = {"product_id": product.id, **self._plain(row)}
        if code := self.values.name(row, "currency"):
            currency = self.currencies.get(code.upper())
            if not currency:
                raise Reject(
                    "not_found", "currency", self._("“%s” is not an active currency.", code)
                )
            vals["currency_id"] = currency.id
        if number := self.values.name(row, "contract_number"):
            vals["contract_number"] = number
        kind = vals.get("notice_kind") or "end"
        if reason := self._reason(row, "notice_reason", NOTICE_KINDS[kind]):
            vals["notice_reason_id"] = reason.id
        self._check_dates(vals)
        return vals | self._links(row, product) | self._outcome(row, vals)

    def _plain(self, row):
        """Return the dates, choices and numbers of a term that the row has."""
        vals = {}
        for column in DATES:
            if column in row:
                vals[column] = self._date(row, column)
        for column in ("end_is_last_day", "auto_renew"):
            if said := self.values.choice(row, column, ("yes", "no")):
                vals[column] = said == "yes"
        if "price_rise" in row:
            vals["price_rise"] = self.values.number(
                "price_rise", row["price_rise"], MOST_RISE, kind=SHARE
            )
        choices = {"notice_unit": UNITS, "notice_to": TARGETS, "notice_kind": NOTICE_KINDS}
        for column, options in choices.items():
            if said := self.values.choice(row, column, options):
                vals[column] = said
        vals |= self._money(row)
        limits = {
            **dict.fromkeys(("seats", "renewed_seats", "notice_seats"), MOST_WHOLE),
            "notice_period": MOST_NOTICE,
            "following_months": MOST_MONTHS,
        }
        for column, most in limits.items():
            if column in row:
                vals[column] = self.values.whole(column, row[column], most)
        return vals

    def _money(self, row):
        """Return the amounts of the terms for a year; a row may state those of a month or of another period."""
        found = {
            column: self._value_a_year(row, column)
            for column in ("annual_value", "renewed_value", "notice_value")
            if column in row
        }
        if "monthly_value" in row and "annual_value" not in found:
            found["annual_value"] = 12 * self._amount(row, "monthly_value")
        return found

    def _value_a_year(self, row, column):
        times = TIMES_A_YEAR[self.values.choice(row, "value_period", TIMES_A_YEAR) or "year"]
        return times * self._amount(row, column)

    def _amendment(self, row, renewal):
        """Return the change of the term that a row has, with the day from which on it counts."""
        if AMENDMENT_COLUMNS.isdisjoint(row):
            return {}
        day = self._date(row, "change_from")
        if not day:
            raise Reject(
                "missing", "change_from", self._("A change within a term needs its first day.")
            )
        if not {"change_value", "change_seats"} & row.keys():
            raise Reject(
                "missing",
                "change_value",
                self._("A change within a term needs its annual value, its seats, or both."),
            )
        start, end = renewal.get("date_start"), renewal["date_renewal"]
        if day > end or (start and day < start):
            raise Reject("contradiction", "change_from", self._("This day is outside of the term."))
        found = {"date": day}
        if "change_value" in row:
            found["annual_value"] = self._value_a_year(row, "change_value")
        if "change_seats" in row:
            found["seats"] = self.values.whole("change_seats", row["change_seats"], MOST_WHOLE)
        if why := self.values.name(row, "change_reason", LONGEST_TEXT):
            found["reason"] = why
        return found

    def _amount(self, row, column):
        """Return an amount; a currency that is written beside it must be the one of the row."""
        amount = self.values.number(column, row[column], MOST_MONEY, kind=MONEY)
        beside = read(row[column], MONEY).beside
        if beside:
            said = self.values.name(row, "currency")
            theirs = self.currencies.get((said or "").upper())
            known = self.currency_marks.get(beside.casefold())
            if said is None and known:
                row["currency"] = known.name
            elif not known or known != theirs:
                raise Reject(
                    "contradiction" if known else "not_found",
                    column,
                    self._("“%s”: say its currency in the column “currency”.", row[column]),
                )
        return amount

    def _check_dates(self, vals):
        """Refuse dates of the term, the notice and the decision that are not in chronological order."""
        start, decided = vals.get("date_start"), vals.get("date_outcome")
        given = vals.get("notice_given_on")
        wrong = None
        if start and start >= vals["date_renewal"]:
            wrong = "date_start", self._("The term must start before it ends.")
        elif vals.get("date_notice") and vals["date_notice"] > vals["date_renewal"]:
            wrong = "date_notice", self._("Notice is given before the term ends.")
        elif given and given > min(vals["date_renewal"], self.values.today):
            wrong = (
                "notice_given_on",
                self._("A notice is given by today, and before the term ends."),
            )
        elif not given and NOTICE & vals.keys():
            wrong = "notice_given_on", self._("A notice needs the day on which it was given.")
        elif decided and decided > self.values.today:
            wrong = "date_outcome", self._("The date of an outcome cannot be in the future.")
        elif decided and start and decided < start:
            wrong = "date_outcome", self._("The decision cannot be before the start of the term.")
        if wrong:
            raise Reject("contradiction", *wrong)

    def _links(self, row, product):
        """Return the product that took the place of the row's, and the number of the contract whose add-on it is."""
        found = {}
        if name := self.values.name(row, "replaced_by"):
            came = self._product(name, "replaced_by")
            if not product or came == product:
                raise Reject(
                    "contradiction",
                    "replaced_by",
                    self._("Another product than that of the row takes its place."),
                )
            found["replaced_by"] = came.id
        if number := self.values.name(row, "main_contract"):
            found["main_contract"] = number
        return found

    def _outcome(self, row, vals):
        """Return the outcome of the term; refuse invalid values with their column."""
        found = {}
        options = self.env["customer.success.renewal"]._fields["outcome"].get_values(self.env)
        if outcome := self.values.choice(row, "outcome", options):
            found["outcome"] = outcome
        outcome = outcome or "pending"
        if note := self.values.name(row, "reason_note", LONGEST_TEXT):
            found["reason_note"] = note
        if reason := self._reason(row, "reason", outcome):
            found["reason_id"] = reason.id
        if "replaced_by" in row:
            return self._replaced(outcome, vals, found)
        # Of a term that changed, the model compares what it ended with.
        if outcome != "pending" and "annual_value" in vals and AMENDMENT_COLUMNS.isdisjoint(row):
            self._check_figures(outcome, vals)
        return found

    def _replaced(self, outcome, vals, found):
        """Return how a term ended that another product took the place of: as the row says, else as the values of the two do."""
        if outcome == "churned":
            raise Reject(
                "contradiction",
                "outcome",
                self._(
                    "A product that another one took the place of is no churn. Leave the outcome empty: the values decide."
                ),
            )
        if outcome == "pending" or not vals.get("renewed_value"):
            found.pop("outcome", None)
        return found

    def _reason(self, row, column, outcome):
        name = self.values.name(row, column)
        if not name:
            return None
        reason = self.reasons.get((outcome, name.lower()))
        if not reason:
            raise Reject("not_found", column, self._("“%s” is not a reason of this outcome.", name))
        return reason

    def _check_figures(self, outcome, vals):
        """Refuse figures that contradict the outcome, if the row contains the figures of the term, too."""
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
            raise Reject("contradiction", column, words)

    def _opportunity(self, row):
        name = self.values.name(row, "opportunity", LONGEST_TEXT)
        if not name:
            return {}
        if not self.env["crm.lead"].has_access("create"):
            raise Reject(
                "no_right",
                "opportunity",
                self._("You may not open opportunities; ask for a role in Sales."),
            )
        vals = {"name": name, "type": "opportunity"}
        if "date_renewal" in row:
            vals["date_deadline"] = self._date(row, "date_renewal")
        return vals

    def _usage(self, row, product):
        if _USAGE_COLUMNS.isdisjoint(row):
            return {}
        start, period, source = self.use.period(row)
        if not product:
            raise Reject(
                "missing", "product", self._("A row of usage needs the product that was used.")
            )
        return {
            "product_id": product.id,
            "source": source,
            "date": start,
            "period": period,
            "figures": self.use.figures(row),
            "confirmed": self.use.is_confirmed(row),
        }

    def _date(self, row, column):
        return self.values.date(row, column, EARLIEST, LATEST)

    def _one_of(self, row, column, known, missing):
        """Return the record of a name, ignoring its case; ``missing`` is the message for an unknown name."""
        name = self.values.name(row, column)
        if name and name.lower() not in known:
            raise Reject("not_found", column, missing % name)
        return known.get(name.lower()) if name else None

    def _user(self, login):
        if login not in self.users:
            self.users[login] = self.env["res.users"].search(
                [("login", "=", login), ("share", "=", False), ("active", "=", True)], limit=1
            )
        if not self.users[login]:
            raise Reject("not_found", "csm", self._("There is no user with the login “%s”.", login))
        return self.users[login]

    def _product(self, name, column="product"):
        products = self.lookup.products
        if not name:
            return products.browse()
        if (column, name) not in self.products:
            found = {}
            for source in ("default_code", "name"):
                if found := self.lookup.products_called(source, [name]):
                    break
            try:
                product = self.lookup.one_product(column, name, found.get(name, products.browse()))
            except Reject as reject:
                product = reject
            self.products[column, name] = product
        if isinstance(self.products[column, name], Reject):
            raise self.products[column, name]
        return self.products[column, name]
