from odoo import api, models
from odoo.tools import SQL

from .customer_success_intended_use_approval import TARGETS


class CustomerSuccessIntendedUseChange(models.Model):
    """The changes of targets for all customers: whom they measure, and the days on which they began to count for them."""

    _inherit = "customer.success.intended.use.change"

    def _measured(self):
        customers = super()._measured()
        for change in self:
            if not change.partner_id:
                customers |= self._measured_by(change.product_id, change.target)
        return customers

    @api.model
    def _measured_by(self, product, target):
        """Return the customers whose use of a product is measured by its target for all customers, in sudo."""
        used = self.env["customer.success.usage"].sudo()
        users = used._read_group(
            [("product_id", "=", product.id), ("partner_id.success_is_followed", "=", True)],
            [],
            ["partner_id:recordset"],
        )[0][0]
        entries = self.env["customer.success.intended.use"].sudo()
        own = entries.search([("product_id", "=", product.id), ("partner_id", "in", users.ids)])
        return users - own.filtered(lambda use: use[target] is not False).partner_id

    @api.model
    def _log_setting(self, before, after):
        """Keep that the adoption target of the settings was changed."""
        self.sudo().create(
            {
                **self._entered(self.env["res.partner"], after < before, False, False),
                "target": "adoption",
                "old_value": before,
                "new_value": after,
                "value": after,
            }
        )

    @api.model
    def _lowered_of(self, partners, domain):
        """Add the changes for all customers to those of these customers alone."""
        usual = self.sudo().search(
            [
                ("partner_id", "=", False),
                ("state", "=", "approved"),
                ("direction", "=", "lowered"),
                *domain,
            ]
        )
        return super()._lowered_of(partners, domain) + usual._lowered_at(partners)

    def _lowered_at(self, partners):
        """Return ``[(customer's id, change)]`` for these changes for all, without customers who had a target of their own.

        A customer's own target is that of its latest change up to that day; without any change, that of its entry.
        """
        if not self or not partners:
            return []
        self.flush_model()
        self.env["customer.success.intended.use"].flush_model()
        self.env["customer.success.usage"].flush_model(["partner_id", "product_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH target AS (
                    SELECT entry.partner_id, entry.product_id, named.target
                      FROM customer_success_intended_use entry
                CROSS JOIN LATERAL (VALUES %(targets)s) named (target, value)
                     WHERE named.value IS NOT NULL)
                SELECT DISTINCT used.partner_id, change.id
                  FROM customer_success_intended_use_change change
                  JOIN customer_success_usage used
                    ON change.product_id = used.product_id OR change.product_id IS NULL
             LEFT JOIN LATERAL (
                       SELECT own.value IS NOT NULL AS is_set,
                              (own.effective_date, own.id) < (change.effective_date, change.id) AS is_before
                         FROM customer_success_intended_use_change own
                        WHERE own.partner_id = used.partner_id
                          AND own.product_id = used.product_id
                          AND own.target = change.target
                          AND own.state = 'approved'
                     ORDER BY is_before DESC, own.effective_date DESC, own.id DESC
                        LIMIT 1) latest ON TRUE
                 WHERE change.id = ANY(%(changes)s)
                   AND used.partner_id = ANY(%(partners)s)
                   AND NOT CASE WHEN latest.is_before IS NULL
                                THEN EXISTS (SELECT 1 FROM target
                                              WHERE target.partner_id = used.partner_id
                                                AND target.product_id = used.product_id
                                                AND target.target = change.target)
                                ELSE latest.is_before AND latest.is_set END
                   AND NOT (change.product_id IS NULL
                            AND EXISTS (SELECT 1 FROM target
                                         WHERE target.partner_id IS NULL
                                           AND target.product_id = used.product_id
                                           AND target.target = change.target))
              ORDER BY change.id DESC
                """,
                targets=SQL(", ").join(
                    SQL("(%s, entry.%s)", code, SQL.identifier(code)) for code in TARGETS
                ),
                changes=self.ids,
                partners=partners.ids,
            )
        )
        return [(partner_id, self.browse(change_id)) for partner_id, change_id in rows]
