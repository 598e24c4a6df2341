from odoo import api, fields, models

from .intake_landing import Landing


class CustomerSuccessIntake(models.TransientModel):
    """A row of a file that brings in a customer, its contract and its use.

    Nothing is kept here: :meth:`load`, which Odoo's import screen and ``./dev load`` both call, checks
    each row and turns the good ones into customers, renewals and usage. All columns are text, so
    that every value is read and refused in one place, by row and column. Sending a file twice changes
    nothing the second time.
    """

    _name = "customer.success.intake"
    _description = "Row of a Customer File"

    customer = fields.Char(help="Name of the company.")
    reference = fields.Char(
        help="Your own reference of the customer. A row finds its customer by this, else by the VAT "
        "number, else by the name."
    )
    vat = fields.Char("VAT Number")
    stage = fields.Char("Adoption Stage", help="Name of a stage; the first one when empty.")
    csm = fields.Char("CSM", help="Login of the customer success manager.")
    go_live_date = fields.Char("Go-Live", help="As 2026-01-31, like all dates here.")
    company = fields.Char(help="Name of your own company; the one you work in when empty.")
    product = fields.Char(help="Internal reference or exact name of the product.")
    date_start = fields.Char("Term From")
    date_renewal = fields.Char("Renewal Date", help="A row with this brings a renewal.")
    date_notice = fields.Char("Notice Date")
    annual_value = fields.Char()
    currency = fields.Char(help="Code such as EUR; that of the company when empty.")
    seats = fields.Char()
    outcome = fields.Char(help="pending, renewed, expanded, contracted or churned")
    date_outcome = fields.Char("Decided On")
    opportunity = fields.Char(
        help="Opens an opportunity of this name for the customer, once, worth the annual value and due "
        "on the renewal date."
    )
    usage_date = fields.Char(
        "Use: Period From", help="A row with this brings the use of a product."
    )
    usage_period = fields.Char("Use: Period", help="week or month")
    usage_source = fields.Char("Use: Source", help="measured or assessed")
    licensed_users = fields.Char()
    active_users = fields.Char()
    as_intended = fields.Char("How: As Intended", help="0 to 100")
    timely = fields.Char("When: In Time", help="0 to 100")
    quality = fields.Char("How Well", help="0 to 100")
    frequency = fields.Char("How Often", help="0 to 100")
    in_place = fields.Char("Where: In the System", help="0 to 100")
    accuracy = fields.Char("Accuracy of Data", help="0 to 100")

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Template for customers, renewals and use"),
                "template": "/customer_success/static/csv/customers.csv",
            }
        ]

    @api.model
    def load(self, fields, data):
        """Bring in rows of text; return ``{ids, messages, nextrow, counts}``.

        ``ids`` are the customers of the rows that landed, in their order. Each rejected row has its
        message, with the column in ``field`` and the row, counted from 0, in ``record``; the others land
        all the same. ``counts`` says how many customers, renewals, usages and opportunities were
        created, updated or found unchanged, and how many rows were rejected.
        """
        self.check_access("create")
        unknown = [name for name in fields if name not in self._columns()]
        if unknown:
            return self._refuse(self.env._("Unknown column: %s", ", ".join(map(str, unknown))))
        if not data:
            return self._refuse(self.env._("The file has no rows below its heading."))
        limit = self.env.context.get("_import_limit")
        size = min(limit or len(data), len(data))
        landing = Landing(self.env)
        for number, values in enumerate(data[:size]):
            row = {
                name: value.strip() if isinstance(value, str) else str(value or "").strip()
                for name, value in zip(fields, values)
            }
            landing.add(number, row)
        ids = landing.land()
        messages = sorted(landing.messages, key=lambda message: message["record"])
        if messages and self.env.context.get("import_file"):
            messages = self._for_screen(messages, len(ids))
        return {
            "ids": ids or False,
            "messages": messages,
            "nextrow": size if size < len(data) else 0,
            "counts": dict(landing.counts),
        }

    @api.model
    def _refuse(self, text):
        """The answer to a file of which nothing can be read."""
        message = {"type": "error", "message": text, "record": 0, "rows": {"from": 0, "to": 0}}
        return {"ids": False, "messages": [message], "nextrow": 0, "counts": {}}

    @api.model
    def _for_screen(self, messages, landed):
        """The messages as Odoo's import screen shows them best: what landed, then row by row.

        The screen groups messages by column and drops their rows, so row and column go into the text.
        """
        labels = self.fields_get(attributes=["string"])
        summary = self.env._(
            "Good rows: %(landed)d. Left out, as said below: %(rejected)d. Mend those and load the file "
            "again: what is there already stays as it is.",
            landed=landed,
            rejected=len(messages),
        )
        return [{"type": "warning", "message": summary}] + [
            {
                "type": "error",
                "record": message["record"] + 1,  # shown as it is, and people count from 1
                "rows": message["rows"],
                "message": self.env._(
                    "Row %(row)d, %(column)s: %(message)s",
                    row=message["record"] + 1,
                    column=labels[message["field"]]["string"],
                    message=message["message"],
                ),
            }
            for message in messages
        ]

    @api.model
    def _columns(self):
        return [
            name for name, field in self._fields.items() if field.type == "char" and field.store
        ]
