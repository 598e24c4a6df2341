"""Find the customers and products that rows name, by set, and only those the user may see."""

from .reading import Reject

# What names a customer: field of the row -> field of the partner; ``None`` for the external id.
CUSTOMER = (("customer_external_id", None), ("customer_ref", "ref"), ("customer_vat", "vat"))
PRODUCT = (("product_external_id", None), ("product_code", "default_code"))

# What a match is judged by.
_JUDGED = {
    "res.partner": ["commercial_partner_id", "active", "success_stage_id", "success_user_id"],
    "product.product": ["active"],
}


class Names:
    """Looks up each name once; what it cannot resolve it says in words.

    :meth:`learn` looks up the names of a chunk of rows by set; :meth:`customer` and :meth:`product` then give
    the id for a row. A name that means nobody, or several, or somebody who takes no use, is kept as its
    :class:`Reject` and raised for each row that says it.
    """

    def __init__(self, env):
        self._ = env._
        self.partners = env["res.partner"].with_context(active_test=False)
        self.products = env["product.product"].with_context(active_test=False)
        self.data = env["ir.model.data"].sudo()
        # As the record rules of use say; those of partners also show a parent company's.
        self.companies = [("company_id", "in", [*env.companies.ids, False])]
        self.own_only = not env.user.has_group("customer_success.group_success_user_all")
        self.uid = env.uid
        self.found = {}  # (field of the row, name) -> id or Reject

    def learn(self, customers, products):
        """Look up the names of a chunk of rows: ``customers`` and ``products`` are tuples of names."""
        self._learn(CUSTOMER, customers, self.partners, self._judge_customer)
        self._learn(PRODUCT, products, self.products, self._judge_product)
        # What was looked up is kept as ids; the records would add up over the chunks.
        self.partners.invalidate_model(flush=False)

    def customer(self, names):
        """The id of the customer that a row names, or ``Reject``; several names must mean the same one."""
        return self._one(CUSTOMER, names, self._("The row names two different customers."))

    def product(self, names):
        """The id of the product that a row names, or ``Reject``."""
        return self._one(PRODUCT, names, self._("The row names two different products."))

    def _one(self, keys, names, differ):
        result = None
        for (field, _source), name in zip(keys, names):
            if name is None:
                continue
            found = self.found[field, name]
            if isinstance(found, Reject):
                raise found
            if result is not None and found != result:
                raise Reject(field, differ)
            result = found
        return result

    def _learn(self, keys, rows, records, judge):
        for place, (field, source) in enumerate(keys):
            new = {row[place] for row in rows if row[place] is not None}
            new = [name for name in new if (field, name) not in self.found]
            if not new:
                continue
            matches = (
                self._by_field(records, source, new)
                if source
                else self._by_external_id(records, new)
            )
            for name in new:
                try:
                    self.found[field, name] = judge(
                        field, name, matches.get(name, records.browse())
                    )
                except Reject as reject:
                    self.found[field, name] = reject

    def _by_field(self, records, source, names):
        """Records by the value of a field, ``{name: records}``; VAT numbers also without their spaces."""
        wanted = {}
        for name in names:
            spellings = {name}
            if source == "vat":
                spellings.add(name.replace(" ", "").replace(".", "").upper())
            for spelling in spellings:
                wanted.setdefault(spelling, []).append(name)
        found = records.search_fetch(
            [(source, "in", list(wanted)), *self.companies], [source, *_JUDGED[records._name]]
        )
        result = {}
        for record in found:
            for name in wanted.get(record[source], ()):
                result[name] = result.get(name, records.browse()) | record
        return result

    def _by_external_id(self, records, names):
        """Records by external id, ``{name: record}``; without a module's name, those of an import."""
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

    def _judge_customer(self, field, name, matches):
        # A VAT number is the same for all people of a company: it means the company.
        if field == "customer_vat":
            companies = matches.filtered(lambda p: p.commercial_partner_id == p)
            matches = companies or matches[:1]
        if not matches:
            raise Reject(field, self._("There is no customer “%s”.", name))
        if len(matches) > 1:
            raise Reject(field, self._("Several customers match “%s”.", name))
        partner = matches
        if partner.commercial_partner_id != partner:
            raise Reject(
                field,
                self._(
                    "“%(name)s” is a contact of %(company)s: name the company.",
                    name=name,
                    company=partner.commercial_partner_id.sudo().display_name,
                ),
            )
        if not partner.active:
            raise Reject(field, self._("“%s” is archived. Unarchive it first.", name))
        if not partner.success_stage_id:
            raise Reject(
                field,
                self._(
                    "“%s” is not followed as a customer: give it an adoption stage first.", name
                ),
            )
        csm = partner.success_user_id
        if self.own_only and csm and csm.id != self.uid:
            raise Reject(
                field, self._("“%(name)s” is followed by %(csm)s.", name=name, csm=csm.sudo().name)
            )
        return partner.id

    def _judge_product(self, field, name, matches):
        # A code may have moved on from a retired product to its successor.
        matches = matches.filtered("active") or matches
        if not matches:
            raise Reject(field, self._("There is no product “%s”.", name))
        if len(matches) > 1:
            raise Reject(field, self._("Several products have the reference “%s”.", name))
        return matches.id
