from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

# Terms with the same of these are one term that was recorded twice. The contract number is compared as far as both have one.
SAME = (
    "product_id",
    "company_id",
    "currency_id",
    "date_start",
    "date_renewal",
    "annual_value",
    "seats",
    "outcome",
    "renewed_value",
    "renewed_seats",
    "notice_given_on",
    "notice_kind",
    "notice_value",
    "notice_seats",
    "auto_renew",
    "price_rise",
)
# What the term that stays takes over from the one that is folded into it, where it has none.
LINKS = ("previous_id", "main_id", "replaced_by_id")
TAKEN = (
    "contract_number",
    "buyer_id",
    "reason_id",
    "reason_note",
    "source_name",
    "source_values",
    "lead_id",
    "notice_period",
    "date_notice",
    "forecast",
)
FOLDS = "success_folds_terms"


class CustomerSuccessRenewal(models.Model):
    """Terms of customers that are merged: equal ones fold into one, and of those that overlap one is set aside, to be chosen.

    Otherwise both would count, and neither could be edited. The higher value counts until somebody chooses, so that a
    merge makes no loss smaller. What is set aside is archived with a link to the term that counts; the choice is in
    customer_success_renewal_choice.py.
    """

    _inherit = "customer.success.renewal"

    # Ranges are part of PostgreSQL, so that this needs no extension. A term without a number may be of any contract. It is
    # checked at the end of the transaction: until then `_check_overlap` says in words what is wrong.
    _pending_once = models.Constraint(
        """EXCLUDE USING gist (
            int4range(partner_id, partner_id, '[]') WITH &&,
            int4range(product_id, product_id, '[]') WITH &&,
            int4range(company_id, company_id, '[]') WITH &&,
            (CASE WHEN contract_number IS NULL THEN int8range(NULL, NULL)
                  ELSE int8range(hashtextextended(lower(contract_number), 0) / 2,
                                 hashtextextended(lower(contract_number), 0) / 2, '[]') END) WITH &&,
            daterange(COALESCE(date_start, date_renewal - 1), date_renewal) WITH &&)
        WHERE (active AND outcome = 'pending' AND product_id IS NOT NULL AND is_generated IS NOT TRUE)
        DEFERRABLE INITIALLY DEFERRED""",
        "The customer already has a pending term of this product at that time. If these are two contracts, give each its "
        "contract number.",
    )

    @api.model
    def _fold_for_merge(self, partners, dst):
        """Fold equal terms of customers that will be one, and set terms aside that would overlap.

        Called before the terms are moved. The terms of ``dst`` stay where the values are the same.
        """
        terms = self.sudo().search([("partner_id", "in", partners.ids)])
        places = defaultdict(list)
        for term in terms:
            places[term.product_id, term.company_id].append(term)
        for (product, _company), found in places.items():
            # Later terms first, so that a next term is folded before the one that it follows.
            found.sort(key=lambda term: (term.date_renewal, term.partner_id == dst), reverse=True)
            kept = []
            for term in found:
                same = next((other for other in kept if other._is_same_as(term)), None)
                if same:
                    same._fold(term)
                else:
                    kept.append(term)
            if product:
                terms.browse().union(*kept)._set_overlaps_aside()

    def _is_same_as(self, other):
        """Return True if two terms of two customers are one that was recorded twice."""
        self.ensure_one()
        if self.partner_id == other.partner_id or not self._may_be_of_one_contract(other):
            return False
        if self._amendments_said() != other._amendments_said():
            return False
        if self.buyer_id and other.buyer_id and self.buyer_id != other.buyer_id:
            return False  # two contracts, of two sellers
        return all(self[name] == other[name] or not (self[name] or other[name]) for name in SAME)

    def _amendments_said(self):
        lines = self.amendment_ids.filtered("active")
        return sorted((line.date, line.annual_value, line.seats) for line in lines)

    def _may_be_of_one_contract(self, other):
        """Return True if the numbers of two contracts do not tell them apart; in SQL, `scoring.terms.same_contract`."""
        one, two = self.contract_number, other.contract_number
        return not one or not two or one.lower() == two.lower()

    def _fold(self, gone):
        """Let this term take over all that belongs to ``gone``, which is the same, and delete that one."""
        self.ensure_one()
        self._fold_opportunities(gone)
        taken = {
            name: gone._fields[name].convert_to_write(gone[name], gone)
            for name in TAKEN
            if name in self._fields and name != "lead_id" and gone[name] and not self[name]
        }
        self._fold_parts(gone)
        # They are those of this term: an amendment is unique for a term and a day.
        self.env.execute_query(
            SQL(
                "DELETE FROM customer_success_renewal_amendment WHERE renewal_id = %s AND active RETURNING id",
                gone.id,
            )
        )
        if self.is_generated and not gone.is_generated:
            taken["is_generated"] = False
        if taken:
            # Before the add-ons and next terms of the other customer are those of this term.
            self.with_context(**{FOLDS: True}, tracking_disable=True).write(taken)
        terms = (self | gone).with_context(active_test=False)
        ours, theirs = (term.next_ids.filtered("is_generated") for term in terms)
        if ours and theirs:
            theirs.is_generated = False  # one of a term is; they are compared as others are
        self.env.flush_all()
        self._take_links(gone)
        merge = self.env["base.partner.merge.automatic.wizard"].sudo()
        merge._update_foreign_keys_generic(self._name, gone, self)
        merge._update_reference_fields_generic(self._name, gone, self)
        self.env.invalidate_all()
        gone.with_context(active_test=False).unlink()
        self.env.add_to_compute(self._fields["lead_id"], self)
        self.env.flush_all()

    def _take_links(self, gone):
        """Take over where ``gone`` stands among other terms, as far as this one has no such place.

        Those terms are still of the other customer, so that the ORM would refuse the links. They are written past it and
        move on with each term that is folded; `_settle_links` brings up to date what follows from them after the merge.
        """
        links = {
            name: gone[name].id
            for name in LINKS
            if gone[name] and gone[name] != self and not self[name]
        }
        if links.get("replaced_by_id"):
            links["replaced_told"] = gone.replaced_told
        if links:
            # The next term of a term is generated once, also for this moment.
            gone.previous_id = False
            gone.flush_recordset()
            sets = [SQL("%s = %s", SQL.identifier(name), id_) for name, id_ in links.items()]
            self.env.execute_query(
                SQL(
                    "UPDATE customer_success_renewal SET %s WHERE id = %s RETURNING id",
                    SQL(", ").join(sets),
                    self.id,
                )
            )

    def _fold_parts(self, gone):
        """Take over what is unique for a term, before everything else moves; higher wings extend it."""

    def _fold_opportunities(self, gone):
        """Let the opportunities of two terms that are one become one; the wing of sales does it."""

    def _set_overlaps_aside(self):
        """Set terms of several customers aside that overlap with one of a higher value, and ask which of them counts."""
        terms = self.filtered(lambda term: term.active and not term.is_generated)
        terms = terms.sorted(lambda term: (-term._value_in_company(), term.id))
        standing = terms.browse()
        for term in terms:
            other = standing.filtered(lambda one, term=term: one._overlaps_with(term))[:1]
            if not other:
                standing |= term
                continue
            term.write({"active": False, "counts_instead_id": other.id})
            term._put_away_made()
            other._ask_which_counts(term)
        # A next term that nobody has worked on gives way; of two such ones that are pending, one is asked about.
        made = self.filtered(lambda term: term.active and term.is_generated)
        for term in made.sorted(lambda term: (-term._value_in_company(), term.id)):
            other = standing.filtered(lambda one, term=term: one._overlaps_with(term))[:1]
            if not other:
                standing |= term
            elif not other.is_generated:
                term.active = False
            elif term.outcome == "pending":
                term.write({"active": False, "counts_instead_id": other.id})
                other._ask_which_counts(term)

    def _written(self, vals):
        """Let a term that takes over what it lacks from an equal one stand as it is: its next terms are folded, too."""
        return None if self.env.context.get(FOLDS) else super()._written(vals)

    def _value_in_company(self):
        factors = self.currency_id._success_factors(self.company_id, fields.Date.today())
        return self.counted_value * factors.get((self.company_id.id, self.currency_id.id), 0.0)

    def _overlaps_with(self, other):
        """Return True if two terms of one product of two customers overlap; the same rule as `_check_overlap`."""
        self.ensure_one()
        if self.partner_id == other.partner_id or not self._may_be_of_one_contract(other):
            return False
        return self._is_at_the_time_of(other)

    def _is_at_the_time_of(self, other):
        def begins(term):
            return term.date_start or fields.Date.subtract(term.date_renewal, days=1)

        return begins(other) < self.date_renewal and other.date_renewal > begins(self)

    @api.model
    def _follow_merge(self, customers):
        """Bring up to date what SQL moved past the ORM, and return the terms; higher wings extend it."""
        terms = self.sudo().with_context(active_test=False)
        terms = terms.search([("partner_id", "in", customers.ids)])
        self.env.add_to_compute(self._fields["name"], terms)
        terms._settle_links()
        return terms.exists()

    def _settle_links(self):
        """Bring up to date what follows from links that a merge has written past the ORM, and cut those that lead nowhere."""
        self.env.add_to_compute(self._fields["anchor_start"], self)
        self.env.add_to_compute(self._fields["anchor_end"], self)
        untouched = self.browse()
        for term in self:
            before, main, came = term.previous_id, term.main_id, term.replaced_by_id
            if before and (before == term or before.partner_id != term.partner_id):
                term.previous_id = False
            if main and (main in (term, main.main_id) or main.main_id or term.addon_ids):
                term.main_id = False
            elif main and term.outcome == "pending" and term._together() != main._together():
                term.main_id = main  # it ends together with it
            if came and came in term._may_be_replaced_by():
                made = (term.next_ids - came).filtered("is_generated")
                untouched |= made.filtered(lambda one: one._is_untouched())
            elif came:
                term._move_replacement(came.counts_instead_id)
        untouched.unlink()
