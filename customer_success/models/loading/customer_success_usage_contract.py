from psycopg2.extras import Json

from odoo import fields, models
from odoo.exceptions import UserError

from ..renewals.customer_success_usage_contract import COUNTS


class CustomerSuccessUsageContract(models.Model):
    """The parts of measured use are measured, too: who is rated by them does not move users from contract to contract."""

    _inherit = "customer.success.usage.contract"

    delivery_id = fields.Many2one(
        "customer.success.usage.delivery",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The delivery that last changed this part; empty if it was entered by hand.",
    )

    former = fields.Json(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What the part was before each delivery that changed it, the earliest first.",
    )

    def _keep_former(self, delivery):
        """Return the values that say that ``delivery`` changes this part, and what stood there before."""
        was = {"by": delivery.id, "delivery_id": self.delivery_id.id or None}
        was |= {name: None if self[name] is False else self[name] for name in COUNTS}
        return {"delivery_id": delivery.id, "former": [*(self.former or []), was]}

    def _give_back(self, deliveries):
        """Give the parts back what stood there before these deliveries, and delete those that they created."""
        created, restored = [], []
        for part in self:
            said = part.former or []
            at = next((n for n, was in enumerate(said) if was["by"] in deliveries.ids), None)
            if at is None:
                created.append(part.id)
                continue
            was = said[at]
            source = self.env["customer.success.usage.delivery"].browse(was["delivery_id"]).exists()
            restored.append(
                (part.id, *(was[name] for name in COUNTS), source.id or None, Json(said[:at]))
            )
        cr = self.env.cr
        self.env.flush_all()
        # The total goes back by itself, so the parts are not added up.
        cr.execute("DELETE FROM customer_success_usage_contract WHERE id = ANY(%s)", [created])
        if restored:
            cr.execute_values(
                """
            UPDATE customer_success_usage_contract part
               SET licensed_users = was.licensed::numeric, active_users = was.active::numeric,
                   delivery_id = was.delivery::int, former = was.former::jsonb
              FROM (VALUES %s) AS was (id, licensed, active, delivery, former)
             WHERE part.id = was.id
            """,
                restored,
            )
        self.env.invalidate_all(flush=False)

    def _keeps_total(self, deliveries):
        """Return whether the users of these parts add up to the same number if the deliveries are taken back."""
        before = dict.fromkeys(COUNTS, 0)
        for part in self:
            said = [was for was in part.former or [] if was["by"] in deliveries.ids]
            for name in COUNTS if said else ():
                before[name] += said[0][name] or 0
        return all(before[name] == sum(part[name] or 0 for part in self) for name in COUNTS)

    def _check_entered(self):
        result = super()._check_entered()
        if self.env.su:
            return result
        for usage in self.usage_id.filtered(lambda usage: usage.source == "measured"):
            if self.env.user._success_decides_on(usage.partner_id):
                continue
            usage._check_brought()
            if not usage._is_own_slip():
                raise UserError(
                    self.env._(
                        "“%s”: deliver the measured figures of the contracts again, or ask a manager to correct them.",
                        usage._say_period(),
                    )
                )
        return result
