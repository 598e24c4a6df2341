from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.money import Money
from .customer_success_overuse import true_up_rest_sql, true_up_sql


class CustomerSuccessRenewal(models.Model):
    """The use above the licences of a contract, and its true-up: an amount of its own, in no value of the renewal."""

    _inherit = "customer.success.renewal"

    overuse_id = fields.Many2one(
        "customer.success.overuse",
        "Use above Licences",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    users_over = fields.Integer(related="overuse_id.users_over", string="Users above Licences")
    over_since = fields.Date(related="overuse_id.date_since", string="Above Licences Since")
    true_up = Money(
        "True-Up a Year",
        compute="_compute_true_up",
        compute_sudo=True,
        help="The price of the users above the licences for a year from the renewal. It is in no other amount.",
    )
    true_up_rest = Money(
        "True-Up until the Renewal",
        compute="_compute_true_up",
        compute_sudo=True,
        help="The price of the users above the licences for the time until the renewal.",
    )
    overuse_said = fields.Char(
        "About Use above Licences", compute="_compute_overuse_said", compute_sudo=True
    )

    @api.depends("overuse_id.true_up", "notice_kind", "date_renewal", "date_start")
    def _compute_true_up(self):
        for renewal in self:
            overuse = renewal.overuse_id
            ends = renewal.notice_kind == "end"
            renewal.true_up = overuse.true_up if overuse and not ends else False
            renewal.true_up_rest = overuse.true_up_rest

    @api.depends("overuse_id", "true_up", "true_up_rest")
    @api.depends_context("lang")
    def _compute_overuse_said(self):
        for renewal in self:
            renewal.overuse_said = renewal.overuse_id._say_all() if renewal.overuse_id else False

    def _field_to_sql(self, alias, field_expr, query=None):
        amounts = {"true_up": true_up_sql, "true_up_rest": true_up_rest_sql}
        if field_expr not in amounts:
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "(SELECT %s FROM customer_success_overuse overuse WHERE overuse.id = %s)",
            amounts[field_expr]("overuse", alias),
            self._field_to_sql(alias, "overuse_id", query),
        )

    def write(self, vals):
        if "seats" in vals and not self.env.su:
            self.check_access("write")
            for renewal in self:
                renewal._check_given_seats(vals)
        return super().write(vals)

    def _check_given_seats(self, vals):
        """Refuse to hide use above the licences by seats that nobody bought; a manager may correct them."""
        overuse = self.sudo().overuse_id
        seats = self._fields["seats"].convert_to_cache(vals["seats"], self) or 0
        value = float(vals.get("annual_value", self.annual_value) or 0)
        is_given = (not seats or seats > self.seats) and value <= self.annual_value
        if not overuse or not is_given or self._is_slip():
            return
        if not self.env.user._success_decides_on(self.partner_id):
            raise UserError(
                self.env._(
                    "“%(term)s”: %(active).0f users are active and %(licences).0f are licensed. Record further seats as an amendment, "
                    "with their value, or ask a manager to correct the seats.",
                    term=self.display_name,
                    active=overuse.active_users,
                    licences=overuse.licences,
                )
            )

    @api.model
    def _machine_fields(self):
        # A person who could link another contract's use would see it.
        return super()._machine_fields() | {"overuse_id"}
