"""The creation of the customers and terms of a file: many alike are copied from two that the ORM created."""

from collections import Counter

from odoo.tools import split_every

from ...ingestion.stamp import CREATE_BATCH, Stamp

# The values of a customer that say only who it is.
CALLED = ("name", "ref", "vat")
# Terms with other values than these are created by the ORM: what follows from an outcome or a notice concerns more than them.
PLAIN = {
    "partner_id",
    "product_id",
    "company_id",
    "currency_id",
    "contract_number",
    "date_start",
    "date_renewal",
    "end_is_last_day",
    "date_notice",
    "notice_period",
    "notice_unit",
    "notice_to",
    "auto_renew",
    "price_rise",
    "annual_value",
    "seats",
    "outcome",
}
MONEY_AND_NAME = ("annual_value", "seats", "contract_number", "partner_id", "partner_name")
# What they check is about terms with an outcome, a notice, a previous or a main term.
INNOCENT = ("_check_previous", "_check_main", "_check_notice_reduces", "_check_outcome")


def create_customers(env, keep, vals_list):
    """Create customers, and call ``keep`` with records that were created; return them in the order of the values."""
    partners = env["res.partner"]

    def create(part):
        created = partners.create(part)
        keep(created)
        return created

    stamp = Stamp(partners, create, varying=CALLED, blank=("success_segment_id",))
    ids = stamp.make(vals_list)
    # The segment follows from filters that may ask for anything.
    env["customer.success.segment"]._assign(stamp.copied)
    env["customer.success.score.request"]._add(partners.browse(stamp.copied))
    return partners.browse(ids)


def create_terms(env, keep, vals_list, names):
    """Create terms as :func:`create_customers` does; ``names`` are those of customers that this part of the file created."""
    terms = env["customer.success.renewal"]

    def create(part):
        created = terms.create(part)
        keep(created)
        return created

    several = Counter((vals["partner_id"], vals.get("product_id")) for vals in vals_list)
    plain = [
        place
        for place, vals in enumerate(vals_list)
        if vals["partner_id"] in names
        and PLAIN.issuperset(vals)
        and vals.get("outcome", "pending") == "pending"
        and several[vals["partner_id"], vals.get("product_id")] == 1
    ]
    stamp = Stamp(terms, create, varying=MONEY_AND_NAME, settled=("company_id",), innocent=INNOCENT)
    chosen = [_plain_number(vals_list[place]) for place in plain]
    said = [
        dict(zip(("partner_name", "partner_company"), names[vals["partner_id"]])) for vals in chosen
    ]
    ids = dict(zip(plain, stamp.make(chosen, said)))
    if stamp.copied:
        env["customer.success.revenue.request"]._add({vals["partner_id"] for vals in chosen})
    rest = [place for place in range(len(vals_list)) if place not in ids]
    for part in split_every(CREATE_BATCH, rest, list):
        ids |= dict(zip(part, create([vals_list[place] for place in part]).ids))
    return terms.browse(ids[place] for place in range(len(vals_list)))


def _plain_number(vals):
    """Return values with the contract number as it is kept."""
    if not vals.get("contract_number"):
        return vals
    return {**vals, "contract_number": " ".join(vals["contract_number"].split())}
