"""The landing of the rows of a customer file in sets; a row that fails is found and left out."""

from collections import Counter

import psycopg2

from odoo.tools import float_round

from ...ingestion.books import Books
from ...ingestion.doubts import Doubts
from ...ingestion.naming import Lookup
from ...ingestion.rejections import Reject, Rejections
from ...ingestion.spellings import is_same
from ...models.common.customer_success_score_request import COLLECTED, CollectedRequests
from ...models.common.kept_defaults import KEPT_DEFAULTS, KeptDefaults
from .intake_buyers import find_buyers
from .intake_customers import NewCustomers, numbers_of, who
from .intake_links import in_order
from .intake_reading import Reader
from .intake_writing import LINES, USAGE_KEY, RowWriter

IDENTITY = {
    "ref": "reference",
    "vat": "vat",
    "name": "customer",
}  # field that identifies a customer -> column
COMPARED = (
    "name",
    "ref",
    "vat",
    "active",
    "parent_id",
    "company_id",
    "commercial_partner_id",
    "success_stage_id",
    "success_user_id",
    "success_go_live_date",
)


class CustomerLoader(RowWriter):
    """The loading of one file, or of one part of it, which is read row by row and written in sets.

    ``books`` are the names and numbers of all companies that an earlier part of the file has read.
    """

    def __init__(self, env, delivery, columns, books=None):
        # What is written belongs to this change, so that it can be taken back.
        self.change = delivery._load_change()
        self.env = env(
            context=dict(
                env.context,
                tracking_disable=True,
                mail_create_nosubscribe=True,
                active_test=False,
                **(self.change._within() if self.change else {}),
                **{KEPT_DEFAULTS: KeptDefaults(), COLLECTED: CollectedRequests()},
            )
        )
        self._ = env._
        self.delivery = delivery
        self.lookup = Lookup(self.env)
        self.reader = Reader(self.env, self.lookup, columns)
        self.rejections = Rejections(delivery, columns)
        self.counts = Counter()
        self.rows = []  # (number, values of the row)
        self.sent = {}  # number -> the row as it was sent
        self.refused = []  # (number, reject)
        self.landed = {}  # number -> customer id
        self.corrected = {}  # id of a running term -> its name, if a row corrects its figures
        self.doubts = Doubts(self.env)
        self.books = books or Books(self.lookup)
        self.created = {}  # id of a customer that this part created -> (name, id of the company)
        self.company = self.env.company
        self.currencies = {}  # company -> its currency
        self.roundings = {}  # id of a currency -> its rounding
        self.factors = {}  # company -> rates of currencies into its own

    def add(self, number, row):
        """Read one row and keep it, or record why it is refused."""
        self.sent[number] = row
        try:
            self.rows.append((number, self.reader.parse(row)))
        except Reject as reject:
            self.refused.append((number, reject))

    def land(self):
        """Write the rows that were kept; return the customers' ids in the order of the accepted rows.

        Rows are written together; a row that fails is refused alone. A conflict with another transaction is not the
        fault of a row: it is raised, and Odoo repeats the whole request.
        """
        for rows in in_order(self.rows):
            self.env["customer.success.job"]._halve(rows, self._land_set, self._blame)
        self.rejections.add([(number, self.sent[number], why) for number, why in self.refused])
        self.counts["rejected"] = len(self.refused)
        counted = Counter()
        for name, number in self.counts.items():
            counted[name.rpartition("_")[2]] += number
        self.delivery._add_counts(counted)
        return [self.landed[number] for number in sorted(self.landed)]

    def _blame(self, row, error):
        """Refuse the row that failed, with the message of the model or of its constraint."""
        words = str(error).split("\n", 1)[0]
        if isinstance(error, psycopg2.Error) and error.diag.table_name:
            broken = (m for m in self.env.values() if m._table == error.diag.table_name)
            words = next(broken, self.env["base"])._sql_error_to_message(error)
        self.refused.append((row[0], Reject("broken", "customer", words)))

    def _land_set(self, rows):
        """Write rows, or raise the error of one of them; the results are recorded once all rows are in the database."""
        counts, rejects, kept = Counter(), [], []
        self.env.context[COLLECTED].clear()  # of an attempt that was taken back
        found = self._find_customers(rows)
        ids = {
            partner.id for named in found.values() for some in named.values() for partner in some
        }
        self.doubts.learn(ids)
        # Fetched together: the partners were found by several queries, and would be fetched one by one.
        self.env["res.partner"].browse(ids).fetch(COMPARED)
        new = NewCustomers(self.env.company.country_id.code)
        seen = {}
        for number, parsed in rows:
            try:
                target = self._target(parsed, found, new)
                self._place(parsed, target)
                self._check_use(parsed["usage"], target)
                key = self._row_key(parsed, target)
                if key in seen:
                    raise Reject(
                        "repeated",
                        "customer",
                        self._(
                            "The customer, renewal and usage are the same as in row %s.",
                            self.rejections.before + seen[key] + 1,
                        ),
                    )
            except Reject as reject:
                rejects.append((number, reject))
                continue
            seen[key] = number
            kept.append((number, parsed, target))
        kept, buyers, unknown = find_buyers(self, kept, found, new)
        rejects += unknown
        customers = self._write_customers(kept, counts)
        for number, parsed, _target in kept:
            if buyer := buyers.get(number):
                parsed["renewal"]["buyer_id"] = customers.get(who(buyer), buyer).id
        self.created = {
            customers[who(target)].id: (target["name"], target["company_id"])
            for _number, _parsed, target in kept
            if isinstance(target, dict)
        }
        lines = [(number, parsed, customers[who(target)]) for number, parsed, target in kept]
        records = {
            kind: self._write_lines(kind, model, key, lines, counts) for kind, model, key in LINES
        }
        self._link_opportunities(lines, records)
        self._write_usages(lines, counts)
        self.env.flush_all()
        self._add_requests()
        self.counts.update(counts)
        self.refused += rejects
        self.landed.update((number, customer.id) for number, _parsed, customer in lines)
        new = self.env["res.partner"].browse(
            customer.id for key, customer in customers.items() if key[0] == "new"
        )
        new.fetch(["name", "ref", "vat", "country_id"])
        for customer in new:
            self.books.enter(customer)

    def _add_requests(self):
        """Add the requests that were collected, one for each customer of which something was written."""
        collected = self.env.context[COLLECTED]
        env = self.env(context={**self.env.context, COLLECTED: None})
        env["customer.success.score.request"]._add(
            env["res.partner"].browse(sorted(collected.get("customer.success.score.request", ())))
        )
        if ids := collected.get("customer.success.revenue.request"):
            env["customer.success.revenue.request"]._add(sorted(ids))

    def _find_customers(self, rows):
        """Return the partners that the rows may mean, ``{field: {value: partners}}``, with four queries."""
        return {
            field: self.lookup.companies_called(
                field,
                {
                    said[field]
                    for _n, p in rows
                    for said in (p["customer"], p["buyer"])
                    if said.get(field)
                },
                self.books,
            )
            for field in IDENTITY
        }

    def _target(self, parsed, found, new):
        """Return the partner of a row, or the values of the new partner that the row creates or completes."""
        customer = parsed["customer"]
        by = next(field for field in IDENTITY if customer.get(field))
        column, name = IDENTITY[by], customer[by]
        nobody = self.env["res.partner"]
        matches = found[by].get(name)
        partner = self.lookup.company(column, name, matches) if matches else nobody
        by_name = by == "name"
        if not partner and by == "ref" and customer.get("vat"):
            partner = new.claim(self._unreferenced(column, customer, found), customer)
        if not partner and not by_name and customer.get("name") in found["name"]:
            partner = new.claim(self._unnumbered(customer, found), customer)
            by_name = True
        if partner:
            if by_name:
                customer["name"] = partner.name  # another spelling of it is no correction
            if blocked := self._blocked(partner, customer):
                raise Reject("blocked", "stage", blocked)
            return partner
        targets = new.find(customer)
        if len(targets) > 1:
            raise Reject("several", column, self._("Several customers match “%s”.", name))
        target = next(iter(targets), None)
        if target is None:
            if not customer.get("name"):
                raise Reject(
                    "not_found",
                    column,
                    self._("Unknown customer “%s”. Add its name to create it.", name),
                )
            if not parsed["is_new"]:
                self._check_likeness(customer, new)
            target = {"is_company": True, "company_id": parsed["company"].id}
        for field, said in customer.items():
            known = field in ("ref", "vat") and target.get(field)
            if not (known and is_same(field, known, said)):
                target[field] = said
        new.add(target)
        return target

    def _unreferenced(self, column, customer, found):
        """Return the company of a row's VAT number, if it has no reference of its own yet."""
        nobody = self.env["res.partner"]
        named = found["vat"].get(customer["vat"], nobody).filtered(lambda partner: not partner.ref)
        return self.lookup.company(column, customer["vat"], named) if named else nobody

    def _unnumbered(self, customer, found):
        """Return the one company of a row's name that has neither a reference nor a VAT number of its own."""
        named = found["name"].get(customer["name"], self.env["res.partner"])
        named = named.filtered(
            lambda partner: (
                partner.commercial_partner_id == partner
                and partner.active
                and not (partner.ref or partner.vat)
            )
        )
        return named if len(named) == 1 else named.browse()

    def _check_likeness(self, customer, new):
        """Refuse to create a customer whose name is much like that of another one, until the row says that it is new.

        A reference that nobody has yet says no more than the name; two references in one file do.
        """
        name, has_number = customer["name"], bool(numbers_of(customer))
        like = [*self.books.names.like(name, has_number), *new.like(name, has_number)]
        if like:
            raise Reject(
                "like_another",
                "customer",
                self._(
                    "There is no customer “%(name)s”, but there is “%(like)s”. Correct the name, or write yes in "
                    "the column “new_customer”.",
                    name=name,
                    like="”, “".join(like[:3]),
                ),
            )

    def _place(self, parsed, target):
        """Determine the company of a row's records: its own, otherwise its customer's, otherwise the current one."""
        theirs = target["company_id"] if isinstance(target, dict) else target.company_id.id
        company = parsed["company"]
        if not company:
            company = self.env["res.company"].browse(theirs) if theirs else self.company
        if theirs and company.id != theirs:
            theirs = self.env["res.company"].browse(theirs)
            raise Reject(
                "contradiction",
                "company",
                self._("This customer belongs to %s, not to this company.", theirs.name),
            )
        for kind in ("renewal", "opportunity"):
            if parsed[kind]:
                parsed[kind]["company_id"] = company.id
        if parsed["renewal"]:
            self._settle_money(parsed, company)

    def _check_use(self, usage, target):
        """Refuse figures of use that are hard to believe, unless the row confirms them."""
        if usage and not usage["confirmed"]:
            partner_id = None if isinstance(target, dict) else target.id
            doubt = self.doubts.doubt(partner_id, usage["product_id"], usage["figures"])
            if doubt:
                raise doubt

    def _settle_money(self, parsed, company):
        """Round the amounts of a term to its currency, and convert the value of an opportunity to the company's currency.

        Without a rate the value is unknown, and the opportunity has no value.
        """
        renewal, amendment = parsed["renewal"], parsed["amendment"]
        opportunity = parsed["opportunity"]
        if company not in self.currencies:
            self.currencies[company] = company.currency_id
        currency = renewal.setdefault("currency_id", self.currencies[company].id)
        if currency not in self.roundings:
            self.roundings[currency] = self.env["res.currency"].browse(currency).rounding
        rounding = self.roundings[currency]
        for name in ("annual_value", "renewed_value", "notice_value"):
            if name in renewal:
                renewal[name] = float_round(renewal[name], precision_rounding=rounding)
        if "annual_value" in amendment:
            amendment["annual_value"] = float_round(
                amendment["annual_value"], precision_rounding=rounding
            )
        value = amendment.get("annual_value", renewal.get("annual_value"))
        if opportunity and value is not None:
            if company not in self.factors:
                known = [known.id for known in self.reader.currencies.values()]
                known = self.env["res.currency"].browse(known)
                self.factors[company] = known._success_factors(company)
            factor = self.factors[company].get((company.id, currency), 0.0)
            opportunity["expected_revenue"] = company.currency_id.round(value * factor)

    def _row_key(self, parsed, target):
        """Return the key that is equal for rows about the same records."""
        return (
            who(target),
            parsed["amendment"].get("date"),
            *(
                tuple(parsed[kind].get(name) for name in key) if parsed[kind] else None
                for kind, key in (
                    *((kind, key) for kind, _model, key in LINES),
                    ("usage", USAGE_KEY),
                )
            ),
        )

    def _blocked(self, partner, vals):
        """Return the reason why a customer cannot move to the stage of its row, if there is one."""
        stage = self.env["customer.success.stage"].browse(vals.get("success_stage_id"))
        current = partner.success_stage_id
        if not stage or not current or stage == current:
            return None
        return partner._success_move_obstacle(stage)
