"""Find the customers and products that rows name, by set, and only those that the user may see."""

from .reading import CUSTOMER_KEYS, PRODUCT_KEYS
from .rejections import Reject

# What names a customer in a row of use: column -> field of the partner; ``None`` for the external id.
CUSTOMER = tuple(zip(CUSTOMER_KEYS, (None, "ref", "vat")))
PRODUCT = tuple(zip(PRODUCT_KEYS, (None, "default_code")))

# What a match is judged by.
_JUDGED = {
    "res.partner": ["commercial_partner_id", "active", "success_stage_id", "success_user_id"],
    "product.product": ["active"],
}


def plain_vat(number):
    """Return a VAT number without the spaces and dots that people write it with.

    >>> plain_vat("be 0477.472.701")
    'BE0477472701'
    """
    return number.replace(" ", "").replace(".", "").upper()


class Lookup:
    """Looks names up by set, and judges what they mean: a company that is active, one product."""

    def __init__(self, env):
        self._ = env._
        self.partners = env["res.partner"].with_context(active_test=False)
        self.products = env["product.product"].with_context(active_test=False)
        self.data = env["ir.model.data"].sudo()
        # As the record rules of use say; those of partners also show a parent company's.
        self.companies = [("company_id", "in", [*env.companies.ids, False])]

    def by_field(self, records, source, names, domain=()):
        """Return records by the value of a field, ``{name: records}``; VAT numbers also without their spaces."""
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
        """Return records by external id, ``{name: record}``; without a module's name, those of an import."""
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

    def company(self, column, name, matches):
        """Return the one active company among the matches, an empty record if there is no match, or raise ``Reject``.

        A reference or a VAT number may stand with all people of a company: it means the company.
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
        # A code may have moved on from a retired product to its successor.
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
    """Looks up each name of a delivery of use once; what it cannot resolve it says in words.

    :meth:`learn` looks up the names of a chunk of rows by set; :meth:`customer` and :meth:`product` then give
    the id for a row. A name that means nobody, or several, or somebody who takes no use, is kept as its
    :class:`Reject` and raised for each row that says it.
    """

    def __init__(self, env):
        super().__init__(env)
        self.own_only = not env.user.has_group("customer_success.group_success_user_all")
        self.uid = env.uid
        self.found = {}  # (column, name) -> id or Reject
        # Said once: looking a translation up takes longer than looking a name up.
        self._two_customers = self._("The row names two different customers.")
        self._two_products = self._("The row names two different products.")

    def learn(self, customers, products):
        """Look up the names of a chunk of rows: ``customers`` and ``products`` are tuples of names."""
        self._learn(CUSTOMER, customers, self.partners, self._judge_customer)
        self._learn(PRODUCT, products, self.products, self._judge_product)
        # What was looked up is kept as ids; the records would add up over the chunks.
        self.partners.invalidate_model(flush=False)

    def customer(self, names):
        """Return the id of the customer that a row names, or raise ``Reject``; several names must mean the same one."""
        return self._one(CUSTOMER, names, self._two_customers)

    def product(self, names):
        """Return the id of the product that a row names, or raise ``Reject``."""
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
            matches = (
                self.by_field(records, source, new) if source else self.by_external_id(records, new)
            )
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
