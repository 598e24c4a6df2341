from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

SHARE = "share"  # the kind of a departure from a shared record


class CustomerSuccessDeparture(models.Model):
    """One thing that was a contact's at a customer until they left: a barrier, a change, a link to a shared record.

    Nothing opens by itself when the contact comes back. It is listed, and a person gives it back.
    """

    _name = "customer.success.departure"
    _description = "Left by a Contact"
    _order = "date desc, id desc"
    _rec_name = "contact_id"

    contact_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    date = fields.Date("Left On", required=True, readonly=True, default=fields.Date.context_today)
    res_model = fields.Char("Model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Record Number", model_field="res_model", readonly=True)
    kind = fields.Char(
        "Field", required=True, readonly=True, help="The field that named the contact, or share."
    )
    had_authority = fields.Boolean("Had the Authority", readonly=True)
    what = fields.Char("What Was Theirs", compute="_compute_what")
    is_back = fields.Boolean(
        "Contact Is Back",
        compute="_compute_is_back",
        search="_search_is_back",
        help="The contact is active and belongs to the customer again.",
    )
    given_back_on = fields.Date(readonly=True)
    given_back_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")

    @api.depends("res_model", "res_id", "kind")
    @api.depends_context("lang", "uid")
    def _compute_what(self):
        """Name the record, if it is still there and the reader may see it."""
        self.what = False
        for name, departures in self.grouped("res_model").items():
            if name not in self.env:
                continue
            model = self.env[name]
            records = model.browse(departures.mapped("res_id")).exists()
            seen = records._filtered_access("read") if model.has_access("read") else model
            for departure in departures:
                record = model.browse(departure.res_id)
                if record not in seen:
                    continue
                departure.what = (
                    self.env._("Link to “%s”", record.display_name)
                    if departure.kind == SHARE
                    else self.env._(
                        "%(field)s of “%(record)s”",
                        field=model._fields[departure.kind]._description_string(self.env),
                        record=record.display_name,
                    )
                )

    @api.depends("contact_id.active", "contact_id.commercial_partner_id", "partner_id")
    def _compute_is_back(self):
        for departure in self:
            departure.is_back = departure.contact_id._is_success_at(departure.partner_id)

    def _search_is_back(self, operator, value):
        if operator != "in":
            return NotImplemented
        candidates = self.sudo().search([("contact_id.active", "=", True)])
        back = Domain("id", "in", candidates.filtered("is_back").ids)
        return back if True in value else ~back

    # ------------------------------------------------------------------------------------------
    # Leaving and giving back
    # ------------------------------------------------------------------------------------------

    @api.model
    def _note(self, records, contact, kind, **vals):
        """Note that these records were a contact's until now."""
        return self.sudo().create(
            [
                {
                    "contact_id": contact.id,
                    "partner_id": record.partner_id.id,
                    "res_model": record._name,
                    "res_id": record.id,
                    "kind": kind,
                    **vals,
                }
                for record in records
            ]
        )

    def action_give_back(self):
        """Give these things back to their contacts, with the rights of the user; what is not possible is refused."""
        for departure in self:
            record = departure._check_may_give_back()
            departure._give_back(record)
        self.sudo().write(
            {
                "given_back_on": fields.Date.context_today(self),
                "given_back_by_id": self.env.uid,
            }
        )

    def _check_may_give_back(self):
        """Return the record that is given back; raise UserError if this is not possible."""
        name = self.contact_id.name
        if self.given_back_on:
            raise UserError(self.env._("This was given back to %s already.", name))
        if not self.is_back:
            raise UserError(
                self.env._(
                    "%(contact)s is not back at %(customer)s.",
                    contact=name,
                    customer=self.partner_id.display_name,
                )
            )
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("It was deleted in the meantime."))
        record.check_access("write")
        if record.partner_id != self.partner_id:
            raise UserError(
                self.env._(
                    "“%(record)s” belongs to %(customer)s now.",
                    record=record.display_name,
                    customer=record.partner_id.display_name,
                )
            )
        if self.kind == SHARE:
            if not record._is_shared_now():
                raise UserError(
                    self.env._(
                        "“%s” is not shared any more. Share it with them anew.",
                        record.display_name,
                    )
                )
            return record
        if "is_open" in record._fields and not record.is_open:
            raise UserError(
                self.env._("“%s” is closed, so it has no owner to name.", record.display_name)
            )
        if owner := record[self.kind]:
            raise UserError(
                self.env._(
                    "“%(record)s” is %(owner)s's now. Change it there if it should be %(contact)s's again.",
                    record=record.display_name,
                    owner=owner.name,
                    contact=name,
                )
            )
        return record

    def _is_undecided(self):
        """Return True if the record still waits for somebody: it is open, and nobody else has it by now."""
        record = self.env[self.res_model].sudo().browse(self.res_id).exists()
        if not record or ("is_open" in record._fields and not record.is_open):
            return False
        return record._is_shared_now() if self.kind == SHARE else not record[self.kind]

    def _give_back(self, record):
        if self.kind == SHARE:
            record.message_subscribe(self.contact_id.ids)
        else:
            # The authority was given to who left; whether it holds again is asked anew.
            record[self.kind] = self.contact_id
        record._message_log(
            body=self.env._("Given back to %s, who is here again.", self.contact_id.name)
        )
