from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...scoring.terms import STAYING, outcomes_of
from ..common.money import Money

# Another product takes the place of this one if it begins within so many days of the end.
NEAR_DAYS = 31
# What waits, with its link, until a new term is there.
ENDING = (
    "replaced_by_id",
    "outcome",
    "date_outcome",
    "renewed_value",
    "renewed_seats",
    "reason_id",
    "reason_note",
)
# What the value of a term is read from on the day on which it begins.
WORTH = {"annual_value", "currency_id", "date_start"}
# A change of these may end that a term takes the place of another one.
PLACE = {"active", "company_id", "date_start", "main_id", "partner_id", "product_id"}
# A term that may have taken the place of another one, by their aliases.
MAY_REPLACE = """
    came.partner_id = gone.partner_id
AND came.company_id = gone.company_id
AND came.id <> gone.id
AND came.active
AND came.main_id IS NULL
AND came.product_id IS DISTINCT FROM gone.product_id
AND (came.previous_id IS NULL OR came.id = gone.replaced_by_id OR came.previous_id = gone.id OR EXISTS (
        SELECT FROM customer_success_renewal other
         WHERE other.id = came.previous_id AND other.replaced_by_id = came.id))
AND came.date_start BETWEEN gone.date_renewal - %(near)s AND gone.date_renewal + %(near)s
"""


class CustomerSuccessRenewal(models.Model):
    """A term that another product took the place of: the customer stays, and the money of the two is compared.

    The term that came is then the next one of this term, as the next term of the same product would be. Several terms may
    be replaced by one; each then has its share of the value. Where one product ends in churn as another begins, the dialog
    asks, and lists show what nobody was asked about.
    """

    _inherit = "customer.success.renewal"

    replaced_by_id = fields.Many2one(
        "customer.success.renewal",
        index="btree_not_null",
        copy=False,
        tracking=True,
        check_company=True,
        help="The term of another product with which the customer goes on. It is no loss of this product then.",
    )
    replaced_ids = fields.One2many(
        "customer.success.renewal", "replaced_by_id", "Took the Place Of"
    )
    replaced_told = Money(
        readonly=True,
        copy=False,
        help="The value that the other term gave last. A renewed value that differs from it was entered, and stays.",
    )
    is_not_replaced = fields.Boolean(
        "Not Replaced",
        copy=False,
        help="Another product began when this one ended, and somebody said that it did not take its place.",
    )
    maybe_replaced = fields.Boolean(
        compute="_compute_maybe_replaced",
        search="_search_maybe_replaced",
        help="This product was lost as another one began. Say if that one took its place.",
    )

    @api.depends("outcome", "replaced_by_id", "is_not_replaced", "date_renewal", "product_id")
    def _compute_maybe_replaced(self):
        asked = self.browse(self._asked_if_replaced(self.ids)) if self.ids else self.browse()
        for term in self:
            term.maybe_replaced = term in asked

    def _search_maybe_replaced(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain("id", "in", self._asked_if_replaced())
        return domain if True in value else ~domain

    @api.model
    def _asked_if_replaced(self, ids=None):
        """Return the ids of lost terms of which nobody said if another product took their place; one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT gone.id
                  FROM customer_success_renewal gone
                 WHERE gone.active
                   AND gone.outcome = 'churned'
                   AND gone.is_not_replaced IS NOT TRUE
                   AND (%(ids)s::int[] IS NULL OR gone.id = ANY(%(ids)s::int[]))
                   AND EXISTS (SELECT FROM customer_success_renewal came WHERE %(may_replace)s)
                """,
                ids=ids,
                may_replace=SQL(MAY_REPLACE, near=NEAR_DAYS),
            )
        )
        return [id_ for (id_,) in rows]

    def _may_be_replaced_by(self):
        """Return the terms of other products that begin as this one ends, a named successor of the product first."""
        self.ensure_one()
        if not self.ids:
            return self.browse()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT came.id
                  FROM customer_success_renewal gone
                  JOIN customer_success_renewal came ON %(may_replace)s
             LEFT JOIN product_product product ON product.id = gone.product_id
                 WHERE gone.id = %(id)s
              ORDER BY came.product_id = product.success_successor_id DESC NULLS LAST,
                       abs(came.date_start - gone.date_renewal), came.annual_value DESC, came.id
                """,
                id=self._origin.id,
                may_replace=SQL(MAY_REPLACE, near=NEAR_DAYS),
            )
        )
        return self.browse([id_ for (id_,) in rows])

    @api.constrains("replaced_by_id", "partner_id", "product_id", "date_renewal")
    def _check_replaced_by(self):
        for term in self.filtered("replaced_by_id"):
            if term.sudo().replaced_by_id not in term.sudo()._may_be_replaced_by():
                raise ValidationError(
                    self.env._(
                        "%s: only a term of another product of the same customer that begins as this one ends takes its place.",
                        term.display_name,
                    )
                )

    # ------------------------------------------------------------------------------------------
    # What follows from it
    # ------------------------------------------------------------------------------------------

    @api.model
    def _machine_fields(self):
        return super()._machine_fields() | {"replaced_told"}

    @api.model_create_multi
    def create(self, vals_list):
        held = [
            {name: vals[name] for name in ENDING if name in vals}
            if vals.get("replaced_by_id")
            else {}
            for vals in vals_list
        ]
        terms = super().create(
            [
                {name: value for name, value in vals.items() if name not in back}
                for vals, back in zip(vals_list, held, strict=True)
            ]
        )
        for term, back in zip(terms, held, strict=True):
            if back:
                term.write(back)
        return terms

    def write(self, vals):
        if vals.get("replaced_by_id"):
            result = True
            for term in self:
                former = term.sudo().replaced_by_id
                if former.id != vals["replaced_by_id"]:
                    former._part_from(term.sudo())
                result = super(CustomerSuccessRenewal, term).write(term._with_replacement(vals))
                came = term.sudo().replaced_by_id
                # What was created before anybody knew of the other product gives way.
                for made in (term.sudo().next_ids - came).filtered("is_generated"):
                    if made._is_untouched():
                        made.unlink()
                term.sudo()._note_told(came)
                (came | former)._replaced_follow()
            return result
        lost = vals.get("outcome", "renewed") not in STAYING
        if not (lost or "replaced_by_id" in vals):
            result = super().write(vals)
            self._tell_replaced(vals)
            return result
        parted = [(term, term.replaced_by_id) for term in self.sudo() if term.replaced_by_id]
        if parted:
            vals = {**vals, "replaced_by_id": False}
            for _term, came in parted:
                came._part_from(self.sudo())
        result = super().write(vals)
        self._tell_replaced(vals)
        self.browse().union(*(came for _term, came in parted))._replaced_follow()
        return result

    def unlink(self):
        """Ask about the terms that these took the place of: the customer does not go on with them."""
        for came in self.sudo():
            (came.replaced_ids - self)._lose_replacement(came)
        return super().unlink()

    def _amended(self, before):
        result = super()._amended(before)
        self._replaced_follow()
        return result

    def _part_from(self, terms):
        """Be the next term of another one that this one took the place of, as it no longer is that of ``terms``."""
        if self.previous_id in terms:
            self.previous_id = (self.replaced_ids - terms)[:1]

    def _note_told(self, came):
        """Remember what ``came`` gives this term, to tell it from what a person enters."""
        try:
            self.replaced_told = self._worth_of(came, came.replaced_ids)
        except UserError:  # without a rate, the value was entered
            self.replaced_told = 0.0

    def _tell_replaced(self, vals):
        """Let the terms that these took the place of follow what was written here."""
        replaced = self.sudo().replaced_ids if vals.keys() & (PLACE | WORTH) else self.browse()
        if not replaced:
            return
        # Where a choice between merged terms puts this one away, its links move to the one that counts.
        if vals.keys() & PLACE and "counts_instead_id" not in vals:
            for came in replaced.replaced_by_id:
                came.replaced_ids.filtered(
                    lambda term, came=came: came not in term._may_be_replaced_by()
                )._lose_replacement(came)
        if vals.keys() & WORTH:
            self._replaced_follow()

    def _lose_replacement(self, came):
        """Take back that ``came`` took the place of these terms, and ask how they ended.

        A term that still runs is pending again. One that is over counts as lost until somebody says otherwise, so that no
        revenue is counted that nobody has.
        """
        today = fields.Date.context_today(self)
        running = self.filtered(lambda term: term.date_renewal >= today)
        for terms, outcome in ((running, "pending"), (self - running, "churned")):
            if terms:
                terms.write({"outcome": outcome})
        for term in self:
            told = term._told_in()
            told._ask_to_confirm(
                told.env._(
                    "“%s” had taken the place of this term, and no longer does. Say how this term ended, or what took its place.",
                    came.display_name,
                )
            )

    def _move_replacement(self, came):
        """Let ``came`` take the place of these terms instead of another one that was merged with it, or ask about them."""
        for term in self:
            if came in term._may_be_replaced_by():
                term.write({"replaced_by_id": came.id, **term._told_figures()})
            else:
                term._lose_replacement(term.replaced_by_id)

    def _told_figures(self):
        """Return the figures that a person entered, which stay with another replacement, or none."""
        return (
            {}
            if self._is_as_told()
            else {"outcome": self.outcome, "renewed_value": self.renewed_value}
        )

    def _is_as_told(self):
        self.ensure_one()
        return not self.currency_id.compare_amounts(self.renewed_value, self.replaced_told)

    def _with_replacement(self, vals):
        """Return ``vals`` with the outcome and the value that follow from the term that took the place of this one."""
        self.ensure_one()
        came = self.browse(vals["replaced_by_id"])
        vals = {**vals, "is_not_replaced": False}
        if vals.get("renewed_value") and vals.get("outcome") in STAYING:
            return vals
        value, seats = self._at_end(vals)
        worth = self._worth_of(came, self.sudo() | came.sudo().replaced_ids)
        return {
            **vals,
            # The seats of another product are not compared.
            "outcome": outcomes_of((value, 0), (worth, 0))[-1],
            "renewed_value": worth,
            "renewed_seats": seats,
        }

    def _worth_of(self, came, replaced):
        """Return the part of the value of ``came`` that belongs to this one of the terms that it replaced, in its currency.

        Raise UserError without an exchange rate, as nobody could say then what was kept.
        """
        self.ensure_one()
        came = came.sudo()
        day = min(came.date_start, fields.Date.context_today(self))
        worth = came.currency_id._success_convert(
            came._annual_value_on(came.date_start), self.currency_id, self.company_id, day
        )
        parts = {
            term.id: term.currency_id._success_convert(
                term._at_end()[0], self.currency_id, self.company_id, day
            )
            for term in replaced
        }
        if worth is None or None in parts.values():
            raise UserError(
                self.env._(
                    "%s: the values of the two terms cannot be compared, because an exchange rate is missing. Enter the rate first.",
                    self.display_name,
                )
            )
        total = sum(parts.values())
        share = parts[self.id] / total if total else 1 / len(parts)
        return self.currency_id.round(worth * share)

    def _replaced_follow(self):
        """Give the terms that these took the place of their shares as they are now; figures entered by a person stay."""
        for came in self.sudo():
            for term in came.replaced_ids:
                if term.replaced_by_id != came:
                    continue
                worth, (value, seats) = term._worth_of(came, came.replaced_ids), term._at_end()
                is_same = not term.currency_id.compare_amounts(worth, term.replaced_told)
                if is_same or not term._is_as_told():
                    continue
                if not (worth or seats):
                    term._lose_replacement(came)
                    continue
                term.write(
                    {
                        "outcome": outcomes_of((value, 0), (worth, 0))[-1],
                        "renewed_value": worth,
                        "renewed_seats": seats,
                        "replaced_told": worth,
                    }
                )
