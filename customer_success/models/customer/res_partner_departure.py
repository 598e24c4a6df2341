from odoo import api, fields, models

from .customer_success_departure import SHARE

# With these a contact leaves a customer or comes back.
PLACE = {"active", "parent_id", "is_company"}


class ResPartner(models.Model):
    """A contact who leaves a customer is at once owner of nothing there; one who is back finds nothing open by itself."""

    _inherit = "res.partner"

    success_departure_ids = fields.One2many(
        "customer.success.departure",
        "partner_id",
        "Left by Contacts",
        groups="customer_success.group_success_user",
    )

    @api.depends("success_departure_ids.given_back_on", "success_departure_ids.is_back")
    def _compute_success_attention(self):
        return super()._compute_success_attention()

    def _success_attention_lines(self):
        lines = super()._success_attention_lines()
        back = self.success_departure_ids.filtered(
            lambda one: one.is_back and not one.given_back_on and one._is_undecided()
        )
        for person, theirs in back.grouped("contact_id").items():
            lines.append(
                self.env._(
                    "%(name)s is here again. Decide what is given back (Customers > Left by Contacts): %(what)s.",
                    name=person.name,
                    what=", ".join(filter(None, theirs.mapped("what"))),
                )
            )
        return lines

    def write(self, vals):
        result = super().write(vals)
        if PLACE & vals.keys():
            self._success_people()._success_leave_behind()
        return result

    def _success_people(self):
        """Return these partners and all people below them, archived ones too, in sudo."""
        return self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])

    def _is_success_at(self, customer):
        """Return True if this contact is active and belongs to the customer."""
        contact = self.sudo()
        return contact.active and contact.commercial_partner_id == customer

    def _success_leave_behind(self):
        """Take off these people, in sudo, what they had at customers where they no longer are; wings extend it."""
        self._success_end_links()

    def _success_end_links(self):
        """End what these people still receive from records of customers where they no longer are."""
        shared = self.env["customer.success.shared"]
        names = [
            name
            for name in self.pool.descendants([shared._name], "_inherit")
            if name != shared._name
        ]
        followed = self._success_followed_records()
        received = self._success_received_records(names)
        for name in {*followed, *received}:
            records = (
                self.env[name].sudo().browse({*followed.get(name, ()), *received.get(name, ())})
            )
            for record in records.exists().filtered("partner_id"):
                self._success_end_link(record, name in names)

    def _success_end_link(self, record, may_be_shared):
        """Take those of these people off a record who are not at its customer."""
        customer = record.partner_id.commercial_partner_id
        told = record.message_partner_ids
        if may_be_shared and record.is_shared:
            told |= record._link_receivers()
        gone = (self & told).filtered(lambda person: not person._is_success_at(customer))
        # Our own people follow records without belonging to the customer.
        gone = gone.filtered("partner_share")
        if not gone:
            return
        record.message_unsubscribe(gone.ids)
        if may_be_shared and record.is_shared:
            for person in gone:
                self.env["customer.success.departure"]._note(record, person, SHARE)
            record._end_links(gone)

    def _success_followed_records(self):
        """Return ``{model: ids}`` of our records that one of these people follows."""
        groups = (
            self.env["mail.followers"]
            .sudo()
            ._read_group(
                [
                    ("partner_id", "in", self.ids),
                    ("res_model", "=like", "customer.success.%"),
                ],
                ["res_model"],
                ["res_id:array_agg"],
            )
        )
        return {name: ids for name, ids in groups if self._is_success_customer_record(name)}

    def _success_received_records(self, names):
        """Return ``{model: ids}`` of the shared records of which one of these people got a mail."""
        groups = (
            self.env["mail.message"]
            .sudo()
            ._read_group(
                [
                    ("model", "in", names),
                    "|",
                    ("partner_ids", "in", self.ids),
                    ("notified_partner_ids", "in", self.ids),
                ],
                ["model"],
                ["res_id:array_agg"],
            )
        )
        return dict(groups)

    def _is_success_customer_record(self, name):
        return name in self.env and "partner_id" in self.env[name]._fields
