from collections import Counter
from datetime import date
from math import isfinite

from odoo import api, fields, models

from ..scoring.facts import DEGREES

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
CREATE_BATCH = 500
PLURALS = {"renewal": "renewals", "usage": "usages", "opportunity": "opportunities"}


class CustomerSuccessIntake(models.TransientModel):
    """A row of a file that brings in a customer, its contract and its use.

    Nothing is kept here: :meth:`load`, which Odoo's import screen and ``./dev load`` both call, checks
    each row and turns the good ones into customers, renewals and usage. All columns are text, so
    that every value is read and refused in one place, by row and column. Sending a file twice changes
    nothing the second time.
    """

    _name = "customer.success.intake"
    _description = "Row of a Customer File"

    customer = fields.Char(help="Name of the company.")
    reference = fields.Char(
        help="Your own reference of the customer. A row finds its customer by this, else by the VAT "
        "number, else by the name."
    )
    vat = fields.Char("VAT Number")
    stage = fields.Char("Adoption Stage", help="Name of a stage; the first one when empty.")
    csm = fields.Char("CSM", help="Login of the customer success manager.")
    go_live_date = fields.Char("Go-Live", help="As 2026-01-31, like all dates here.")
    company = fields.Char(help="Name of your own company; the one you work in when empty.")
    product = fields.Char(help="Internal reference or exact name of the product.")
    date_start = fields.Char("Term From")
    date_renewal = fields.Char("Renewal Date", help="A row with this brings a renewal.")
    date_notice = fields.Char("Notice Date")
    annual_value = fields.Char()
    currency = fields.Char(help="Code such as EUR; that of the company when empty.")
    seats = fields.Char()
    outcome = fields.Char(help="pending, renewed, expanded, contracted or churned")
    date_outcome = fields.Char("Decided On")
    opportunity = fields.Char(
        help="Opens an opportunity of this name for the customer, once, worth the annual value and due "
        "on the renewal date."
    )
    usage_date = fields.Char(
        "Use: Period From", help="A row with this brings the use of a product."
    )
    usage_period = fields.Char("Use: Period", help="week or month")
    usage_source = fields.Char("Use: Source", help="measured or assessed")
    licensed_users = fields.Char()
    active_users = fields.Char()
    as_intended = fields.Char("How: As Intended", help="0 to 100")
    timely = fields.Char("When: In Time", help="0 to 100")
    quality = fields.Char("How Well", help="0 to 100")
    frequency = fields.Char("How Often", help="0 to 100")
    in_place = fields.Char("Where: In the System", help="0 to 100")
    accuracy = fields.Char("Accuracy of Data", help="0 to 100")

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Template for customers, renewals and use"),
                "template": "/customer_success/static/csv/customers.csv",
            }
        ]

    @api.model
    def load(self, fields, data):
        """Bring in rows of text; return ``{ids, messages, nextrow, counts}``.

        ``ids`` are the customers of the rows that landed, in their order. Each rejected row has its
        messages, with the column in ``field`` and the row, counted from 0, in ``record``; the others land
        all the same. ``counts`` says how many customers, renewals, usages and opportunities were created, updated or
        found unchanged, and how many rows were rejected.
        """
        self.check_access("create")
        unknown = [name for name in fields if name not in self._columns()]
        if unknown:
            text = self.env._("Unknown column: %s", ", ".join(map(str, unknown)))
            message = {"type": "error", "message": text, "record": 0, "rows": {"from": 0, "to": 0}}
            return {"ids": False, "messages": [message], "nextrow": 0, "counts": {}}
        if not data:
            text = self.env._("The file has no rows below its heading.")
            message = {"type": "error", "message": text, "record": 0, "rows": {"from": 0, "to": 0}}
            return {"ids": False, "messages": [message], "nextrow": 0, "counts": {}}
        limit = self.env.context.get("_import_limit")
        size = min(limit or len(data), len(data))
        landing = _Landing(self.env)
        for number, values in enumerate(data[:size]):
            row = {
                name: value.strip() if isinstance(value, str) else str(value or "").strip()
                for name, value in zip(fields, values)
            }
            landing.add(number, row)
        ids = landing.land()
        return {
            "ids": ids or False,
            "messages": landing.messages,
            "nextrow": size if size < len(data) else 0,
            "counts": dict(landing.counts),
        }

    @api.model
    def _columns(self):
        return [
            name for name, field in self._fields.items() if field.type == "char" and field.store
        ]


class _Reject(Exception):
    """A row that cannot land: the column, and why in words."""

    def __init__(self, column, message):
        super().__init__(message)
        self.column = column
        self.message = message


class _Landing:
    """One file on its way in: looks things up once, checks row by row, writes set by set."""

    def __init__(self, env):
        self.env = env(
            context=dict(env.context, tracking_disable=True, mail_create_nosubscribe=True)
        )
        self._ = env._
        self.rows = []  # (number, row values, customer key)
        self.seen = {}
        self.messages = []
        self.counts = Counter()
        self.stages = {}
        for stage in self.env["customer.success.stage"].search([]):
            self.stages.setdefault(stage.name.lower(), stage)
        self.first_stage = next(iter(self.stages.values()), None)
        self.companies = {c.name.lower(): c for c in self.env.companies}
        self.currencies = {c.name: c for c in self.env["res.currency"].search([])}
        self.users = {}
        self.products = {}

    # -- reading ------------------------------------------------------------------------------

    def add(self, number, row):
        """Check one row and keep it, or note why it is rejected."""
        try:
            parsed = self._parse(row)
            key = (
                parsed["key"],
                row.get("product"),
                parsed["renewal"].get("date_renewal"),
                parsed["usage"].get("date"),
                parsed["usage"].get("source"),
            )
            if key in self.seen:
                raise _Reject(
                    "reference" if row.get("reference") else "customer",
                    self._("The same customer, renewal and use as in row %s.", self.seen[key] + 1),
                )
        except _Reject as reject:
            self._reject(number, reject)
            return
        self.seen[key] = number
        self.rows.append((number, parsed))

    def _reject(self, number, reject):
        self.counts["rejected"] += 1
        self.messages.append(
            {
                "type": "error",
                "record": number,
                "rows": {"from": number, "to": number},
                "field": reject.column,
                "message": reject.message,
            }
        )

    def _parse(self, row):
        for column, value in row.items():
            if "\x00" in value or any(0xD800 <= ord(char) <= 0xDFFF for char in value):
                raise _Reject(column, self._("This text has characters that cannot be stored."))
            if len(value) > 1000:
                raise _Reject(column, self._("This text is longer than 1,000 characters."))
        if not (row.get("customer") or row.get("reference") or row.get("vat")):
            raise _Reject("customer", self._("A row needs a customer, by name or reference."))
        company = self.env.company
        if row.get("company"):
            company = self.companies.get(row["company"].lower())
            if not company:
                raise _Reject("company", self._("“%s” is none of your companies.", row["company"]))
        product = self._product(row.get("product"))
        customer = {
            CUSTOMER_COLUMNS[column]: row[column]
            for column in ("customer", "reference", "vat")
            if row.get(column)
        }
        if row.get("stage"):
            stage = self.stages.get(row["stage"].lower())
            if not stage:
                raise _Reject("stage", self._("There is no stage “%s”.", row["stage"]))
            customer["success_stage_id"] = stage.id
        if row.get("csm"):
            customer["success_user_id"] = self._user(row["csm"]).id
        if row.get("go_live_date"):
            customer["success_go_live_date"] = self._date(row, "go_live_date")
        if row.get("company"):
            customer["company_id"] = company.id
        return {
            "key": (row.get("reference") or row.get("vat") or row.get("customer")).lower(),
            "customer": customer,
            "renewal": self._renewal(row, company, product),
            "opportunity": self._opportunity(row, company),
            "usage": self._usage(row, product),
        }

    def _renewal(self, row, company, product):
        given = [column for column in RENEWAL_COLUMNS if row.get(column)]
        if not given:
            return {}
        if not row.get("date_renewal"):
            raise _Reject("date_renewal", self._("A renewal needs its date."))
        vals = {"company_id": company.id, "product_id": product.id}
        for column in given:
            if column.startswith("date"):
                vals[column] = self._date(row, column)
        if row.get("annual_value"):
            vals["annual_value"] = self._number(row, "annual_value", 0, 1e15)
        if row.get("seats"):
            vals["seats"] = self._whole(row, "seats", 2**31 - 1)
        currency = company.currency_id
        if row.get("currency"):
            currency = self.currencies.get(row["currency"].upper())
            if not currency:
                raise _Reject(
                    "currency", self._("“%s” is not an active currency.", row["currency"])
                )
        vals["currency_id"] = currency.id
        if row.get("outcome"):
            vals["outcome"] = self._choice(row, "outcome", "customer.success.renewal", "outcome")
        if vals.get("date_start") and vals["date_start"] >= vals["date_renewal"]:
            raise _Reject("date_start", self._("The term must start before it ends."))
        if vals.get("date_notice") and vals["date_notice"] > vals["date_renewal"]:
            raise _Reject("date_notice", self._("Notice is given before the term ends."))
        return vals

    def _opportunity(self, row, company):
        if not row.get("opportunity"):
            return {}
        if not self.env["crm.lead"].has_access("create"):
            raise _Reject(
                "opportunity", self._("You may not open opportunities; ask for a role in Sales.")
            )
        vals = {"name": row["opportunity"], "type": "opportunity", "company_id": company.id}
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
            raise _Reject("usage_date", self._("Use needs the period it is of."))
        if not product:
            raise _Reject("product", self._("Use needs the product that was used."))
        vals = {"product_id": product.id, "period": "month", "source": "measured"}
        if row.get("usage_period"):
            vals["period"] = self._choice(row, "usage_period", "customer.success.usage", "period")
        if row.get("usage_source"):
            vals["source"] = self._choice(row, "usage_source", "customer.success.usage", "source")
        day = self._date(row, "usage_date")
        if not date(2000, 1, 1) <= day <= fields.Date.context_today(self.env["res.partner"]):
            raise _Reject(
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
            raise _Reject(
                column, self._("“%s” is not a date; write it as 2026-01-31.", text)
            ) from None
        if not EARLIEST <= day <= LATEST:
            raise _Reject(column, self._("%s is out of any range that makes sense.", text))
        return day

    def _number(self, row, column, low, high):
        text = row[column]
        try:
            number = float(text) if "_" not in text else None
        except ValueError:
            number = None
        if number is None or not isfinite(number):
            raise _Reject(column, self._("“%s” is not a number; write it as 1234.5.", text))
        if not low <= number <= high:
            raise _Reject(
                column,
                self._(
                    "%(value)s is not between %(low)d and %(high)d.", value=text, low=low, high=high
                ),
            )
        return number

    def _whole(self, row, column, high):
        number = self._number(row, column, 0, high)
        if number != int(number):
            raise _Reject(column, self._("%s is not a whole number.", row[column]))
        return int(number)

    def _choice(self, row, column, model, field):
        options = self.env[model]._fields[field].get_values(self.env)
        if row[column].lower() not in options:
            raise _Reject(
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
                [("login", "=", login), ("share", "=", False)], limit=1
            )
        if not self.users[login]:
            raise _Reject("csm", self._("There is no user with the login “%s”.", login))
        return self.users[login]

    def _product(self, text):
        products = self.env["product.product"]
        if not text:
            return products
        if text not in self.products:
            self.products[text] = products.search([("default_code", "=", text)], limit=2) or (
                products.search([("name", "=", text)], limit=2)
            )
        found = self.products[text]
        if len(found) != 1:
            raise _Reject(
                "product",
                self._("There is no product “%s”.", text)
                if not found
                else self._("Several products are called “%s”: use the internal reference.", text),
            )
        return found

    # -- writing ------------------------------------------------------------------------------

    def land(self):
        """Write what was kept; return the customers' ids in the order of the rows that landed."""
        self._find_customers()
        self._land_customers()
        self._land_lines(
            "renewal", "customer.success.renewal", ("product_id", "company_id", "date_renewal")
        )
        self._land_lines(
            "usage", "customer.success.usage", ("product_id", "source", "date", "period")
        )
        self._land_lines("opportunity", "crm.lead", ("name",), create_only=True)
        return [parsed["partner"].id for _number, parsed in self.rows]

    def _find_customers(self):
        """Find each row's customer by reference, VAT number or name; reject the unknown and ambiguous."""
        partners = self.env["res.partner"]
        own = [("parent_id", "=", False), ("company_id", "in", [*self.env.companies.ids, False])]
        found = {}
        for field in ("ref", "vat", "name"):
            wanted = {p["customer"][field] for _n, p in self.rows if p["customer"].get(field)}
            matches = {}
            for partner in partners.search([(field, "in", list(wanted)), *own]) if wanted else ():
                matches.setdefault(partner[field], []).append(partner)
            found[field] = matches
        kept = []
        for number, parsed in self.rows:
            by = next(f for f in ("ref", "vat", "name") if parsed["customer"].get(f))
            column = {"ref": "reference", "vat": "vat", "name": "customer"}[by]
            matches = found[by].get(parsed["customer"][by], [])
            if len(matches) > 1:
                self._reject(
                    number,
                    _Reject(
                        column, self._("Several customers match “%s”.", parsed["customer"][by])
                    ),
                )
            elif not matches and not parsed["customer"].get("name"):
                self._reject(
                    number,
                    _Reject(
                        column,
                        self._(
                            "Unknown customer “%s”: add its name to bring it in.",
                            parsed["customer"][by],
                        ),
                    ),
                )
            else:
                parsed["partner"] = matches[0] if matches else None
                kept.append((number, parsed))
        self.rows = kept

    def _land_customers(self):
        new = {}
        for _number, parsed in self.rows:
            if parsed["partner"] is None:
                new.setdefault(parsed["key"], {"is_company": True}).update(parsed["customer"])
        for vals in new.values():
            if self.first_stage:
                vals.setdefault("success_stage_id", self.first_stage.id)
        created = {}
        for keys in _slices(list(new), CREATE_BATCH):
            partners = self.env["res.partner"].create([new[key] for key in keys])
            created.update(zip(keys, partners))
        self.counts["customers_created"] += len(created)
        touched = {}
        for _number, parsed in self.rows:
            partner = parsed["partner"] = parsed["partner"] or created[parsed["key"]]
            if parsed["key"] in created:
                continue
            changes = self._changes(partner, parsed["customer"])
            if not partner.success_stage_id and self.first_stage:
                changes.setdefault("success_stage_id", self.first_stage.id)
            if changes:
                partner.write(changes)
            touched[partner] = touched.get(partner) or bool(changes)
        self.counts["customers_updated"] += sum(touched.values())
        self.counts["customers_unchanged"] += len(touched) - sum(touched.values())

    def _land_lines(self, kind, model, key, create_only=False):
        """Create or update the records of the rows, found by customer and ``key``.

        With ``create_only`` those that are there stay as people have left them since.
        """
        records = self.env[model]
        rows = [parsed for _number, parsed in self.rows if parsed[kind]]
        partner_ids = list({parsed["partner"].id for parsed in rows})
        existing = {}
        for record in records.search([("partner_id", "in", partner_ids)]) if rows else ():
            existing.setdefault(self._key(record.partner_id, record, key), record)
        new = []
        for parsed in rows:
            vals = parsed[kind]
            record = existing.get(self._key(parsed["partner"], vals, key))
            if not record:
                new.append({"partner_id": parsed["partner"].id, **vals})
                continue
            changes = {} if create_only else self._changes(record, vals)
            if changes:
                record.write(changes)
            self.counts[f"{PLURALS[kind]}_{'updated' if changes else 'unchanged'}"] += 1
        for slice_ in _slices(new, CREATE_BATCH):
            records.create(slice_)
        self.counts[f"{PLURALS[kind]}_created"] += len(new)

    @staticmethod
    def _key(partner, values, names):
        def plain(value):
            return value.id if isinstance(value, models.BaseModel) else value

        return (partner.id, *(plain(values[name]) or False for name in names))

    @staticmethod
    def _changes(record, vals):
        """Those of the values that the record does not have yet."""
        changes = {}
        for name, value in vals.items():
            current = record[name]
            if isinstance(current, models.BaseModel):
                current = current.id
            if current != value and (current or value or current is False):
                changes[name] = value
        return changes


def _slices(items, size):
    return (items[start : start + size] for start in range(0, len(items), size))
