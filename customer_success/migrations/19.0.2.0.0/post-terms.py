from dateutil.relativedelta import relativedelta
from psycopg2.extras import execute_values

from odoo import SUPERUSER_ID, api
from odoo.tools import split_every

from odoo.addons.customer_success.scoring.chain import Chain

BATCH = 5000
TOO_FAR = (OverflowError, ValueError)


def migrate(cr, version):
    """Set the anchor, the meaning of the end, the notice period and the value of each term; no date changes.

    A term that the former rule created keeps the anchor of the term before it, also if it has drifted, so that the next
    one ends where it should. The start of the following term shows what an end is, unless the former rule created that
    term: it always began on the end of the one before.
    """
    cr.execute(
        """
        DECLARE success_terms NO SCROLL CURSOR FOR
        SELECT term.id, term.partner_id, term.previous_id, term.date_start, term.date_renewal, term.date_notice,
               COALESCE(term.source_values->>'model', '') IN ('contract.line', 'sale.order.line'),
               ARRAY(SELECT next.date_start
                       FROM customer_success_renewal next
                      WHERE next.previous_id = term.id AND next.date_start IS NOT NULL),
               ARRAY(SELECT next.date_renewal
                       FROM customer_success_renewal next
                      WHERE next.previous_id = term.id AND next.date_start IS NOT NULL)
          FROM customer_success_renewal term
         WHERE term.anchor_end IS NULL
      ORDER BY term.partner_id, term.date_renewal, term.id
        """
    )
    partner, chains, found = None, {}, []
    for row in _rows(cr):
        if row[1] != partner:
            partner, chains = row[1], {}
        try:
            values, chains[row[0]] = _values(row, chains.get(row[2]))
        except TOO_FAR:
            continue
        found.append((row[0], *values))
        if len(found) == BATCH:
            _store(cr, found)
            found = []
    _store(cr, found)
    _value_whole_terms(cr)


def _rows(cr):
    """Yield the rows of the cursor of the database, so that memory stays flat."""
    while True:
        cr.execute("FETCH %s FROM success_terms", [BATCH])
        rows = cr.fetchall()
        if not rows:
            break
        yield from rows
    cr.execute("CLOSE success_terms")


def _values(row, before):
    """Return the values of the new columns, and ``(start, end, anchor, chain, notice)`` for the next terms.

    The former rule carried a notice date on in days: such a date stays for its term, and the period is that of the first term.
    """
    _id, _partner, _previous, start, end, notice, is_exclusive, starts, ends = row
    continues = before and (
        before[3].has(start, end) or (start, end) == (before[1], _former_end(before[0], before[1]))
    )
    if continues:
        anchor, chain = before[2], before[3]
    else:
        by_hand = [
            day
            for day, until in zip(starts, ends)
            if (day, until) != (end, _former_end(start, end))
        ]
        is_last = False if is_exclusive or end in by_hand else None
        anchor, chain = (start, end), Chain.of(start, end, is_last)
    period = notice and chain.notice_of(end, notice)
    is_by_hand = bool(notice and not period)
    carried = before[4] if continues else None
    if notice and carried and (end - notice).days == carried[1]:
        period = carried[0]
        is_by_hand = chain.notice_day(end, period) != notice
    values = (
        chain.last_day,
        *anchor,
        period.number if period else 0,
        period.unit if period else "months",
        period.to if period else "term",
        is_by_hand,
    )
    days = (end - notice).days if notice else None
    return values, (start, end, anchor, chain, period and (period, days))


def _former_end(start, end):
    """Return the end of the next term by the rule of former versions, which counted from the last end."""
    if not start:
        return end + relativedelta(months=12)
    length = relativedelta(end, start)
    months = length.years * 12 + length.months
    if months and start + relativedelta(months=months) == end:
        return end + relativedelta(months=months)
    return end + (end - start)


def _store(cr, found):
    if found:
        execute_values(
            cr._obj,
            """
            UPDATE customer_success_renewal term
               SET end_is_last_day = said.last, anchor_start = said.first::date, anchor_end = said.until::date,
                   notice_period = said.number, notice_unit = said.unit, notice_to = said.target,
                   notice_is_by_hand = said.hand
              FROM (VALUES %s) AS said (id, last, first, until, number, unit, target, hand)
             WHERE term.id = said.id
            """,
            found,
            page_size=BATCH,
        )


def _value_whole_terms(cr):
    """Compute the values of whole terms, now that it is known what their ends mean; in batches, so that memory stays flat."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.invalidate_all()
    cr.execute("SELECT id FROM customer_success_renewal WHERE date_start IS NOT NULL ORDER BY id")
    model = env["customer.success.renewal"]
    for ids in split_every(BATCH, [row[0] for row in cr.fetchall()]):
        terms = model.browse(ids)
        env.add_to_compute(model._fields["term_value"], terms)
        terms.flush_recordset(["term_value"])
        env.invalidate_all()
