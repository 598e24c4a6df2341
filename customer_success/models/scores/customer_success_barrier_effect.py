from odoo import fields, models
from odoo.tools import SQL

from ...scoring.effect_events import IS_REMOVED
from ...scoring.followed import followed
from ...scoring.successors import KIN
from ..barriers.customer_success_barrier import SEVERITIES
from ..common.money import Money


class CustomerSuccessBarrierEffect(models.Model):
    """A barrier: the value at risk while it is open, and the use before and after its removal.

    What the removal did, compared with customers who kept such a barrier, is in ``customer.success.effect``.
    """

    _name = "customer.success.barrier.effect"
    _inherit = "customer.success.money"
    _description = "Effect of Barriers"
    _auto = False
    _order = "value_at_risk desc, id"
    _rec_name = "barrier_id"
    _depends = {
        "customer.success.barrier": [
            "state",
            "is_open",
            "area",
            "partner_id",
            "active",
            "use_at_removal",
        ],
        "customer.success.usage": ["adoption", "date", "partner_id", "product_id"],
        "product.product": ["success_successor_id", "success_replaced_date"],
        "res.partner": ["active", "success_former_date", "success_stage_id"],
    }

    barrier_id = fields.Many2one("customer.success.barrier", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "CSM", readonly=True)
    area = fields.Selection(
        selection=lambda self: self.env["customer.success.barrier"]._area_choices(), readonly=True
    )
    severity = fields.Selection(SEVERITIES, readonly=True)
    state = fields.Selection(
        selection=lambda self: self.env["customer.success.barrier"]._fields["state"].selection,
        readonly=True,
    )
    is_open = fields.Boolean("Open", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    value_at_risk = Money(
        readonly=True,
        help="The value at risk of the customer, divided equally among its open barriers, so that totals add up.",
    )
    people_affected = fields.Integer(readonly=True)
    days_open = fields.Integer(readonly=True, aggregator="avg")
    use_before = fields.Float("Adoption Rate at Removal %", readonly=True, aggregator="avg")
    use_after = fields.Float("Adoption Rate since Removal %", readonly=True, aggregator="avg")
    use_change = fields.Float("Adoption Rate Change (Points)", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            "WITH "
            + KIN.text().rstrip(",")
            + """
            SELECT barrier.id, barrier.id AS barrier_id, barrier.partner_id, partner.company_id,
                   partner.success_user_id AS user_id, barrier.area, barrier.severity, barrier.state,
                   barrier.is_open, score.currency_id,
                   CASE WHEN barrier.is_open THEN score.value_at_risk / open.barriers END AS value_at_risk,
                   barrier.people_affected,
                   COALESCE(barrier.date_removed, %(today)s) - barrier.date_opened AS days_open,
                   CASE WHEN after.use IS NOT NULL THEN barrier.use_at_removal END AS use_before,
                   CASE WHEN barrier.use_at_removal IS NOT NULL THEN after.use END AS use_after,
                   after.use - barrier.use_at_removal AS use_change
              FROM customer_success_barrier barrier
              JOIN res_partner partner ON partner.id = barrier.partner_id
         LEFT JOIN customer_success_score score ON score.partner_id = barrier.partner_id
         LEFT JOIN (SELECT partner_id, count(*) AS barriers
                      FROM customer_success_barrier
                     WHERE active
                       AND is_open
                  GROUP BY partner_id) open ON open.partner_id = barrier.partner_id
         LEFT JOIN LATERAL (
                   -- The use of the product goes on with that of its successor.
                   SELECT avg(adoption) AS use
                     FROM (SELECT max(usage.adoption) AS adoption
                             FROM customer_success_usage usage
                            WHERE %(is_removed)s
                              AND usage.partner_id = barrier.partner_id
                              AND (barrier.product_id IS NULL
                                   OR usage.product_id = barrier.product_id
                                   OR usage.product_id IN (SELECT successor_id
                                                             FROM kin
                                                            WHERE kin.product_id = barrier.product_id))
                              AND usage.date > barrier.date_removed
                         GROUP BY usage.date, usage.period, usage.source,
                                  CASE WHEN barrier.product_id IS NULL THEN usage.product_id END) known) after ON TRUE
             WHERE barrier.active
               AND %(followed)s
            """,
            is_removed=SQL(IS_REMOVED),
            followed=SQL(followed("partner")),
            today=fields.Date.today(),
        )
