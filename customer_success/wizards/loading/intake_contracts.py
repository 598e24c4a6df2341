"""The contracts that the rows of a file mean, if a customer has several of one product."""

from odoo.exceptions import UserError


def find_contracts(env, wanted, existing):
    """Add to ``existing`` the terms of rows whose number the term does not have yet, or that state no number.

    Both are ``{key: term}``, and the last part of a key is the number of the contract, in lower case. Raise UserError if a
    row without a number may mean several contracts.
    """
    by_term = {}
    for key, term in existing.items():
        by_term.setdefault(key[:-1], {})[key[-1]] = term
    for key in wanted:
        number, contracts = key[-1], by_term.get(key[:-1], {})
        if not contracts or number in contracts:
            continue
        unnumbered = (*key[:-1], False)
        if number and False in contracts:
            if unnumbered not in wanted:
                existing[key] = contracts.pop(False)
        elif not number and len(contracts) == 1:
            existing[key] = next(iter(contracts.values()))
        elif not number:
            raise UserError(
                env._(
                    "There are several contracts of this product with this renewal date. Add the column “contract_number”."
                )
            )


def keep_number(term, changes):
    """Return the changes of a term without its own number in upper or lower case."""
    number = changes.get("contract_number")
    if not number or number.lower() != (term.contract_number or "").lower():
        return changes
    return {name: value for name, value in changes.items() if name != "contract_number"}
