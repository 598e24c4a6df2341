"""The pending renewals of a customer, and the steps of the query that read them."""

from typing import NamedTuple

from . import money
from .amendments import NEW_SEATS
from .factor import Step, packed
from .sources import RENEWED_DAYS
from .successors import join_line, read_as
from .usual import USUAL_QUARTER


def decided_by(term):
    """Return the SQL of the day by which a pending term is decided; ``term`` is the alias of its table.

    It is the last day for notice of a term that renews itself, and the end of any other.
    """
    return f"COALESCE({term}.date_decision, {term}.date_renewal)"


def same_end(one, other):
    """Return the SQL that says that two days are the end of one renewal: one was corrected at the most, not moved.

    What is done once for a renewal (a checkpoint, a playbook) is done once for such an end. An unknown end is any end.

    >>> same_end("taken.date_renewal", "renewal.date_renewal")
    'COALESCE(abs(taken.date_renewal - renewal.date_renewal) < 28, TRUE)'
    """
    return f"COALESCE(abs({one} - {other}) < {RENEWED_DAYS}, TRUE)"


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
    # The active users of busy months, if this one is low as every year; what the quarter before would usually become.
    year_users: float = None
    active_usual: float = None
    # The seats that are so new that nobody expects their use yet.
    coming: float = None
    # A number for the contract, which tells several of one product apart; its later terms have the same.
    contract: int = None
    # A notice that the customer gave: it ends the term, or this share of the value and these seats stay.
    notice: bool = False
    stays: float = None
    seats_stay: int = None
    # What may matter for the risk without being good or bad.
    country_id: int = None
    industry_id: int = None
    segment_id: int = None
    company_id: int = None
    channel_id: int = None  # who buys it for the customer; 0 is the customer itself


_RENEWAL = packed(
    Renewal,
    {
        "id": "r.id",
        # What is decided within a year stands for the customer, and what was decided by a notice.
        "within_year": f"""
               ({decided_by("r")} <= (%(today)s::date + interval '1 year') OR r.notice_given_on IS NOT NULL)::int""",
        "value": money.converted("COALESCE(r.counted_value, r.annual_value)"),
        "currency_id": "company.currency_id",
        "rate_missing": "(rate.rate IS NULL)::int",
        "term_months": """
               CASE WHEN r.date_start < r.date_renewal
                    THEN GREATEST(round((r.date_renewal - r.date_start) / 30.4375), 1) END""",
        "tenure_years": """
               CASE WHEN COALESCE(customer.go_live_date, r.anchor_start, r.date_start) IS NOT NULL
                    THEN GREATEST(date_part('year', age(%(today)s, LEAST(customer.go_live_date, r.anchor_start,
                                                                         r.date_start))), 0)
                END""",
        # Nobody has to record that a term renewed itself.
        "overdue": "(r.date_renewal < %(today)s AND r.auto_renew IS NOT TRUE)::int",
        "seats": "r.seats",
        "active_users": """
               CASE WHEN r.product_id IS NULL THEN rest.active_users
                    WHEN several.own IS NOT NULL THEN several.own
                    WHEN several.share IS NULL THEN bought.active_users
                    ELSE GREATEST(0, bought.active_users - several.named) * several.share END""",
        "active_quarter": """
               CASE WHEN r.product_id IS NULL THEN rest.active_quarter ELSE bought.active_quarter END""",
        "active_before": """
               CASE WHEN r.product_id IS NULL THEN rest.active_before ELSE bought.active_before END""",
        "quarters_left": "LEAST(GREATEST(ceil((r.date_renewal - %(today)s) / 91.0), 0), 4)",
        "product_id": read_as("r"),
        "year_users": """
               CASE WHEN r.product_id IS NULL THEN rest.year_users
                    WHEN several.own IS NOT NULL
                    THEN several.own * COALESCE(bought.year_users / NULLIF(bought.active_users, 0), 1)
                    WHEN several.share IS NULL THEN bought.year_users
                    ELSE GREATEST(0, bought.year_users - several.named) * several.share END""",
        "active_usual": """
               CASE WHEN r.product_id IS NULL THEN rest.active_usual ELSE bought.active_usual END""",
        # licences beyond the seats of this renewal are new at first; so are those that an amendment added
        "coming": f"""
               GREATEST(0, COALESCE(bought.coming * COALESCE(several.part, 1), rest.coming)
                           - GREATEST(0, COALESCE(bought.licensed * COALESCE(several.part, 1), rest.licensed) - r.seats),
                        {NEW_SEATS})""",
        "contract": "hashtext(lower(r.contract_number))",
        # An add-on ends with its main term, also by a notice.
        "notice": """
               (r.notice_kind IS NOT DISTINCT FROM 'end'
                OR r.main_id IS NOT NULL AND EXISTS (SELECT 1
                                                       FROM customer_success_renewal main
                                                      WHERE main.id = r.main_id
                                                        AND main.active
                                                        AND main.outcome = 'pending'
                                                        AND main.notice_kind = 'end'))::int""",
        "stays": """
               CASE WHEN r.notice_given_on IS NOT NULL AND r.notice_kind = 'reduce'
                    THEN LEAST(GREATEST(COALESCE(r.notice_value / NULLIF(r.annual_value, 0),
                                                 r.notice_seats::numeric / NULLIF(r.seats, 0)), 0), 1) END""",
        "seats_stay": """
               CASE WHEN r.notice_given_on IS NOT NULL AND r.notice_kind = 'reduce'
                    THEN NULLIF(r.notice_seats, 0) END""",
        "country_id": "customer.country_id",
        "industry_id": "customer.industry_id",
        "segment_id": "customer.segment_id",
        "company_id": "r.company_id",
        "channel_id": "COALESCE(r.buyer_id, 0)",
    },
)
# These steps read the steps of the factors use and trend, which are always gathered.
RENEWAL_STEPS = (
    # Today's rate for each company and currency.
    Step("rate", money.RATES, on=None),
    # The use of each product, as its renewal reads it.
    Step(
        "bought",
        f"""
    SELECT product.partner_id,
           product.product_id,
           named.product_id IS NOT NULL AS is_named,
           product.active_users,
           COALESCE(product.season_users, product.active_users) AS year_users,
           product.licensed_users AS licensed,
           product.coming_licences AS coming,
           CASE WHEN quarter.before IS NOT NULL THEN quarter.latest END AS active_quarter,
           quarter.before AS active_before,
           {USUAL_QUARTER} AS active_usual
      FROM product
 LEFT JOIN quarter ON quarter.partner_id = product.partner_id AND quarter.product_id = product.product_id
 LEFT JOIN (SELECT DISTINCT r.partner_id, {read_as("r")} AS product_id
              FROM customer_success_renewal r
 {join_line("r")}
             WHERE r.partner_id IN_SCOPE
               AND r.product_id IS NOT NULL
               AND r.outcome = 'pending'
               AND r.active) named
        ON named.partner_id = product.partner_id AND named.product_id = product.product_id
""",
        on=None,
    ),
    # A renewal without a product reads the products that no renewal names. Their people may be the same people, so
    # they do not add up: the product that most people use stands for them.
    Step(
        "rest",
        """
    SELECT partner_id, active_quarter, active_before, active_usual,
           most[1] AS year_users, most[2] AS active_users, most[3] AS licensed, most[4] AS coming
      FROM (SELECT partner_id,
                   sum(active_quarter) AS active_quarter,
                   sum(active_before) AS active_before,
                   sum(active_usual) AS active_usual,
                   max(ARRAY[year_users, active_users, COALESCE(licensed, 0), COALESCE(coming, 0)])
                   FILTER (WHERE active_users IS NOT NULL) AS most
              FROM bought
             WHERE NOT is_named
          GROUP BY partner_id) unnamed
""",
        on=None,
    ),
    # The latest use that names its contract; a measured period that still runs comes after those that are over.
    Step(
        "named_use",
        f"""
    SELECT DISTINCT ON (u.partner_id, 2, 3)
           u.partner_id, {read_as("u")} AS product_id, lower(part.contract_number) AS number, part.active_users
      FROM customer_success_usage u
      JOIN customer_success_usage_contract part ON part.usage_id = u.id
 {join_line("u")}
     WHERE u.partner_id IN_SCOPE
       AND u.date > %(today)s - %(fresh_days)s
       AND u.date <= %(today)s
       AND part.active_users IS NOT NULL
  ORDER BY u.partner_id, 2, 3,
           u.source = 'measured'
           AND u.date + CASE u.period WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END > %(today)s,
           u.source = 'measured' DESC, u.date DESC
""",
        on=None,
    ),
    # Products of which a customer has several contracts that pend: ``part`` is the part of one in their seats, ``own`` the
    # users that name it, ``named`` those that name any, and ``share`` its part of the others. Each contract counts with
    # one term, the one that ends next.
    Step(
        "several",
        f"""
    SELECT partner_id, product_id, number,
           own, named,
           seats::float8 / total AS part,
           CASE WHEN contracts > 1 THEN seats::float8 / NULLIF(unnamed, 0) END AS share
      FROM (SELECT contract.*, named_use.active_users AS own,
                   COALESCE(sum(named_use.active_users) OVER product, 0) AS named,
                   sum(seats) FILTER (WHERE named_use.number IS NULL) OVER product AS unnamed,
                   sum(seats) OVER product AS total,
                   count(*) OVER product AS contracts
              FROM (SELECT r.partner_id, {read_as("r")} AS product_id,
                           COALESCE(lower(r.contract_number), '') AS number,
                           (array_agg(NULLIF(r.seats, 0) ORDER BY r.date_renewal, r.id))[1] AS seats
                      FROM customer_success_renewal r
 {join_line("r")}
                     WHERE r.partner_id IN_SCOPE
                       AND r.product_id IS NOT NULL
                       AND r.outcome = 'pending'
                       AND r.active
                  GROUP BY 1, 2, 3) contract
         LEFT JOIN named_use ON named_use.partner_id = contract.partner_id
                            AND named_use.product_id = contract.product_id
                            AND named_use.number = contract.number
            WINDOW product AS (PARTITION BY contract.partner_id, contract.product_id)) counted
     WHERE contracts > 1
        OR own IS NOT NULL
""",
        on=None,
    ),
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
 LEFT JOIN bought ON bought.partner_id = r.partner_id
                 AND bought.product_id = {read_as("r")}
 LEFT JOIN rest ON rest.partner_id = r.partner_id
               AND r.product_id IS NULL
 LEFT JOIN several ON several.partner_id = r.partner_id
                  AND several.product_id = {read_as("r")}
                  AND several.number = COALESCE(lower(r.contract_number), '')
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
