import logging
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring import pieces
from ..common.money import Money

_logger = logging.getLogger(__name__)

# Customers that are stored, or checked, in one statement.
BATCH = 5_000


class CustomerSuccessRevenuePiece(models.Model):
    """A part of a term with one value: from when, until when, how much a year, in the currency of the term.

    It is what ``scoring/pieces.py`` computes, stored so that reports over a whole book need not compute it on each look.
    Only the system writes it, always for all terms of a customer at once.
    """

    _name = "customer.success.revenue.piece"
    _inherit = "customer.success.money"
    _description = "Part of a Term with One Value"
    _log_access = False
    _rec_name = "renewal_id"

    renewal_id = fields.Many2one(
        "customer.success.renewal", "Term", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", required=True)
    product_id = fields.Many2one(
        "product.product",
        ondelete="cascade",
        index="btree_not_null",
        help="The product as which that of the term is read: the last successor that the customer has a term of.",
    )
    since = fields.Date(required=True)
    until = fields.Date("Until Before", required=True)
    value = Money("Annual Value", required=True)
    is_undecided = fields.Boolean("Due, Not Decided")
    opens = fields.Boolean("Changes on the First Day")
    closes = fields.Boolean("Changes on the Last Day")
    number = fields.Integer(
        required=True,
        aggregator=None,
        help="The time with recurring revenue that this is part of: 1 is the first, later ones are of customers who came back.",
    )
    present_since = fields.Date("With Revenue Since", required=True)
    present_until = fields.Date("With Revenue Until Before", required=True)

    _since_uniq = models.UniqueIndex("(renewal_id, since)", "The parts of a term do not overlap.")
    _opens_idx = models.Index("(since) WHERE opens")
    _closes_idx = models.Index("(until) WHERE closes")
    _used_idx = models.Index("(company_id, currency_id)")

    @api.model
    def _refresh(self, partner_ids):
        """Store these customers anew."""
        self.env.flush_all()
        for statement in (pieces.FORGET, pieces.STORE):
            self.env.cr.execute(statement, self._parameters(partner_ids))

    @api.model
    def _different(self, partner_ids):
        """Return the ids of those of these customers of whom something else is stored than is computed now."""
        self.env.flush_all()
        self.env.cr.execute(pieces.DIFFERENT, self._parameters(partner_ids))
        return [partner_id for (partner_id,) in self.env.cr.fetchall()]

    @api.model
    def _forget(self, partner_ids):
        """Delete what is stored of these customers, and compute them on each look until the job has stored them anew."""
        self.env.cr.execute(pieces.FORGET, self._parameters(partner_ids))
        self.env["customer.success.revenue.request"]._add(partner_ids)

    @api.model
    def _parameters(self, partner_ids):
        return {"ids": list(partner_ids), "today": fields.Date.today()}

    # ------------------------------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Store the customers anew of whom a term changed, batch by batch."""
        requests = self.env["customer.success.revenue.request"]
        job, commit = self.env["customer.success.job"], self.env["ir.cron"]._commit_progress
        commit(remaining=requests.search_count([]))
        while job._try_again(partial(self._refresh_next, requests)):
            if not commit(1, remaining=requests.search_count([])):
                return
        commit(remaining=0)

    @api.model
    def _refresh_next(self, requests):
        partner_ids = requests._claim(BATCH)
        self.env["customer.success.job"]._halve(partner_ids, self._refresh, self._note_failed)
        return bool(partner_ids)

    @api.model
    def _cron_check(self):
        """Compare all customers with what is stored of them, and store anew those who differ."""
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM customer_success_renewal"
                " UNION SELECT partner_id FROM customer_success_revenue_piece ORDER BY 1"
            )
        )
        self.env["customer.success.job"]._walk(
            [partner_id for (partner_id,) in rows],
            self._heal,
            self._note_failed,
            size=BATCH,
            bookmark="revenue",
        )

    @api.model
    def _heal(self, partner_ids):
        """Store those of these customers anew who differ from what is stored, and say so if nobody asked for it."""
        different = self._different(partner_ids)
        if not different:
            return
        self._refresh(different)
        asked = self.env["customer.success.revenue.request"]._asked_of(different)
        if unasked := set(different) - asked:
            _logger.info("The revenue of %d customers was stored anew.", len(unasked))

    @api.model
    def _note_failed(self, partner_id, error):
        """Leave what is stored of this customer as it is; the next night tries again."""
        _logger.warning("The revenue of customer %s could not be stored: %s", partner_id, error)
