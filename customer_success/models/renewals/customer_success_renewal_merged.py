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
TAKEN = (
    "contract_number",
    "previous_id",
    "main_id",
    "replaced_by_id",
    "reason_id",
    "reason_note",
    "source_name",
    "source_values",
    "lead_id",
    "notice_period",
    "date_notice",
    "forecast",
)


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
        if vals.get("active") and "counts_instead_id" not in vals:
            self.sudo().filtered("counts_instead_id").counts_instead_id = False
        return super().write(vals)

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
        if taken.get("previous_id") == self.id or taken.get("main_id") == self.id:
            taken = {k: v for k, v in taken.items() if k not in ("previous_id", "main_id")}
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
        self.env.flush_all()
        merge = self.env["base.partner.merge.automatic.wizard"].sudo()
        merge._update_foreign_keys_generic(self._name, gone, self)
        merge._update_reference_fields_generic(self._name, gone, self)
        self.env.invalidate_all()
        gone.with_context(active_test=False).unlink()
        self.env.add_to_compute(self._fields["lead_id"], self)
        if taken:
            self.with_context(tracking_disable=True).write(taken)
        self.env.flush_all()

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
            other._ask_which_counts(term)
        # A next term that nobody has worked on gives way.
        for made in self.filtered(lambda term: term.active and term.is_generated):
            if standing.filtered(lambda one, made=made: one._overlaps_with(made)):
                made.active = False

    def _value_in_company(self):
        factors = self.currency_id._success_factors(self.company_id, fields.Date.today())
        return self.counted_value * factors.get((self.company_id.id, self.currency_id.id), 0.0)

    def _overlaps_with(self, other):
        """Return True if two terms of one product of two customers overlap; the same rule as `_check_overlap`."""
        self.ensure_one()
        if self.partner_id == other.partner_id or not self._may_be_of_one_contract(other):
            return False

        def begins(term):
            return term.date_start or fields.Date.subtract(term.date_renewal, days=1)

        return begins(other) < self.date_renewal and other.date_renewal > begins(self)

    def _ask_which_counts(self, aside):
        self.ensure_one()
        told = self._told_in()
        told._ask_to_confirm(
            told.env._(
                "Two customers were merged, and both had a term of %(product)s: %(kept)s a year until %(end)s counts now; "
                "%(aside)s a year until %(other_end)s was set aside. Open the term and choose which one counts, or keep both as two "
                "contracts.",
                product=aside.product_id.name,
                kept=self.currency_id.format(self.annual_value),
                end=format_date(told.env, self.date_renewal),
                aside=aside.currency_id.format(aside.annual_value),
                other_end=format_date(told.env, aside.date_renewal),
            )
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
        self.active = False
        aside.write({"active": True, "counts_instead_id": False})
        others.write({"counts_instead_id": aside.id})
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

    def _chosen(self):
        """End the question about this term if nothing is left to choose."""
        if not self.set_aside_ids:
            self.activity_unlink(["customer_success.mail_activity_type_renewal_confirm"])

    @api.model
    def _follow_merge(self, customers):
        """Bring up to date what SQL moved past the ORM, and return the terms; higher wings extend it."""
        terms = self.sudo().with_context(active_test=False)
        terms = terms.search([("partner_id", "in", customers.ids)])
        self.env.add_to_compute(self._fields["name"], terms)
        return terms
