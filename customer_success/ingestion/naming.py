"""The lookup of the customers and products that rows name, in sets, and only among those that the user may see."""

from odoo.tools import SQL

from .books import Books
from .reading import CUSTOMER_KEYS, PRODUCT_KEYS
from .rejections import Reject
from .spellings import ReferenceBook, plain_vat

# The columns that identify the customer of a row of usage: column -> field of the partner; ``None`` for the external id.
CUSTOMER = tuple(zip(CUSTOMER_KEYS, (None, "ref", "vat", "name")))
PRODUCT = tuple(zip(PRODUCT_KEYS, (None, "default_code", "name")))

# People may have the same name as a company; a subsidiary is a company too.
COMPANIES = ("|", ("parent_id", "=", False), ("is_company", "=", True))

# The fields that decide whether a match is valid.
_JUDGED = {
    "res.partner": [
        "commercial_partner_id",
        "active",
        "success_stage_id",
        "success_former_date",
        "success_user_id",
    ],
    "product.product": ["active"],
}


class Lookup:
    """The lookup of names in sets, with the check that a name means one active company, or one product."""

    def __init__(self, env):
        self._ = env._
        self.partners = env["res.partner"].with_context(active_test=False)
        self.products = env["product.product"].with_context(active_test=False)
        self.data = env["ir.model.data"].sudo()
        self._products_by = {}  # field -> ReferenceBook
        # Same as the record rules of usage; the record rules of partners also show those of a parent company.
        self.companies = [("company_id", "in", [*env.companies.ids, False])]

    def by_field(self, records, source, names, domain=()):
        """Return records by the value of a field as it is recorded, ``{name: records}``."""
        wanted = {}
        for name in names:
            spellings = {name}
            if source == "vat":
                spellings.add(plain_vat(name))
            for spelling in spellings:
                wanted.setdefault(spelling, []).append(name)
        found = records.search_fetch(
            [(source, "in", list(wanted)), *self.companies, *domain],
            [source, *_JUDGED[records._name]],
        )
        result = {}
        for record in found:
            for name in wanted.get(record[source], ()):
                result[name] = result.get(name, records.browse()) | record
        return result

    def by_external_id(self, records, names):
        """Return records by external id, ``{name: record}``; an id without a module name is one of an import."""
        split = {
            tuple(name.split(".", 1)) if "." in name else ("__import__", name): name
            for name in names
        }
        lines = self.data.search_fetch(
            [("model", "=", records._name), ("name", "in", [name for _module, name in split])],
            ["module", "name", "res_id"],
        )
        ids = {
            split[key]: line.res_id for line in lines if (key := (line.module, line.name)) in split
        }
        seen = {
            record.id: record
            for record in records.search_fetch(
                [("id", "in", list(ids.values())), *self.companies], _JUDGED[records._name]
            )
        }
        return {name: seen[id_] for name, id_ in ids.items() if id_ in seen}

    def companies_by(self, *names):
        """Return ``(id, …)`` with these fields of all companies that the user may see, archived ones too."""
        query = self.partners._search(
            [
                (names[0], "!=", False),
                "|",
                ("is_company", "=", True),  # a subsidiary too
                "&",
                ("parent_id", "=", False),
                ("success_stage_id", "!=", False),
                *self.companies,
            ]
        )
        return self.partners.env.execute_query(
            query.select(*(SQL.identifier(query.table, name) for name in ("id", *names)))
        )

    def companies_called(self, field, texts, books):
        """Return companies by name, reference or VAT number, ``{text: partners}``: as it is recorded, otherwise in another spelling.

        This is the one reader of customers for files and the API.
        """
        domain = COMPANIES if field == "name" else ()
        found = self.by_field(self.partners, field, texts, domain) if texts else {}
        for text in texts:
            if text not in found and (ids := books.matches(field, text)):
                found[text] = self.partners.browse(ids)
        return found

    def products_called(self, field, texts):
        """Return products by internal reference or name, ``{text: products}``: as it is recorded, otherwise in another spelling."""
        found = self.by_field(self.products, field, texts)
        missing = [text for text in texts if text not in found]
        if missing:
            book = self._product_book(field)
            for text in missing:
                if ids := book.matches(text):
                    found[text] = self.products.browse(ids)
        return found

    def _product_book(self, field):
        """Return the products by a field, read once."""
        if field not in self._products_by:
            book = self._products_by[field] = ReferenceBook()
            domain = [(field, "!=", False), *self.companies]
            for product in self.products.search_fetch(domain, [field]):
                book.add(product[field], product.id)
        return self._products_by[field]

    def company(self, column, name, matches):
        """Return the one active company among the matches, an empty record if there is no match, or raise ``Reject``.

        All contacts of a company may have its reference or its VAT number; these still mean the company.
        """
        companies = matches.filtered(lambda partner: partner.commercial_partner_id == partner)
        matches = companies or matches[:1]
        if len(matches) > 1:
            raise Reject("several", column, self._("Several customers match “%s”.", name))
        partner = matches
        if partner.commercial_partner_id != partner:
            raise Reject(
                "contact",
                column,
                self._(
                    "“%(name)s” is a contact of %(company)s: name the company.",
                    name=name,
                    company=partner.commercial_partner_id.sudo().display_name,
                ),
            )
        if partner and not partner.active:
            raise Reject("archived", column, self._("“%s” is archived. Unarchive it first.", name))
        return partner

    def one_product(self, column, name, matches):
        """Return the one product among the matches, or raise ``Reject``."""
        # A code may have been passed on from an archived product to its successor.
        matches = matches.filtered("active") or matches
        if not matches:
            raise Reject("not_found", column, self._("There is no product “%s”.", name))
        if len(matches) > 1:
            raise Reject(
                "several",
                column,
                self._("Several products are called “%s”: use the internal reference.", name),
            )
        return matches


class Names(Lookup):
    """The names of a delivery of usage, each looked up once and refused with a message if it cannot be resolved.

    :meth:`learn` looks up the names of a chunk of rows as a set; :meth:`customer` and :meth:`product` then return
    the id for a row. For a name without a match, with several matches or with an invalid match, a :class:`Reject` is
    kept and raised for each row with this name.
    """

    def __init__(self, env):
        super().__init__(env)
        self.own_only = not env.user.has_group("customer_success.group_success_user_all")
        self.uid = env.uid
        self.found = {}  # (column, name) -> id or Reject
        self.books = Books(self)
        # Translated once, because the lookup of a translation takes longer than the lookup of a name.
        self._two_customers = self._("The row names two different customers.")
        self._two_products = self._("The row names two different products.")

    def learn(self, customers, products):
        """Look up the names of a chunk of rows: ``customers`` and ``products`` are tuples of names."""
        self._learn(CUSTOMER, customers, self.partners, self._judge_customer)
        self._learn(PRODUCT, products, self.products, self._judge_product)
        # The results are kept as ids, because records would fill the memory over the chunks.
        self.partners.invalidate_model(flush=False)

    def customer(self, names):
        """Return the id of a row's customer, or raise ``Reject``; if it has several names, they must mean the same one."""
        return self._one(CUSTOMER, names, self._two_customers)

    def product(self, names):
        """Return the id of a row's product, or raise ``Reject``."""
        return self._one(PRODUCT, names, self._two_products)

    def _one(self, keys, names, differ):
        result = None
        for (column, _source), name in zip(keys, names):
            if name is None:
                continue
            found = self.found[column, name]
            if isinstance(found, Reject):
                raise found
            if result is not None and found != result:
                raise Reject("two_names", column, differ)
            result = found
        return result

    def _learn(self, keys, rows, records, judge):
        for place, (column, source) in enumerate(keys):
            new = {row[place] for row in rows if row[place] is not None}
            new = [name for name in new if (column, name) not in self.found]
            if not new:
                continue
            if not source:
                matches = self.by_external_id(records, new)
            elif records is self.products:
                matches = self.products_called(source, new)
            else:
                matches = self.companies_called(source, new, self.books)
            for name in new:
                try:
                    self.found[column, name] = judge(
                        column, name, matches.get(name, records.browse())
                    )
                except Reject as reject:
                    self.found[column, name] = reject

    def _judge_customer(self, column, name, matches):
        partner = self.company(column, name, matches)
        if not partner:
            raise Reject("not_found", column, self._("There is no customer “%s”.", name))
        if not partner.success_stage_id:
            raise Reject(
                "not_followed",
                column,
                self._(
                    "“%s” is not followed as a customer: give it an adoption stage first.", name
                ),
            )
        if partner.success_former_date:
            raise Reject(
                "former",
                column,
                self._(
                    "“%(name)s” is a former customer since %(date)s. A new renewal brings it back.",
                    name=name,
                    date=partner.success_former_date.isoformat(),
                ),
            )
        csm = partner.success_user_id
        if self.own_only and csm and csm.id != self.uid:
            raise Reject(
                "followed_by_another",
                column,
                self._("“%(name)s” is followed by %(csm)s.", name=name, csm=csm.sudo().name),
            )
        return partner.id

    def _judge_product(self, column, name, matches):
        return self.one_product(column, name, matches).id


class RecordNames(Names):
    """The names of rows that the system itself makes: their external ids are ids of the database."""

    def by_external_id(self, records, names):
        found = records.search_fetch(
            [("id", "in", [int(name) for name in names]), *self.companies], _JUDGED[records._name]
        )
        return {str(record.id): record for record in found}
