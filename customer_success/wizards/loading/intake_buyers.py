"""The companies that buy for the customers of rows: found as the customers are, and never created by a row of another one."""

from ...ingestion.rejections import Reject
from .intake_customers import who
from .intake_reading import BUYER_COLUMNS

COLUMNS = {field: column for column, field in BUYER_COLUMNS.items()}


def find_buyers(loader, kept, found, new):
    """Return the rows whose buyer is known, their buyers by number, and ``(number, reject)`` of the others.

    ``found`` are the partners by field and text, ``new`` the customers that rows of the same set create: one of these may be a
    buyer, too. A buyer that is the customer of its row is said to be none.
    """
    left, buyers, rejects = [], {}, []
    for line in kept:
        number, parsed, target = line
        if parsed["buyer"]:
            try:
                buyer = _buyer(loader, parsed, found, new)
            except Reject as reject:
                rejects.append((number, reject))
                continue
            if who(buyer) != who(target):
                buyers[number] = buyer
            elif not isinstance(target, dict):
                parsed["renewal"]["buyer_id"] = False
        left.append(line)
    while gone := _without_row(left, buyers):
        rejects += [(number, _not_found(loader, parsed)) for number, parsed, _target in gone]
        left = [line for line in left if line not in gone]
    return left, buyers, rejects


def _without_row(left, buyers):
    """Return the rows whose buyer is a customer of a row that was refused, and so is not created."""
    there = {who(target) for _number, _parsed, target in left}
    return [
        line
        for line in left
        if isinstance(buyers.get(line[0]), dict) and who(buyers[line[0]]) not in there
    ]


def _said(parsed):
    """Return the field, the column and the text by which a row names its buyer."""
    field = next(one for one in ("ref", "vat", "name") if parsed["buyer"].get(one))
    return field, COLUMNS[field], parsed["buyer"][field]


def _not_found(loader, parsed):
    _field, column, name = _said(parsed)
    return Reject(
        "not_found",
        column,
        loader.env._(
            "There is no company “%s” that could buy. Create it first, or load it as a customer.",
            name,
        ),
    )


def _buyer(loader, parsed, found, new):
    field, column, name = _said(parsed)
    if matches := found[field].get(name):
        buyer = loader.lookup.company(column, name, matches)
        company = loader.env["res.company"].browse(parsed["renewal"]["company_id"])
        if buyer.company_id and buyer.company_id != company:
            raise Reject(
                "contradiction",
                column,
                loader.env._(
                    "“%(name)s” belongs to %(company)s.", name=name, company=buyer.company_id.name
                ),
            )
        return buyer
    targets = new.find(parsed["buyer"])
    if len(targets) > 1:
        raise Reject("several", column, loader.env._("Several customers match “%s”.", name))
    if not targets:
        raise _not_found(loader, parsed)
    return targets[0]
