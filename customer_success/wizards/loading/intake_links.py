"""The terms that the rows of a file name beside their own: what took its place, and the main term of an add-on.

What is named must be there before: rows with such a link land after the others of the file, see :func:`in_order`.
"""

from datetime import date

from odoo.exceptions import UserError
from odoo.tools import groupby

from ...models.renewals.customer_success_renewal_replaced import NEAR_DAYS

LINKS = ("main_contract", "replaced_by")


def in_order(rows):
    """Return the rows in parts, each of which names only terms of former parts, or of other files.

    A product may be replaced by one that is replaced later: the later term lands first.
    """
    plain, linked = [], []
    for row in rows:
        renewal = row[1]["renewal"]
        (linked if any(name in renewal for name in LINKS) else plain).append(row)

    def place(row):
        renewal = row[1]["renewal"]
        return -(renewal["date_renewal"] - date.min).days if "replaced_by" in renewal else 1

    linked.sort(key=place)
    return [plain, *(part for _place, part in groupby(linked, place))]


def find_links(env, wanted, existing):
    """Set the main terms of the rows of ``wanted``, and the terms that took their place; raise UserError without one.

    Both are ``{key: term}``, where ``wanted`` has values.
    """
    for key, vals in wanted.items():
        said = {name: vals.pop(name) for name in LINKS if name in vals}
        if not said:
            continue
        near = [
            term
            for term in existing.values()
            if term.partner_id.id == vals["partner_id"]
            and term.company_id.id == vals["company_id"]
            and term != existing.get(key)
        ]
        if number := said.get("main_contract"):
            vals["main_id"] = _one(_mains(near, number), env, number).id
            _check_end(env, vals, near)
        if product_id := said.get("replaced_by"):
            name = env["product.product"].browse(product_id).display_name
            vals["replaced_by_id"] = _one(_came(near, product_id, vals), env, name).id


def _mains(terms, number):
    number = " ".join(number.split()).lower()
    found = [
        term
        for term in terms
        if term.active and not term.main_id and (term.contract_number or "").lower() == number
    ]
    return [term for term in found if term.outcome == "pending"] or found[-1:]


def _check_end(env, vals, terms):
    """Refuse an add-on that ends on another day than its main term, because the next load would not find it."""
    main = next(term for term in terms if term.id == vals["main_id"])
    if main.date_renewal != vals["date_renewal"]:
        raise UserError(
            env._(
                "An add-on ends with its main contract, on %s: write this day into “date_renewal”.",
                main.date_renewal.isoformat(),
            )
        )


def _came(terms, product_id, vals):
    return [
        term
        for term in terms
        if term.active
        and term.product_id.id == product_id
        and not term.main_id
        and term.date_start
        and abs((term.date_start - vals["date_renewal"]).days) <= NEAR_DAYS
    ]


def _one(found, env, name):
    if not found:
        raise UserError(
            env._(
                "There is no term of “%s” that fits: load its row before this one, or in the same file.",
                name,
            )
        )
    if len(found) > 1:
        raise UserError(env._("Several terms of “%s” fit. Choose one on the form.", name))
    return found[0]
