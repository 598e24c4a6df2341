from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class CustomerSuccessShare(models.TransientModel):
    """A dialog that shares one record with a customer and mails a personal link to the people concerned."""

    _name = "customer.success.share"
    _description = "Share with a Customer"

    res_model = fields.Selection(
        selection="_selection_res_model", string="What", required=True, readonly=True
    )
    res_id = fields.Many2oneReference(
        "Record", model_field="res_model", required=True, readonly=True
    )
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id")
    contact_ids = fields.Many2many(
        "res.partner",
        "customer_success_share_contact_rel",
        "share_id",
        "contact_id",
        "Tell",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Each recipient gets a mail with a personal link. It opens the record without a login, for reading "
        "and comments. People with a login see the record in their portal anyway.",
    )
    share_until = fields.Date(
        help="The last day on which the record is visible. If it is empty, it stays visible until you stop sharing."
    )
    message = fields.Text(help="A message that says what you ask of the recipients.")

    @api.model
    def _selection_res_model(self):
        kinds = self.env["customer.success.shared"]._portal_kinds()
        return [(model._name, self.env._(model._portal_kind.title)) for model in kinds.values()]

    def _record(self):
        """The record to share, which the user must be allowed to write."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("The record was deleted in the meantime."))
        record.check_access("write")
        return record

    @api.depends("res_model", "res_id")
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard._record().partner_id

    def action_share(self):
        record = self._record()
        if self.share_until and self.share_until < fields.Date.context_today(self):
            raise UserError(
                self.env._("The day in “Until” has passed. Choose today or a later day.")
            )
        customer = record.partner_id.commercial_partner_id
        strangers = self.contact_ids.filtered(lambda c: c.commercial_partner_id != customer)
        if strangers:
            raise UserError(
                self.env._(
                    "%(people)s do not belong to %(customer)s. Only the customer's own people can see the record.",
                    people=", ".join(strangers.mapped("name")),
                    customer=customer.name,
                )
            )
        silent = self.contact_ids.filtered(lambda contact: not contact.email)
        if silent:
            raise UserError(
                self.env._("The email address of %s is unknown.", ", ".join(silent.mapped("name")))
            )
        record.write({"is_shared": True, "share_until": self.share_until})
        for contact in self.contact_ids:
            self._tell(record, contact)
        if self.contact_ids:
            record._message_log(
                body=self.env._("Link sent to %s.", ", ".join(self.contact_ids.mapped("name")))
            )
        return {"type": "ir.actions.act_window_close"}

    def _tell(self, record, contact):
        """Mail a personal link to a contact, with which they can comment under their own name."""
        url = record.get_base_url() + record._get_share_url(pid=contact.id)
        texts = self.with_context(lang=contact.lang or self.env.lang)
        body = Markup("<p>%s</p>") % texts.env._(
            "%(sender)s shares “%(name)s” with you.", sender=self.env.user.name, name=record.name
        )
        if self.message:
            body += plaintext2html(self.message)
        body += Markup('<p><a href="%s">%s</a></p>') % (url, texts.env._("Open it"))
        if self.share_until:
            body += Markup("<p>%s</p>") % texts.env._(
                "The link works until %s.", fields.Date.to_string(self.share_until)
            )
        record.message_notify(
            partner_ids=contact.ids,
            subject=record.name,
            body=body,
            email_layout_xmlid="mail.mail_notification_light",
        )
