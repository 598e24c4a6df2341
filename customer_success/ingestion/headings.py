"""The headings by which columns are recognised, ours and those that other systems export.

The names are those of the public documentation of HubSpot, Salesforce, Gainsight, ChurnZero, Planhat, Stripe and
Chargebee. A heading is compared without case, accents, punctuation and spaces: ``Next Renewal Date``,
``nextRenewalDate`` and ``next_renewal_date`` are the same.
"""

import re
import unicodedata
from difflib import get_close_matches

_APART = re.compile(r"[^0-9a-z]+")
# The least likeness of a heading to one of ours that is proposed.
CLOSE = 0.85

# Column -> headings, the surest first. A heading means the first column of the kind of file that has it.
CUSTOMER = {
    "customer": (
        "Company name",  # HubSpot
        "Account Name",  # Salesforce, ChurnZero
        "Customer Name",  # Stripe, Chargebee
        "Company",
        "Customer Company",  # Chargebee: customer.company
        "Account",
        "Client",
        "Client Name",
        "Organization",
        "Name",  # Gainsight, Planhat, ChurnZero
        "Customer Description",  # Stripe
    ),
    "reference": (
        "accountExternalId",  # ChurnZero
        "Company External Id",  # Planhat
        "External Id",  # Planhat
        "Account ID",  # Salesforce
        "SFDC Account Id",  # Gainsight
        "Customer ID",  # Stripe, Chargebee
        "Customer Number",
        "Account Number",  # Salesforce
        "Account Code",
        "Company ID",  # Gainsight
        "Record ID",  # HubSpot
        "Record ID - Company",
        "Gsid",  # Gainsight
        "Source Id",  # Planhat
    ),
    "vat": ("VAT Number", "VAT", "Customer VAT Number", "VAT ID", "Tax ID", "USt-IdNr"),
    "stage": (
        "Lifecycle Stage",  # HubSpot, Gainsight
        "Phase",  # Planhat
        "Customer Journey Stage",  # ChurnZero
        "Journey Stage",
        "Onboarding Stage",
        "Stage",  # Gainsight
    ),
    "csm": (
        "CSM",  # Gainsight
        "CSM Name",  # Gainsight
        "CSM Email",
        "Customer Success Manager",
        "Company owner",  # HubSpot
        "Account Owner",  # Salesforce, ChurnZero
        "OwnerUserAccount",  # ChurnZero
        "Owner",  # Planhat
        "HubSpot Owner",
    ),
    "go_live_date": ("Go Live Date", "Go-Live", "Live Date", "Launch Date", "Onboarding Completed"),
    "company": ("Our Company", "Business Entity", "Legal Entity"),  # Chargebee has the second
    "product": (
        "Product Name",
        "Product Code",  # Salesforce
        "Product",  # Planhat: of a licence
        "Plan",  # Stripe
        "Plan Name",  # Chargebee
        "Plan ID",
        "SKU",
    ),
    "date_start": (
        "Contract Start Date",  # Salesforce
        "Current Period Start (UTC)",  # Stripe
        "Current Period Start",
        "Current Term Start",  # Chargebee
        "Subscription Current Term Start",
        "Term Start",
        "Start Date",  # ChurnZero
        "Renewed At",
        "From Date",  # Planhat: of a licence
    ),
    "date_renewal": (
        "Next Renewal Date",  # ChurnZero
        "Renewal Date",  # Gainsight, Planhat
        "Contract End Date",  # Salesforce
        "Current Period End (UTC)",  # Stripe
        "Current Period End",
        "Current Term End",  # Chargebee
        "Subscription Current Term End",
        "Next Renewal",
        "Contract End",
        "Term End",
        "Expiration Date",
        "To Date",  # Planhat: of a licence
        "End Date",  # ChurnZero
        "Close Date",  # Salesforce, HubSpot: of a renewal opportunity
    ),
    "following_months": (
        "Renewal Term",
        "Renewal Term (Months)",
        "Renewal Term Months",
    ),  # Salesforce
    "date_notice": ("Notice Date", "Cancellation Deadline", "Cancel By", "Notice Deadline"),
    "contract_number": (
        "Contract Number",  # Salesforce, Gainsight
        "Contract No",
        "Contract No.",
        "Contract ID",
        "Contract Id",
        "Agreement Number",
    ),
    "buyer": (
        "Bought Through",
        "Reseller",  # Planhat
        "Reseller Name",
        "Reseller Account",  # Salesforce
        "Sold Through",  # Salesforce
        "Partner Account",
        "Sales Partner",
        "Distributor",  # Salesforce
    ),
    "buyer_reference": (
        "Reseller ID",
        "Reseller Number",
        "Partner Account ID",
        "Reseller Account ID",
    ),
    "buyer_vat": ("Reseller VAT Number", "Reseller VAT"),
    "auto_renew": (
        "Auto Renew",
        "Auto Renewal",
        "Autorenewal",
        "Auto-Renews",
        "Renews Automatically",
    ),
    "price_rise": ("Price Increase", "Uplift", "Price Uplift", "Annual Uplift"),
    "notice_given_on": ("Notice Received On", "Cancellation Received On"),
    "annual_value": (
        "ARR",  # Gainsight, Planhat
        "Annual Recurring Revenue",
        "Annual Contract Value",
        "ACV",
        "Total Contract Amount",  # ChurnZero
        "Annual Value",
        "Contract Value",
        "Amount",  # Salesforce, HubSpot, Stripe
        "Plan Amount",
    ),
    "monthly_value": ("MRR", "Monthly Recurring Revenue", "Subscription MRR", "Monthly Value"),
    "value_period": (
        "Interval",  # Stripe
        "Plan Interval",
        "Billing Period Unit",  # Chargebee
        "Billing Period",
        "Billing Frequency",
        "Billing Interval",
    ),
    "currency": (
        "Currency",  # Stripe
        "Currency Code",  # Chargebee
        "Billing Currency Code",
        "Subscription Currency Code",
        "Account Currency",  # Salesforce
        "Amount Currency",
        "CurrencyIsoCode",
        "Deal Currency",
    ),
    "seats": (
        "License Count",  # ChurnZero
        "Licenses",
        "Licence Count",
        "Licences",
        "Seats",
        "Seat Count",
        "Quantity",  # Stripe, Salesforce
        "Plan Quantity",  # Chargebee
        "Contracted Seats",
        "Number of Users",
    ),
    "outcome": ("Renewal Status", "Renewal Outcome", "Outcome", "Renewal Stage"),
    "date_outcome": (
        "Decided On",
        "Churn Date",
        "Decision Date",
        "Closed Date",
        "Canceled At (UTC)",
    ),
    "renewed_value": ("Renewed Value", "Renewed ARR", "New ARR"),
    "renewed_seats": ("Renewed Seats", "New Seats"),
    "reason": ("Churn Reason", "Cancel Reason", "Reason", "Closed Lost Reason", "Loss Reason"),
    "reason_note": ("Churn Comment", "Cancel Comment", "Reason Note"),
    "change_from": (
        "Amendment Date",
        "Amendment Start Date",
        "Amended From",
        "Change Effective Date",
    ),
    "change_value": ("Amended Value", "Amended ARR", "ARR After Change", "New Value"),
    "change_seats": ("Amended Quantity", "Amended Seats", "Seats After Change"),
    "change_reason": ("Amendment Reason", "Change Reason"),
    "replaced_by": ("Replaced By", "Replaced By Product", "Successor Product", "Migrated To"),
    "main_contract": (
        "Main Contract",
        "Parent Contract",
        "Parent Contract Number",
        "Master Contract",
    ),
    "opportunity": ("Opportunity Name", "Deal Name"),
    "usage_date": ("Usage Month", "Usage Date", "Use Period", "Usage Period Start"),
    "usage_period": ("Usage Period",),
}
FIGURES = {
    "licensed_users": (
        "Licensed Users",
        "Licensed",
        "Total Users",
        "Users Licensed",
        "Licenses Assigned",
    ),
    "active_users": ("Active Users", "MAU", "WAU", "Monthly Active Users", "Weekly Active Users"),
}
USE = {
    "customer_external_id": ("Odoo External ID",),
    "customer_ref": CUSTOMER["reference"],
    "customer_vat": CUSTOMER["vat"],
    "customer_name": CUSTOMER["customer"],
    "product_external_id": (),
    "product_code": ("Product Code", "SKU", "Internal Reference"),
    "product_name": (
        "Product Name",
        "Product",
        "Plan",
        "Plan Name",
        "Module",
        "App",
        "Application",
    ),
    "date": ("Month", "Week", "Date", "Period Start", "Day", "Usage Month", "Usage Date"),
    "period": ("Period", "Granularity"),
}
PERSONS = {
    "person": (
        "contactExternalId",  # ChurnZero
        "User ID",
        "User Email",
        "Email",  # HubSpot, Planhat: of an end user
        "Email Address",
        "E-Mail",
        "Username",  # Salesforce
        "Login",
        "User",
        "User Name",
        "Contact ID",
        "Person",
    ),
    "last_active": (
        "Last Active",  # Planhat
        "Last Activity",
        "Last Login",  # Salesforce
        "Last Login Date",
        "Last Seen",
        "Last Seen Date",
        "Last Active Date",
        "Last Activity Date",  # HubSpot
        "Last Sign In",
        "Last Used",
    ),
    "licensed": ("Licensed", "Active", "Is Active", "User Status", "Status", "License Status"),
}
KINDS = {
    "customers": {**CUSTOMER, **FIGURES},
    "use": {**USE, **FIGURES},
    "persons": {
        **{name: said for name, said in USE.items() if name not in ("date", "period")},
        **PERSONS,
    },
}


def plain_heading(heading):
    """Return a heading without case, accents, punctuation and spaces.

    >>> plain_heading("Next Renewal Date"), plain_heading("nextRenewalDate"), plain_heading("customer.company")
    ('nextrenewaldate', 'nextrenewaldate', 'customercompany')
    """
    text = unicodedata.normalize("NFKD", str(heading)).casefold()
    return _APART.sub("", "".join(char for char in text if not unicodedata.combining(char)))


def propose(headings, kind, ours, learned=None):
    """Return the column that each heading most likely means, ``{heading: column}``; each column once.

    ``ours`` are the names and labels of the columns, ``{column: (texts)}``, ``learned`` what earlier files matched,
    ``{heading: column}``.

    >>> ours = {"customer": ("Customer",), "date_renewal": ("Renewal Date",), "seats": ("Seats",)}
    >>> propose(["Company name", "Name", "Close Date", "renewal_date", "Seets"], "customers", ours)
    {'renewal_date': 'date_renewal', 'Company name': 'customer', 'Seets': 'seats'}
    >>> propose(["Foo", "Name"], "customers", ours, {"Foo": "seats"})
    {'Foo': 'seats', 'Name': 'customer'}
    """
    claims = _claims(headings, KINDS[kind], ours, learned or {})
    found = {}
    for _sure, _place, heading, column in sorted(claims, key=lambda claim: claim[:2]):
        if heading not in found and column not in found.values():
            found[heading] = column
    # A heading of a system that has no place left means another thing than one of ours that is alike.
    claimed = {heading for _sure, _place, heading, _column in claims}
    left = {
        plain_heading(text): column
        for column, texts in ours.items()
        if column not in found.values()
        for text in (column, *texts)
    }
    for heading in headings:
        said = plain_heading(heading)
        if heading in claimed or len(said) <= 3:
            continue
        for close in get_close_matches(said, list(left), 1, CLOSE if len(said) > 5 else 0.75):
            if left[close] not in found.values():
                found[heading] = left[close]
    return found


def _claims(headings, known, ours, learned):
    """Return ``(how sure, place in the list, heading, column)`` of each column that a heading may mean."""
    claims = []
    for heading in headings:
        said = plain_heading(heading)
        if (column := learned.get(heading)) in ours:
            claims.append((0, 0, heading, column))
        for column, texts in ours.items():
            if said in (plain_heading(text) for text in (column, *texts)):
                claims.append((1, 0, heading, column))
        for column, texts in known.items():
            names = [plain_heading(text) for text in texts]
            if column in ours and said in names:
                claims.append((2, names.index(said), heading, column))
    return claims
