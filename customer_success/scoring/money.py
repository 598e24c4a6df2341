"""The SQL that converts money between currencies, for all queries.

The rate of a company on a day is the latest one up to that day. A rate of the company (that is, of its topmost parent,
which keeps the rates of its branches) takes precedence over a rate for all companies. The company's own currency has
the rate 1 if none is recorded, because the other rates refer to it. Any other currency without a rate is unknown, and so
is money in it; it is never counted at 1.
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

# One row for each company and currency that has a rate today, with ``rate`` and ``own``, the rate of the company's currency.
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
    """Return the SQL that converts an amount to the company's currency; ``rate`` names a left-joined row of :data:`RATES`.

    >>> converted("renewal.annual_value")
    '(renewal.annual_value * rate.own / rate.rate)'
    """
    return f"({amount} * {rate}.own / {rate}.rate)"


def factor(currency, company, day):
    """Return the SQL of the value of one unit of a currency in the company's own currency, on a day that differs by row.

    ``currency`` and ``day`` are columns, ``company`` is the alias of a row of ``res_company``.

    >>> factor("sold.currency_id", "company", "sold.date").startswith("CASE WHEN sold.currency_id = company.currency_id")
    True
    """
    rate = (
        "(SELECT known.rate FROM (" + _KNOWN.format(company=company, day=day) + ") known"
        " WHERE known.currency_id = {} ORDER BY known.company_id, known.name DESC LIMIT 1)"
    )
    own = f"{company}.currency_id"
    return f"CASE WHEN {currency} = {own} THEN 1.0 ELSE {rate.format(own)} / {rate.format(currency)} END"
