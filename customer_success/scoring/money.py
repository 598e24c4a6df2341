"""Money in another currency: the SQL of exchange rates, written once.

The rate that holds for a company on a day is the latest up to that day; one of the company (of its topmost parent, which
keeps the rates of its branches) goes before one of all companies. A company's own currency is worth 1 where it has no
rate, as the others are told against it. Any other currency without a rate is unknown, and so is money in it: never 1.
"""

_KNOWN = """
SELECT rate.company_id, rate.currency_id, rate.name, rate.rate
  FROM res_currency_rate rate
 WHERE rate.name <= {day}
   AND (rate.company_id IS NULL
        OR rate.company_id = split_part({company}.parent_path, '/', 1)::int)
 UNION ALL
SELECT NULL, {company}.currency_id, '-infinity', 1
"""

# One row for each company and currency with a rate today: ``rate``, and ``own``, that of the company's currency.
RATES = f"""
SELECT company_id, currency_id, rate,
       max(rate) FILTER (WHERE is_own) OVER (PARTITION BY company_id) AS own
  FROM (SELECT DISTINCT ON (company.id, known.currency_id)
               company.id AS company_id, known.currency_id, known.rate,
               known.currency_id = company.currency_id AS is_own
          FROM res_company company
    CROSS JOIN LATERAL ({_KNOWN.format(company="company", day="%(today)s")}) known
      ORDER BY company.id, known.currency_id, known.company_id, known.name DESC) latest
"""


def converted(amount, rate="rate"):
    """Return the SQL of an amount in the company's currency; ``rate`` is a row of :data:`RATES`, joined from the left.

    >>> converted("renewal.annual_value")
    '(renewal.annual_value * rate.own / rate.rate)'
    """
    return f"({amount} * {rate}.own / {rate}.rate)"


def factor(currency, company, day):
    """Return the SQL of what one unit of a currency is worth in a company's own on a day that differs by row.

    ``currency`` is a column, ``company`` the alias of a row of ``res_company``, ``day`` a column.

    >>> factor("sold.currency_id", "company", "sold.date").startswith("CASE WHEN sold.currency_id = company.currency_id")
    True
    """
    rate = (
        "(SELECT known.rate FROM (" + _KNOWN.format(company=company, day=day) + ") known"
        " WHERE known.currency_id = {} ORDER BY known.company_id, known.name DESC LIMIT 1)"
    )
    own = f"{company}.currency_id"
    return f"CASE WHEN {currency} = {own} THEN 1.0 ELSE {rate.format(own)} / {rate.format(currency)} END"
