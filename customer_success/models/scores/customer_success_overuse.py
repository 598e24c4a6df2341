from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...scoring.overuse import LASTING_MONTHS
from ..common.known_float import KnownFloat
from ..common.money import Money

# The days of a year by which a true-up is shared out.
YEAR_DAYS = 365


def true_up_rest_sql(overuse, renewal):
    """Return the SQL of the true-up until the renewal, from the aliases of the two tables.

    A term that begins later is sold then: the time until it begins is left.
    """
    return SQL(
        "(%(a_year)s * GREATEST(0, CASE WHEN %(start)s > %(today)s THEN %(start)s ELSE %(end)s END - %(today)s) / %(days)s)",
        a_year=SQL.identifier(overuse, "true_up"),
        start=SQL.identifier(renewal, "date_start"),
        end=SQL.identifier(renewal, "date_renewal"),
        today=fields.Date.today(),
        days=float(YEAR_DAYS),
    )


def true_up_sql(overuse, renewal):
    """Return the SQL of the true-up of a year at the renewal; a contract that ends by a notice is not renewed."""
    return SQL(
        "(CASE WHEN %s IS DISTINCT FROM 'end' THEN %s END)",
        SQL.identifier(renewal, "notice_kind"),
        SQL.identifier(overuse, "true_up"),
    )


class CustomerSuccessOveruse(models.Model):
    """Use above the licences: a contract with more active users than were paid for, since when, and what they would cost.

    It is an opportunity for sales and a matter to talk about; no score reads it. Only the scoring engine writes it, with
    the score of the customer. It is shown once it has lasted for some months, and is gone when use is within the licences.
    """

    _name = "customer.success.overuse"
    _inherit = "customer.success.money"
    _description = "Use above Licences"
    _log_access = False
    _order = "users_over desc, id"
    _rec_name = "product_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="cascade")
    renewal_id = fields.Many2one(
        "customer.success.renewal",
        index="btree_not_null",
        ondelete="cascade",
        help="The pending renewal of the contract; empty if there is none, or several whose seats are not counted.",
    )
    contract_number = fields.Char(related="renewal_id.contract_number")
    date_renewal = fields.Date(related="renewal_id.date_renewal", string="Renewal Date")
    company_id = fields.Many2one(related="partner_id.company_id")
    user_id = fields.Many2one(related="partner_id.success_user_id", string="CSM")
    salesperson_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    segment_id = fields.Many2one(related="partner_id.success_segment_id", string="Segment")
    date_since = fields.Date(
        "Above Since", help="The first day of the first month with more active users than licences."
    )
    date_found = fields.Date("Found On", help="The day on which the figures first said so.")
    months = fields.Integer(
        help="The months above the licences so far. Months that were above them a year ago as well, and passed, are a "
        "season and do not count.",
    )
    licences = KnownFloat(
        digits=(16, 0),
        help="The seats of the contract; the licences that were delivered if the contracts do not count seats.",
    )
    active_users = KnownFloat(
        digits=(16, 0), help="The active users of this contract, as last known."
    )
    users_over = fields.Integer("Users above Licences")
    users_coming = fields.Integer(
        "Being Bought",
        help="Seats that an amendment or a term brings soon; they are not counted as missing.",
    )
    is_contract = fields.Boolean("By the Contract", help="The seats of the contract are compared.")
    is_lasting = fields.Boolean(
        "Lasting", help=f"It has lasted for {LASTING_MONTHS} months, so people are told."
    )
    true_up = Money(
        "True-Up a Year",
        help="The price of the users above the licences for a year: annual value of the contract, divided by its seats. "
        "Unknown if the contract does not count seats.",
    )
    currency_id = fields.Many2one("res.currency")
    true_up_rest = Money(
        "True-Up until the Renewal",
        compute="_compute_true_up_rest",
        help="The true-up for the time that is left until the renewal.",
    )

    _line_uniq = models.UniqueIndex(
        "(partner_id, product_id, COALESCE(renewal_id, 0))", "A contract has one line."
    )

    @api.depends("true_up", "renewal_id.date_renewal", "renewal_id.date_start")
    def _compute_true_up_rest(self):
        today = fields.Date.today()
        for overuse in self:
            renewal = overuse.renewal_id.sudo()
            if not overuse.true_up or not renewal:
                overuse.true_up_rest = False
                continue
            start = renewal.date_start
            end = start if start and start > today else renewal.date_renewal
            left = max((end - today).days, 0)
            overuse.true_up_rest = overuse.currency_id.round(overuse.true_up * left / YEAR_DAYS)

    def action_open_customer(self):
        """Open the customer of a line; Odoo checks the access when it is read."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(self.env.ref("customer_success.res_partner_view_success_form").id, "form")],
        }

    def _say(self):
        """Return what is above the licences, as one sentence for attention, explanation and playbook."""
        self.ensure_one()
        values = {
            "product": self.product_id.sudo().with_context(display_default_code=False).display_name,
            "active": self.active_users,
            "licences": self.licences,
            "over": self.users_over,
            "since": format_date(self.env, self.date_since),
        }
        if self.users_coming:
            return self.env._(
                "%(product)s: %(active).0f users are active and %(licences).0f are licensed, since %(since)s; with the "
                "%(coming)d that are being bought, %(over)d are above the licences.",
                coming=self.users_coming,
                **values,
            )
        if not self.is_contract:
            return self.env._(
                "%(product)s: %(active).0f users are active and %(licences).0f licences were delivered, since %(since)s: "
                "%(over)d are above them. The contract counts no seats, so look up what was agreed.",
                **values,
            )
        return self.env._(
            "%(product)s: %(active).0f users are active and %(licences).0f are licensed, since %(since)s: %(over)d are "
            "above the licences.",
            **values,
        )

    def _say_money(self):
        """Return what the users above the licences would cost; empty if their price is unknown."""
        self.ensure_one()
        if not self.true_up:
            return ""
        rest = self.currency_id.format(self.true_up_rest)
        if self.renewal_id.sudo().notice_kind == "end":
            return self.env._(
                "True-up: %s until the end of the contract, of which notice was given.", rest
            )
        return self.env._(
            "True-up: %(rest)s until the renewal, %(year)s a year from then on.",
            rest=rest,
            year=self.currency_id.format(self.true_up),
        )

    def _say_all(self):
        """Return what is above the licences and what it would cost, as one text."""
        return " ".join(filter(None, (self._say(), self._say_money())))
