from odoo import api, models
from odoo.tools import SQL


class CustomerSuccessBarrier(models.Model):
    """A barrier whose owner has left the customer: the authority falls, it goes back, and it escalates at once."""

    _inherit = "customer.success.barrier"

    def _take_from_gone(self):
        """Take these open barriers from owners who are archived or no longer at the customer."""
        for barrier in self.filtered(
            lambda one: (
                one.owner_contact_id and not one.owner_contact_id._is_success_at(one.partner_id)
            )
        ):
            owner = barrier.owner_contact_id
            had_authority = barrier.authority == "granted"
            self.env["customer.success.departure"]._note(
                barrier, owner, "owner_contact_id", had_authority=had_authority
            )
            barrier.write({"owner_contact_id": False, "authority": "none"})
            barrier._message_log(
                body=self.env._(
                    "%s, who owned it, has left the customer. The authority to remove it has ended.",
                    owner.name,
                )
            )
            customer = barrier.partner_id
            is_followed = (
                customer.active and customer.success_stage_id and not customer.success_former_date
            )
            if is_followed and barrier.state == "confirmed" and not barrier.escalation:
                barrier._escalate(1)

    @api.model
    def _cron_barriers(self):
        """Take barriers first from owners who left in a way that wrote no contact, such as a merge."""
        # One after the other, because people are told.
        if not self.env["customer.success.job"]._walk(
            self._owned_by_gone(),
            lambda barrier: barrier._take_from_gone(),
            self._note_not_escalated,
            size=1,
        ):
            return None
        return super()._cron_barriers()

    @api.model
    def _owned_by_gone(self):
        """Return the open barriers with an owner who is archived or no longer at the customer, in sudo."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT barrier.id
                  FROM customer_success_barrier barrier
                  JOIN res_partner owner ON owner.id = barrier.owner_contact_id
                 WHERE barrier.is_open
                   AND (NOT owner.active OR owner.commercial_partner_id <> barrier.partner_id)
                """
            )
        )
        return self.sudo().browse([id_ for (id_,) in rows])
