"""The pending renewals of a customer, and the steps of the query that read them."""

from typing import NamedTuple

from . import money
from .factor import Step, packed
from .successors import join_line, read_as


class Renewal(NamedTuple):
    """One pending renewal, as numbers; ``None`` is unknown. Money is in the company's currency."""

    id: int
    within_year: bool = False
    value: float = None
    currency_id: int = None
    rate_missing: bool = False
    term_months: int = None
    tenure_years: int = None
    overdue: bool = False
    seats: int = None
    active_users: float = None
    # Average active users in the latest quarter and in the quarter before; quarters until the renewal.
    active_quarter: float = None
    active_before: float = None
    quarters_left: int = None
    product_id: int = None


_RENEWAL = packed(
    Renewal,
    {
        "id": "r.id",
        "within_year": "(r.date_renewal <= %(today)s + 365)::int",
        "value": money.converted("r.annual_value"),
        "currency_id": "company.currency_id",
        "rate_missing": "(rate.rate IS NULL)::int",
        "term_months": """
               CASE WHEN r.date_start < r.date_renewal
                    THEN GREATEST(round((r.date_renewal - r.date_start) / 30.4375), 1) END""",
        "tenure_years": """
               CASE WHEN COALESCE(customer.go_live_date, r.date_start) IS NOT NULL
                    THEN GREATEST(date_part('year', age(%(today)s, LEAST(customer.go_live_date, r.date_start))), 0)
                END""",
        "overdue": "(r.date_renewal < %(today)s)::int",
        "seats": "r.seats",
        "active_users": """
               CASE WHEN r.product_id IS NULL THEN usage.most_active_users
                    ELSE product.active_users END""",
        "active_quarter": """
               CASE WHEN r.product_id IS NULL THEN trend.active_quarter
                    WHEN quarter.before IS NOT NULL THEN quarter.latest END""",
        "active_before": """
               CASE WHEN r.product_id IS NULL THEN trend.active_before ELSE quarter.before END""",
        "quarters_left": "LEAST(GREATEST(ceil((r.date_renewal - %(today)s) / 91.0), 0), 4)",
        "product_id": read_as("r"),
    },
)
# These steps read the steps of the factors use and trend, which are always gathered.
RENEWAL_STEPS = (
    # Today's rate for each company and currency.
    Step("rate", money.RATES, on=None),
    Step(
        "renewal",
        f"""
    SELECT r.partner_id,
           min(r.date_renewal) AS next_date,
           array_agg({_RENEWAL}::float8[] ORDER BY r.date_renewal, r.id) AS renewals
      FROM customer_success_renewal r
      JOIN customer ON customer.id = r.partner_id
      JOIN res_company company ON company.id = r.company_id
 LEFT JOIN rate ON rate.company_id = r.company_id AND rate.currency_id = r.currency_id
 -- A product that was replaced and its successor are read as one, whichever of them is renewed.
 {join_line("r")}
 LEFT JOIN product ON product.partner_id = r.partner_id
                  AND product.product_id = {read_as("r")}
 LEFT JOIN quarter ON quarter.partner_id = r.partner_id
                  AND quarter.product_id = {read_as("r")}
 LEFT JOIN usage ON usage.partner_id = r.partner_id
 LEFT JOIN trend ON trend.partner_id = r.partner_id
     WHERE r.partner_id IN_SCOPE
       AND r.outcome = 'pending'
       AND r.active
  GROUP BY r.partner_id
""",
    ),
)
RENEWAL_COLUMNS = {
    # The next renewal comes first; each has the fields of Renewal, in that order.
    "next_renewal_date": "renewal.next_date",
    "renewals": "renewal.renewals",
}
