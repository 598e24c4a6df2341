from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_date

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
CHOICE = "customer_success.mail_activity_type_term_choice"


class CustomerSuccessRenewal(models.Model):
    """Terms of customers that are merged: equal ones fold into one, and of those that overlap one is set aside, to be chosen.

    Otherwise both would count, and neither could be edited. The higher value counts until somebody chooses, so that a
    merge makes no loss smaller. What is set aside is archived with a link to the term that counts.
    """

    _inherit = "customer.success.renewal"

    counts_instead_id = fields.Many2one(
        "customer.success.renewal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Two customers were merged, and their terms overlap. This one counts until somebody chooses.",
    )
    set_aside_ids = fields.One2many(
        "customer.success.renewal",
        "counts_instead_id",
        context={"active_test": False},
        readonly=True,
    )

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
    def _machine_fields(self):
        return super()._machine_fields() | {"counts_instead_id"}

    def write(self, vals):
        """End the choice of terms that somebody activates again by hand."""
        if not vals.get("active") or "counts_instead_id" in vals:
            return super().write(vals)
        chosen = self.sudo().filtered("counts_instead_id")
        standing = chosen.counts_instead_id
        chosen.counts_instead_id = False
        result = super().write(vals)
        chosen._bring_made_back()
        standing._ask_again()
        return result

    # ------------------------------------------------------------------------------------------
    # The merge of customers
    # ------------------------------------------------------------------------------------------

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

    def _made_next(self):
        """Return the terms that were generated one after another from this one, also those that were put away."""
        found = self.browse()
        terms = self.sudo().with_context(active_test=False)
        while terms := terms.next_ids.filtered("is_generated") - found:
            found |= terms
        return found

    def _put_away_made(self):
        """Put the generated next terms away with the term that they follow."""
        self._made_next().filtered("active").active = False

    def _bring_made_back(self):
        """Let the generated next terms count again, as far as nobody has recorded another term for their time."""
        for term in self._made_next().filtered(lambda term: not term.active):
            if not term._shares_time_with():
                term.active = True

    def _shares_time_with(self):
        """Return the terms of the same product at this customer that count at the same time and may be of the same contract."""
        self.ensure_one()
        domain = [(name, "=", self[name].id) for name in ("partner_id", "product_id", "company_id")]
        return (self.search(domain) - self).filtered(
            lambda other: self._may_be_of_one_contract(other) and self._is_at_the_time_of(other)
        )

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

    def _ask_which_counts(self, aside):
        self.ensure_one()
        told = self._told_in()
        told.activity_unlink([CHOICE])
        told.activity_schedule(
            CHOICE,
            user_id=self._success_responsible().id,
            note=told.env._(
                "Two customers were merged, and both had a term of %(product)s: %(kept)s a year until %(end)s counts now; "
                "%(aside)s a year until %(other_end)s was set aside. Open the term and choose which one counts, or keep both as two "
                "contracts.",
                product=aside.product_id.name,
                kept=self.currency_id.format(self.annual_value),
                end=format_date(told.env, self.date_renewal),
                aside=aside.currency_id.format(aside.annual_value),
                other_end=format_date(told.env, aside.date_renewal),
            ),
        )

    # ------------------------------------------------------------------------------------------
    # The choice
    # ------------------------------------------------------------------------------------------

    def action_choose_term(self):
        """Open the dialog that chooses between this term and one that a merge of customers set aside."""
        self.ensure_one()
        kept = self.counts_instead_id or self
        aside = self if self.counts_instead_id else self.set_aside_ids[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which Term Counts?"),
            "res_model": "customer.success.term.choice",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_kept_id": kept.id, "default_aside_id": aside.id},
        }

    def _say_term(self):
        """Return the figures of a term in one line, to put it beside another one."""
        if not self:
            return False
        parts = [
            self.contract_number,
            self.currency_id.format(self.annual_value),
            self.seats and self._say_seats(self.seats),
            self.date_start and format_date(self.env, self.date_start),
            self.date_renewal and format_date(self.env, self.date_renewal),
            dict(self._fields["outcome"]._description_selection(self.env))[self.outcome],
            self.sudo().lead_id.name,
        ]
        return " · ".join(part for part in parts if part)

    def _swap_for(self, aside):
        """Let the term that was set aside count instead of this one, which is put away."""
        others = self.set_aside_ids - aside
        # Before this term is archived, as the opportunity of an archived term is lost.
        aside._fold_opportunities(self)
        replaced = self.replaced_ids
        self.write({"active": False, "counts_instead_id": False})
        self._put_away_made()
        aside.write({"active": True, "counts_instead_id": False})
        aside._bring_made_back()
        others.write({"counts_instead_id": aside.id})
        replaced._move_replacement(aside)
        aside._ask_again()
        self.previous_id = False
        self._message_log(
            body=self.env._("Put away, because another term counts: %s", aside.display_name)
        )

    def _drop_for(self, kept):
        """Put this term away for good, because the other one counts."""
        kept._fold_opportunities(self)
        self.write({"counts_instead_id": False})
        self._message_log(
            body=self.env._("Put away, because another term counts: %s", kept.display_name)
        )

    def _ask_again(self):
        """Ask about the next term that is set aside for this one, and end the question if nothing is left to choose."""
        for term in self:
            if term.active and term.set_aside_ids:
                term._ask_which_counts(term.set_aside_ids[:1])
            else:
                term.activity_unlink([CHOICE])

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
