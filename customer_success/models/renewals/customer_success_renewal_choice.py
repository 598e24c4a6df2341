from odoo import api, fields, models
from odoo.tools import format_date

CHOICE = "customer_success.mail_activity_type_term_choice"


class CustomerSuccessRenewal(models.Model):
    """The choice between terms of merged customers that overlap: one counts, and the other one is set aside with what follows it."""

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

    # ------------------------------------------------------------------------------------------
    # The question, and its answer
    # ------------------------------------------------------------------------------------------

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
