import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.chain import USUAL_MONTHS
from ...scoring.terms import STAYING
from ..common.money import Money

_logger = logging.getLogger(__name__)

BATCH = 500
# Terms that ended within this many months before the last one are what the customer was worth at last.
LAST_MONTHS = 12
# Set with the day since which a customer is a former one, and emptied with it.
LAST = ("success_former_reason_id", "success_former_value", "success_former_currency_id")

# The day on which the last of these customers' terms ends in churn, for each that has left or is about to leave. A term
# that is pending, that ended later in another way, or whose next term is not recorded and would still run keeps the
# customer, whatever product it is of, unless it is worth less than a thousandth of the term that was lost: nobody comes back
# for nothing. So does the use, after that day, of a product whose terms are not recorded.
# ``ending`` is the id of a term that is read as churned, or NULL.
_LEAVING = """
    SELECT partner_id, left_on
      FROM (SELECT partner_id,
                   max(date_renewal) FILTER (WHERE outcome = 'churned') AS left_on,
                   max(date_renewal) FILTER (WHERE outcome = ANY(%(staying)s) AND has_worth) AS stayed_on,
                   max(date_renewal + COALESCE(date_renewal - date_start, %(usual_days)s))
                       FILTER (WHERE outcome = ANY(%(staying)s) AND has_worth AND NOT is_followed) AS stays_until,
                   bool_or(outcome = 'pending' AND has_worth) AS is_pending
              FROM (SELECT partner_id, date_start, date_renewal,
                           CASE WHEN id = %(ending)s THEN 'churned' ELSE outcome END AS outcome,
                           NOT EXISTS (SELECT 1
                                         FROM customer_success_renewal lost
                                        WHERE lost.partner_id = renewal.partner_id
                                          AND lost.active
                                          AND lost.currency_id = renewal.currency_id
                                          AND (lost.outcome = 'churned' OR lost.id = %(ending)s)
                                          AND 1000 * GREATEST(renewal.annual_value, renewal.renewed_value, 0)
                                              < COALESCE(lost.counted_value, lost.annual_value)
                                      ) AS has_worth,
                           EXISTS (SELECT 1
                                     FROM customer_success_renewal later
                                    WHERE later.partner_id = renewal.partner_id
                                      AND later.active
                                      AND later.date_renewal > renewal.date_renewal
                                      AND (later.previous_id = renewal.id
                                           OR later.product_id IS NULL
                                           OR later.product_id = renewal.product_id)) AS is_followed
                      FROM customer_success_renewal renewal
                     WHERE active
                       AND partner_id IN (%(partners)s)) term
          GROUP BY partner_id) known
     WHERE left_on IS NOT NULL
       AND NOT is_pending
       AND COALESCE(stayed_on < left_on, TRUE)
       AND COALESCE(stays_until <= GREATEST(left_on, %(today)s), TRUE)
       AND NOT EXISTS (SELECT 1
                         FROM customer_success_usage used
                        WHERE used.partner_id = known.partner_id
                          AND used.date > left_on
                          AND used.active_users > 0
                          AND NOT EXISTS (SELECT 1
                                            FROM customer_success_renewal term
                                           WHERE term.partner_id = used.partner_id
                                             AND term.active
                                             AND (term.product_id IS NULL
                                                  OR term.product_id = used.product_id)))
"""


class ResPartner(models.Model):
    """A customer leaves with its last term: when it ended in churn, and no other term runs, is pending or ended later.

    This is the only way to become a former customer and to come back, so nobody takes a poor customer out of the averages
    without a loss on record. A term that ends in the future makes a former customer on that day, by the nightly job.
    """

    _inherit = "res.partner"

    success_former_reason_id = fields.Many2one(
        "customer.success.renewal.reason",
        "Reason for Leaving",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="customer_success.group_success_user",
    )
    success_former_value = Money(
        "Last Annual Value",
        currency_field="success_former_currency_id",
        readonly=True,
        copy=False,
        groups="customer_success.group_success_user",
        help="The annual value of the terms that ended in the last year as a customer, in the company's currency.",
    )
    success_former_currency_id = fields.Many2one(
        "res.currency",
        "Currency of the Last Value",
        readonly=True,
        copy=False,
        groups="customer_success.group_success_user",
        help="It is empty if a rate is missing, so that the last value is unknown.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_last(vals) for vals in vals_list])

    def write(self, vals):
        result = super().write(self._without_last(vals))
        if vals.get("success_stage_id"):
            # Who is followed again after its last term was lost is a former customer, whatever its stage.
            self._success_update_former()
        return result

    @api.model
    def _without_last(self, vals):
        """Return ``vals`` without what only the system sets."""
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in LAST}

    # ------------------------------------------------------------------------------------------
    # Who has left
    # ------------------------------------------------------------------------------------------

    @api.model
    def _success_leaving(self, partners, ending=None):
        """Return ``{id of a customer: day on which its last term ends}`` of those that left or are about to, by one query.

        ``partners`` is the SQL of their ids; ``ending`` is a term that is read as if it ended in churn.
        """
        self.env["customer.success.renewal"].flush_model()
        self.env["customer.success.usage"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    _LEAVING,
                    partners=partners,
                    ending=ending,
                    staying=list(STAYING),
                    usual_days=USUAL_MONTHS * 365 // 12,
                    today=fields.Date.context_today(self),
                )
            )
        )

    def _success_update_former(self, is_decided=False):
        """Make these customers former ones, or take them up again, as their terms say; correct what was kept of the last.

        ``is_decided`` says that an outcome was recorded, which may call off what was planned for a customer that leaves.

        This runs in sudo, because the terms of all companies and of all CSMs count.
        """
        customers = self.sudo().filtered("success_stage_id")
        if not customers:
            return
        today = fields.Date.context_today(self)
        leaving = self.sudo()._success_leaving(SQL("SELECT unnest(%s)", customers.ids))
        gone = customers.filtered(lambda c: c.id in leaving and leaving[c.id] <= today)
        if is_decided:
            customers.filtered(lambda c: c.id not in leaving)._success_cancel_steps()
        for customer in customers - gone:
            if customer.success_former_date:
                customer.write({"success_former_date": False, **dict.fromkeys(LAST, False)})
        if not gone:
            return
        last_terms = gone._success_last_terms(leaving)
        closing = gone.browse()
        for customer in gone:
            terms = last_terms[customer]
            is_new = not customer.success_former_date
            vals = {"success_former_date": leaving[customer.id], **customer._prepare_last(terms)}
            changes = {
                name: value
                for name, value in vals.items()
                if customer._fields[name].convert_to_cache(value, customer)
                != customer._fields[name].convert_to_cache(customer[name], customer)
            }
            if changes:
                customer.write(changes)
            if is_new and any(terms.mapped("closes_work")):
                closing |= customer
        closing._success_close_work()

    def _success_last_terms(self, leaving):
        """Return ``{customer: its churned terms of the last year}``, the latest first, by one query."""
        terms = self.env["customer.success.renewal"].search(
            [("partner_id", "in", self.ids), ("outcome", "=", "churned")],
            order="date_renewal desc, id desc",
        )
        by_customer = terms.grouped("partner_id")
        return {
            customer: by_customer.get(customer, terms.browse()).filtered(
                lambda term, last=leaving[customer.id]: (
                    fields.Date.subtract(last, months=LAST_MONTHS) < term.date_renewal <= last
                )
            )
            for customer in self
        }

    def _prepare_last(self, terms):
        """Return the reason of the last term, and the value of ``terms`` in the currency of the last one's company."""
        currency = terms[:1].company_id.currency_id
        amounts = [
            term.currency_id._success_convert(
                term.counted_value, currency, terms[:1].company_id, term.date_renewal
            )
            for term in terms
        ]
        is_known = None not in amounts
        return {
            "success_former_reason_id": terms[:1].reason_id.id,
            "success_former_value": sum(amounts) if is_known else 0.0,
            "success_former_currency_id": currency.id if is_known else False,
        }

    # ------------------------------------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_success_former(self):
        """Look, batch by batch, at the customers whose last term is over by now, and at former ones that are none."""
        self.env["customer.success.job"]._walk(
            self._success_former_due(), self._update_former_of, self._note_not_former, size=BATCH
        )

    @api.model
    def _success_former_due(self):
        """Return the customers whose state differs from what their terms say; one query."""
        today = fields.Date.context_today(self)
        with_churn = SQL(
            "SELECT partner_id FROM customer_success_renewal WHERE active AND outcome = 'churned'"
        )
        leaving = self.sudo()._success_leaving(with_churn)
        due = {id_ for id_, day in leaving.items() if day <= today}
        customers = self.sudo().with_context(active_test=False)
        known = {*customers.search([("success_former_date", "!=", False)]).ids}
        return customers.search(
            [("id", "in", sorted(due ^ known)), ("success_stage_id", "!=", False)], order="id"
        )

    @api.model
    def _update_former_of(self, customers):
        customers.exists()._success_update_former()

    @api.model
    def _note_not_former(self, customer, error):
        """Leave the state of this customer as it is; the next job tries it again."""
        _logger.warning("Customer %s could not be made a former one: %s", customer.id, error)
