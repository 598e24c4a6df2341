import logging

from odoo import api, fields, models

from ...scoring import tenure
from ...scoring.use import Reading
from ..common.known_float import KnownFloat
from .customer_success_year import VERDICTS

_logger = logging.getLogger(__name__)

# Customers that one statement computes; a change of a target computes no more than these at once.
BATCH = 5_000
SOURCES = [
    ("entered", "Entered"),
    ("term", "First Contract Term"),
    ("won", "First Won Opportunity"),
    ("live", "Go-Live"),
]


def _rate(label, **more):
    return KnownFloat(label, readonly=True, digits=(5, 1), **more)


class CustomerSuccessTenure(models.Model):
    """The time of a customer with us, one row each: since when, with which adoption rate it began, and what it kept.

    Only the job writes it, a few minutes after a fact changed and each night (:mod:`~.scoring.tenure`).
    """

    _name = "customer.success.tenure"
    _description = "Time as a Customer"
    _log_access = False
    _order = "date_since, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    segment_id = fields.Many2one(related="partner_id.success_segment_id")
    csm_id = fields.Many2one(related="partner_id.success_user_id")
    stage_id = fields.Many2one(related="partner_id.success_stage_id")
    date_live = fields.Date(related="partner_id.success_live_date", string="Live Since")
    year_live = fields.Integer(related="partner_id.success_year_live", string="Year after Go-Live")
    date_since = fields.Date("Customer Since", readonly=True)
    since_source = fields.Selection(SOURCES, "Known By", readonly=True)
    days_to_adoption = KnownFloat(
        "Time to Target Adoption (Days)",
        readonly=True,
        digits=(16, 0),
        help="The days from go-live to the first month in which the adoption rate over all products reached its target.",
    )
    reached_adoption = _rate(
        "Reached Target Adoption %",
        help="100 for a customer that reached its target adoption, 0 for one that has not yet, unknown without figures of "
        "use since go-live. An average time says little without the share of customers that got there.",
    )
    adoption_purchase = _rate("Adoption Rate at Purchase %")
    adoption_live = _rate("Adoption Rate at Go-Live %")
    adoption_plan = _rate("Adoption Rate at Start of Plan %")
    gain_purchase = _rate("Adoption Gained since Purchase (Points)")
    gain_live = _rate("Adoption Gained since Go-Live (Points)")
    gain_plan = _rate("Adoption Gained since Start of Plan (Points)")
    sustain = _rate("Use Kept %")
    sustain_first = _rate("Use Kept since First Year %")
    verdict = fields.Selection(VERDICTS, "Year Compared with Targets", readonly=True)

    _partner_uniq = models.UniqueIndex("(partner_id)", "A customer has one row.")

    # ------------------------------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------------------------------

    @api.model
    def _since_sources(self):
        """Return the SQL of each source that says since when a company is a customer; wings above add theirs."""
        return [tenure.SINCE_TERM, tenure.SINCE_LIVE]

    @api.model
    def _refresh(self, scope):
        """Compute these customers; ``scope`` is a list of ids, or a tuple of the first and the last id of a range."""
        self.env.flush_all()
        rules = self.env["customer.success.score"]._rules()
        reading = Reading(rules.adoption_target, rules.ramp_months, rules.usage_fresh_days)
        written = tenure.refresh(
            self.env.cr, scope, reading, self._since_sources(), fields.Date.today()
        )
        if written:
            self.env.invalidate_all(flush=False)
        return written

    @api.model
    def _refresh_some(self, partner_ids):
        """Compute these customers; step over one that cannot be computed."""
        self.env["customer.success.job"]._halve(
            list(partner_ids), self._refresh, self._note_not_refreshed
        )

    @api.model
    def _customer_ids(self):
        self.env.cr.execute(
            "SELECT id FROM res_partner"
            " WHERE success_stage_id IS NOT NULL AND success_former_date IS NULL ORDER BY id"
        )
        return [id_ for (id_,) in self.env.cr.fetchall()]

    @api.model
    def _refresh_all(self):
        """Compute all customers at once if one statement is enough; else wake the job."""
        self.env.flush_all()
        ids = self._customer_ids()
        if len(ids) <= BATCH:
            self._refresh_some(ids)
        else:
            self.env.ref("customer_success.ir_cron_years").sudo()._trigger()

    @api.model
    def _cron_refresh(self):
        """Compute all customers, range by range, and commit each range."""
        self.env["customer.success.job"]._walk(
            self._customer_ids(),
            lambda ids: self._refresh((ids[0], ids[-1])),
            self._note_not_refreshed,
            size=BATCH,
            bookmark="years",
        )

    @api.model
    def _note_not_refreshed(self, partner_id, error):
        """Leave the years of this customer as they are; the next night computes them again."""
        _logger.warning("The years of customer %s could not be computed: %s", partner_id, error)

    def action_open_customer(self):
        """Open the customer of this row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(self.env.ref("customer_success.res_partner_view_success_form").id, "form")],
        }
