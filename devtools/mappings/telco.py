"""IBM's telco churn table as a customer book: one row a customer, as of November 2026.

`tenure`            -> go-live that many months ago, and with it the stage
`Contract`          -> a term of 1, 12 or 24 months, repeated since then; its end is the renewal
`MonthlyCharges`    -> annual value, times twelve
"Yes" of 9 services -> seats: the number of services bought
`Churn`             -> Yes: the term ended in a churn; No: the renewal is pending
Renewals due within 40 days of that day also open an opportunity. The day is fixed, so that the same file
says the same next month.

The table has no use of the product, no answers and no barriers: these stay unknown.
"""

from datetime import date, timedelta

TERMS = {"Month-to-month": 1, "One year": 12, "Two year": 24}
SERVICES = (
    "PhoneService",
    "MultipleLines",
    "OnlineSecurity",
    "OnlineBackup",
    "DeviceProtection",
    "TechSupport",
    "StreamingTV",
    "StreamingMovies",
)
AS_OF = date(2026, 11, 1)


def months_later(day, months):
    """The first of the month so many months on."""
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def map_row(row):
    """One row of the table as columns of the intake."""
    tenure, term = int(row["tenure"]), TERMS[row["Contract"]]
    churned = row["Churn"] == "Yes"
    ends = AS_OF if churned else months_later(AS_OF, term - tenure % term)
    internet = row["InternetService"] != "No"
    name = f"Customer {row['customerID']}"
    return {
        "reference": row["customerID"],
        "customer": name,
        "stage": "First use" if tenure < 3 else "Effective use" if tenure < 12 else "Sustained use",
        "go_live_date": months_later(AS_OF, -tenure).isoformat(),
        "date_start": months_later(ends, -term).isoformat(),
        "date_renewal": ends.isoformat(),
        "annual_value": f"{12 * float(row['MonthlyCharges']):.2f}",
        "seats": str(sum(row[service] == "Yes" for service in SERVICES) + internet),
        "outcome": "churned" if churned else "pending",
        "date_outcome": AS_OF.isoformat() if churned else "",
        "opportunity": (
            f"Renewal of {name}" if not churned and ends <= AS_OF + timedelta(days=40) else ""
        ),
    }
