from odoo import api, fields, models

from .intake_landing import CustomerLoader


class CustomerSuccessIntake(models.TransientModel):
    """A row of a file with a customer, its contract and its usage.

    Nothing is stored in this model: *Load a File*, ``./dev load`` and the API check each row and create customers,
    renewals and usage from the valid ones. Loading a file again changes nothing.
    """

    _name = "customer.success.intake"
    _inherit = "customer.success.file.use"
    _description = "Row of a Customer File"
    _KIND = "customers"

    customer = fields.Char(help="The name of the company.")
    reference = fields.Char(
        help="Your own reference of the customer. A row finds its customer by the reference, otherwise by "
        "the VAT number, otherwise by the name."
    )
    vat = fields.Char("VAT Number")
    new_customer = fields.Char(
        help="yes if the row is about a new customer although there is one with a similar name."
    )
    stage = fields.Char(
        "Adoption Stage", help="The name of a stage. If it is empty, the first stage is used."
    )
    csm = fields.Char("CSM", help="The login of the customer success manager.")
    go_live_date = fields.Char("Go-Live", help="Planned or past.")
    company = fields.Char(
        help="The name of your own company. If it is empty, your current company is used."
    )
    product = fields.Char(help="The internal reference or the exact name of the product.")
    contract_number = fields.Char(
        help="Tells several contracts of one product apart. A row without it means the only contract there is."
    )
    buyer = fields.Char(
        "Bought Through",
        help="The name of the company that buys the term for the customer, such as a reseller, if the customer does not buy it. "
        "It is found by its reference, otherwise by its VAT number, otherwise by its name, and is not created.",
    )
    buyer_reference = fields.Char(
        "Bought Through: Reference", help="Your own reference of the buyer."
    )
    buyer_vat = fields.Char("Bought Through: VAT Number")
    date_start = fields.Char("Term From")
    date_renewal = fields.Char(
        "Renewal Date", help="A row with this date creates or updates a renewal."
    )
    end_is_last_day = fields.Char(
        "Renewal Date Is the Last Day",
        help="yes if the renewal date is the last day of the term, no if it is the first day of the next one. If it is "
        "empty, the dates decide.",
    )
    following_months = fields.Char(
        "Following Terms in Months",
        help="The length of the terms that follow, if it is another one than that of this term: 12 after a first term of 14 "
        "months.",
    )
    date_notice = fields.Char("Notice Date")
    notice_period = fields.Char(
        help="The number of days, weeks or months of notice. If it is empty, the first notice date says it."
    )
    notice_unit = fields.Char(help="days, weeks or months (the default)")
    notice_to = fields.Char(
        "Notice Is Counted", help="to the end of the term (the default), month or quarter"
    )
    auto_renew = fields.Char("Renews Itself", help="yes if the contract renews itself, no if not.")
    price_rise = fields.Char(
        "Agreed Price Rise", help="In %, each time that the contract renews itself."
    )
    notice_given_on = fields.Char(help="The day on which the customer gave notice.")
    notice_kind = fields.Char(
        "Notice", help="end, which is the default, or reduce: what the notice does."
    )
    notice_seats = fields.Char("Seats That Stay", help="After a notice that reduces the contract.")
    notice_value = fields.Char(
        "Annual Value That Stays",
        help="After a notice that reduces the contract. If it is empty, the value falls with the seats.",
    )
    notice_reason = fields.Char(
        "Reason of the Notice",
        help="The name of one of the reasons of a churn, or of a contraction if the notice reduces.",
    )
    annual_value = fields.Char()
    monthly_value = fields.Char(
        help="The value of a month, if the file has no annual value: twelve times this is the annual value."
    )
    value_period = fields.Char(
        help="The period for which the annual value is stated: year, which is the default, half-year, quarter or month."
    )
    currency = fields.Char(
        help="A code such as EUR. If it is empty, the currency of the company is used."
    )
    seats = fields.Char()
    outcome = fields.Char(help="pending, renewed, expanded, contracted or churned")
    date_outcome = fields.Char("Decided On")
    renewed_value = fields.Char(
        help="The annual value of the next term. An expansion or a contraction needs it."
    )
    renewed_seats = fields.Char(
        help="The seats of the next term. If it is empty, those of this term are used."
    )
    reason = fields.Char(help="The name of one of the reasons of the outcome.")
    reason_note = fields.Char("In Their Words")
    change_from = fields.Char(
        "Changed From",
        help="The first day of other seats or another value within the term. The annual value and the seats in the same row are "
        "those at the start of the term; each further change needs a row of its own.",
    )
    change_value = fields.Char(
        "New Annual Value", help="From that day on. If it is empty, the value stays."
    )
    change_seats = fields.Char(
        "New Quantity", help="The seats from that day on. If it is empty, the seats stay."
    )
    change_reason = fields.Char("What Was Agreed", help="A few words on the change.")
    replaced_by = fields.Char(
        help="The internal reference or name of the product that took the place of this one as it ended. The customer goes on with "
        "it, and the values of the two decide about the outcome."
    )
    main_contract = fields.Char(
        help="The number of the contract with which this one ends and is renewed, if it is an add-on.",
    )
    opportunity = fields.Char(
        help="Opens an opportunity with this name for the customer, once, with the annual value as its "
        "revenue and the renewal date as its deadline."
    )
    usage_date = fields.Char(
        "Use: Period From", help="A row with this date creates or updates the usage of a product."
    )
    usage_period = fields.Char("Use: Period", help="week or month")
    usage_source = fields.Char("Use: Source", help="measured or assessed")

    @api.model
    def load(self, fields, data):
        """Load rows of text; return ``{ids, messages, nextrow, counts}``.

        ``ids`` are the customers of the accepted rows, in their order. Each rejected row has a
        message, with the column in ``field`` and the row, counted from 0, in ``record``; the other rows are
        accepted. ``counts`` contains the numbers of customers, renewals, usages and opportunities that were
        created, updated or unchanged, and the number of rejected rows.
        """
        self.check_access("create")
        rows = self._read_rows(fields, data)
        delivery = self.env["customer.success.usage.delivery"]._of_file("customers")
        loader = CustomerLoader(self.env, delivery, self._columns())
        for number, row in enumerate(rows):
            loader.add(number, row)
        ids = loader.land()
        delivery._drop_empty_change()
        return self._answer(ids, loader.rejections.answer(), loader.counts)
