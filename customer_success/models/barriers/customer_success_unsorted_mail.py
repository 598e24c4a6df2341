from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

# The activity by which somebody is asked to choose
ASK = "mail.mail_activity_data_todo"
# The mail itself and what became of it: only the system sets these.
MACHINE = {
    "name",
    "email_from",
    "date",
    "body",
    "contact_ids",
    "customer_ids",
    "state",
    "barrier_id",
}


class CustomerSuccessUnsortedMail(models.Model):
    """A mail to the barriers' address that may be about several customers, until somebody says which one it is.

    Its sender is a contact at each of them. Nothing is opened meanwhile, and those who follow the customers have an
    activity to choose. A mail that is no barrier is put aside.
    """

    _name = "customer.success.unsorted.mail"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Mail of Several Customers"
    _order = "id desc"

    name = fields.Char("Subject", required=True, readonly=True)
    email_from = fields.Char("From", readonly=True)
    date = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    body = fields.Html("Mail", readonly=True)
    contact_ids = fields.Many2many(
        "res.partner",
        relation="customer_success_unsorted_mail_contact_rel",
        column1="mail_id",
        column2="contact_id",
        string="Written By",
        readonly=True,
        context={"active_test": False},
    )
    customer_ids = fields.Many2many(
        "res.partner",
        relation="customer_success_unsorted_mail_customer_rel",
        column1="mail_id",
        column2="customer_id",
        string="Customers",
        readonly=True,
        context={"active_test": False},
        help="The customers that the mail may be about: its sender is a contact at each of them.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "About",
        index="btree_not_null",
        ondelete="set null",
        domain="[('id', 'in', customer_ids)]",
        help="The customer that the mail is about.",
    )
    state = fields.Selection(
        [("open", "To Choose"), ("opened", "Barrier Opened"), ("aside", "Put Aside")],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        index=True,
    )
    barrier_id = fields.Many2one(
        "customer.success.barrier", readonly=True, index="btree_not_null", ondelete="set null"
    )

    def write(self, vals):
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name not in MACHINE}
        return super().write(vals)

    @api.model
    def _keep(self, message_dict, contacts):
        """Keep a mail that these contacts may have written, and ask those who follow their customers.

        Of a sender who does not stop, as in a loop, no more is kept than Odoo lets such a sender create.
        """
        if self._is_loop(message_dict.get("email_from")):
            return self.browse()
        customers = contacts.commercial_partner_id
        mail = self.sudo().create(
            {
                "name": message_dict.get("subject") or self.env._("A mail without a subject"),
                "email_from": message_dict.get("email_from"),
                "body": message_dict.get("body") or "",
                "contact_ids": contacts.ids,
                "customer_ids": customers.ids,
            }
        )
        mail.message_post(
            body=Markup(mail.body),
            email_from=mail.email_from,
            author_id=False,
            # By it, Odoo knows a mail that is fetched twice, and the answers to it.
            message_id=message_dict.get("message_id"),
            message_type="email",
            subtype_xmlid="mail.mt_note",
            attachments=message_dict.get("attachments") or [],
        )
        mail._ask()
        return mail

    @api.model
    def _is_loop(self, sender):
        """Return True if this sender's mails have come as often as Odoo takes for a loop."""
        parameters = self.env["ir.config_parameter"].sudo()
        minutes = int(parameters.get_param("mail.gateway.loop.minutes", 120))
        most = int(parameters.get_param("mail.gateway.loop.threshold", 20))
        since = fields.Datetime.subtract(fields.Datetime.now(), minutes=minutes)
        recent = [("email_from", "=", sender), ("create_date", ">=", since)]
        return self.sudo().search_count(recent, limit=most) >= most

    def _ask(self):
        """Ask who is in charge of each customer, by mail and by an activity, which customer the mail is about."""
        users = self.env["res.users"].union(
            *(customer._success_in_charge() for customer in self.customer_ids)
        )
        for user in users:
            mail = self.with_context(lang=user.lang or self.env.lang)
            question = mail.env._(
                "Which customer is this mail of %(sender)s about? Its address belongs to several customers: %(customers)s. "
                "No barrier was opened. Choose the customer, or put the mail aside.",
                sender=mail.email_from,
                customers=", ".join(mail.customer_ids.mapped("display_name")),
            )
            # The mail below tells them already.
            mail.with_context(mail_activity_quick_update=True).activity_schedule(
                ASK,
                user_id=user.id,
                summary=mail.env._("Which customer is this mail about?"),
                note=Markup("<p>%s</p>") % question,
            )
            mail.with_context(success_answered_by_machine=True).message_notify(
                partner_ids=user.partner_id.ids,
                subject=mail.name,
                body=Markup("<p>%s</p><blockquote>%s</blockquote>") % (question, Markup(mail.body)),
            )

    def action_open_barrier(self):
        """Open the barrier at the chosen customer, with the mail and its files as its first message."""
        self.ensure_one()
        self._check_open()
        if len(self.sudo().customer_ids) == 1:  # the others were merged into it
            self.partner_id = self.sudo().customer_ids
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer that the mail is about."))
        if self.partner_id not in self.sudo().customer_ids:
            raise UserError(
                self.env._(
                    "%s has no contact with this address. Choose one of the customers of the mail.",
                    self.partner_id.display_name,
                )
            )
        contact = self.sudo().contact_ids.filtered(
            lambda person: person.commercial_partner_id == self.partner_id
        )[:1]
        barrier = self.env["customer.success.barrier"].create(
            {
                "name": self.name,
                "partner_id": self.partner_id.id,
                "user_id": self.partner_id.success_user_id.filtered("active").id or self.env.uid,
                "evidence": self.env._("By mail from %s", contact.display_name),
                "state": "potential",
            }
        )
        mail = self.sudo()
        received = mail.message_ids.filtered(lambda message: message.message_type == "email")
        received.write({"model": barrier._name, "res_id": barrier.id, "author_id": contact.id})
        received.attachment_ids.write({"res_model": barrier._name, "res_id": barrier.id})
        mail.write({"state": "opened", "barrier_id": barrier.id})
        mail.activity_unlink([ASK])
        return {
            "type": "ir.actions.act_window",
            "res_model": barrier._name,
            "res_id": barrier.id,
            "views": [(False, "form")],
        }

    def action_put_aside(self):
        """Keep the mail without a barrier."""
        self.check_access("write")
        for mail in self:
            mail._check_open()
        mails = self.sudo()
        mails.state = "aside"
        mails.activity_unlink([ASK])
        return True

    def _check_open(self):
        if self.state != "open":
            raise UserError(self.env._("This mail was sorted already. Reload the page to see it."))
