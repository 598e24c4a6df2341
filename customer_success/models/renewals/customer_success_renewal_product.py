from odoo import api, fields, models

from ...scoring.chain import add_months
from .customer_success_renewal_terms import PERIOD

# Who says one of these says the notice of the term.
NOTICE = {"date_notice", "notice_is_by_hand", *PERIOD}


class CustomerSuccessRenewal(models.Model):
    """The terms that a new renewal takes over from its product where nothing else is said: notice, and renewing by itself.

    The terms that follow another one, and add-ons, have theirs from it. A term whose day for notice is over does not
    renew itself by default: that nobody gave notice is then an outcome, which a person records.
    """

    _inherit = "customer.success.renewal"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**self._usual_terms(vals), **vals} for vals in vals_list])

    @api.onchange("product_id")
    def _onchange_product_id(self):
        """Take over the terms of the product while the term is new."""
        if not self.product_id or self._origin or self.main_id or self.previous_id:
            return
        product = self.product_id.sudo()
        self.auto_renew = product.success_auto_renew
        if product.success_notice_period and not (self.notice_period or self.date_notice):
            self.update(_notice_of(product))

    @api.onchange("product_id", "date_start")
    def _onchange_usual_end(self):
        """Propose the end of a new term from its start and the usual length."""
        months = self.product_id.sudo().success_term_months
        if months and self.date_start and not (self._origin or self.main_id or self.date_renewal):
            self.date_renewal = add_months(self.date_start, months)

    @api.model
    def _usual_terms(self, vals):
        """Return the values that a new term has from its product, without those that ``vals`` say."""
        product = self.env["product.product"].sudo().browse(vals.get("product_id") or [])
        follows = vals.get("main_id") or vals.get("previous_id")
        if not product or follows or vals.get("outcome", "pending") != "pending":
            return {}
        said = {}
        if product.success_notice_period and NOTICE.isdisjoint(vals):
            said |= _notice_of(product)
        if product.success_auto_renew and "auto_renew" not in vals:
            today = fields.Date.context_today(self)
            term = self.sudo().new({**vals, **said})
            said["auto_renew"] = bool(term.date_renewal and term._renews_on() > today)
        return said


def _notice_of(product):
    return {
        "notice_period": product.success_notice_period,
        "notice_unit": product.success_notice_unit or "months",
    }
