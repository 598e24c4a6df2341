from odoo import fields, models

from ..common.known_float import KnownFloat


class CustomerSuccessBarrierSearch(models.Model):
    """One search for barriers at a customer: its day, who searched, how far it reached and what was found.

    The dialog that searches adds it; nobody changes it.
    """

    _name = "customer.success.barrier.search"
    _description = "Search for Barriers at a Customer"
    _order = "date desc, id desc"
    _rec_name = "date"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Searched By", readonly=True, ondelete="set null")
    people_asked = fields.Integer(
        readonly=True, help="How many people who work with the product were asked."
    )
    areas_share = KnownFloat(
        "Areas Gone Through %",
        digits=(5, 1),
        readonly=True,
        help="The percentage of the areas that the search went through.",
    )
    barrier_ids = fields.One2many("customer.success.barrier", "search_id", "Barriers Found")
    found = fields.Integer("Number Found", readonly=True)
