from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..common.money import Money


class MailActivity(models.Model):
    """An activity with its customer, its reason and the customer's value at risk."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "customer.success.money"]

    success_run_id = fields.Many2one(
        "customer.success.play.run",
        "Playbook Run",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )
    success_partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        compute="_compute_success_partner_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The company of the activity, which is planned on it, on one of its contacts or on a record of it.",
    )
    success_value_at_risk = Money(
        related="success_partner_id.success_value_at_risk",
        currency_field="success_currency_id",
        string="Value at Risk",
        groups="base.group_user",
    )
    success_currency_id = fields.Many2one(
        related="success_partner_id.success_currency_id",
        string="Currency of the Value at Risk",
        groups="base.group_user",
    )
    success_risk_band = fields.Selection(
        related="success_partner_id.success_risk_band",
        string="Churn Risk",
        groups="base.group_user",
    )
    success_reason = fields.Char(
        "Why Now", compute="_compute_success_reason", groups="base.group_user"
    )

    @api.depends("res_model", "res_id")
    def _compute_success_partner_id(self):
        """Set the company of each activity's record, with one or two queries for each model."""
        self.success_partner_id = False
        for model, activities in self.filtered("res_id").grouped("res_model").items():
            if model != "res.partner" and not self._is_success_record(model):
                continue
            records = self.env[model].sudo().browse(activities.mapped("res_id")).exists()
            partners = records if model == "res.partner" else records.partner_id
            partners.fetch(["commercial_partner_id"])
            customer = {
                record.id: (record if model == "res.partner" else record.partner_id)
                for record in records
            }
            for activity in activities:
                partner = customer.get(activity.res_id)
                activity.success_partner_id = partner and partner.commercial_partner_id

    @api.model
    def _is_success_record(self, model):
        return (
            model in self.env
            and model.startswith("customer.success.")
            and "partner_id" in self.env[model]._fields
        )

    @api.depends("success_run_id", "activity_type_id")
    @api.depends_context("lang")
    def _compute_success_reason(self):
        for activity in self:
            run = activity.sudo().success_run_id
            activity.success_reason = run.reason or activity.activity_type_id.name

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort customers without a known value at risk last."""
        if field_name == "success_value_at_risk" and not nulls:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    # ------------------------------------------------------------------------------------------
    # A run ends with its last step
    # ------------------------------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self.sudo().success_run_id._close_finished()
        return result

    def unlink(self):
        runs = self.sudo().success_run_id
        result = super().unlink()
        runs._close_finished()
        return result

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def action_success_done(self):
        """Open the dialog that asks for the outcome and marks the activity done."""
        self.ensure_one()
        self._check_success_done()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_outcome_action"
        )
        action["context"] = {"default_activity_id": self.id}
        return action

    def action_success_log(self):
        """Open a new conversation; logging it marks the activity done."""
        self.ensure_one()
        person = self.env[self.res_model].browse(self.res_id) if self.res_model else None
        customer = self.success_partner_id
        is_contact = self.res_model == "res.partner" and person != customer
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Conversation"),
            "res_model": "customer.success.interaction",
            "views": [(False, "form")],
            "context": {
                "default_partner_id": customer.id,
                "default_contact_ids": person.ids if is_contact else [],
                "default_activity_id": self.id,
            },
        }

    def action_success_open_customer(self):
        """Open the form of the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.success_partner_id.id,
            "views": [(False, "form")],
        }

    def _check_success_done(self):
        """Raise AccessError if the user is neither assigned to it nor follows the customer."""
        user = self.env.user
        if not user.has_group("customer_success.group_success_user"):
            raise AccessError(self.env._("Only the customer success team can record the outcome."))
        self.check_access("write")
        mine = self.env["res.partner"]._get_success_own_domain()
        for activity in self:
            whose = user | user.success_deputy_for_ids
            if activity.user_id not in whose and not activity.success_partner_id.filtered_domain(
                mine
            ):
                raise AccessError(
                    self.env._(
                        "“%(activity)s” is assigned to %(user)s. Only they, or who follows the customer, can mark it as done.",
                        activity=activity.display_name,
                        user=activity.user_id.name,
                    )
                )
