"""The workbook against xlsxwriter writing the same cells alone, and against Odoo's own export of a list.

Our side is the whole workbook with all its sheets, from the database to the closed file, as the manager gets it.
The floor writes exactly the same cells, with the same formats, by xlsxwriter in constant memory and nothing else: the
cells were recorded while our side wrote them, and reading the record is not timed. Charts are not part of the floor.

The list export is that of Odoo's web client: those columns of our sheet of customers that it can export, for the same
customers. Our side is that sheet alone.

Memory is the growth of the process' peak while it writes, each time in a process of its own: once for a tenth of the
customers and once for all of them. The two should not differ.
"""

import gc
import os
import pickle
import resource
import tempfile
from time import perf_counter

import _book as book
from _vacuum import vacuum

TABLES = (
    "res_partner",
    "customer_success_usage",
    "customer_success_answer",
    "customer_success_barrier",
    "customer_success_renewal",
    "customer_success_score",
    "customer_success_renewal_score",
    "customer_success_objective",
    "customer_success_change",
    "customer_success_interaction",
)
# The fields of the list that our sheet shows; columns that need formulas of ours are left out
EXPORTED = (
    "name",
    "ref",
    "success_stage_id",
    "success_user_id",
    "success_go_live_date",
    "success_health",
    "success_health_band",
    "success_confidence",
    "success_renewal_risk",
    "success_risk_band",
    "success_contraction_risk",
    "success_value_at_risk",
    "success_currency_id",
    "success_next_renewal_date",
    "success_adoption",
    "success_coverage",
    "success_sentiment",
    "success_sentiment_date",
    "success_view_gap",
    "success_scored_at",
)
EXPORTED_AT_MOST = (
    20_000  # more customers would not change the time for each customer, only that of the bench
)
NOTED = 50_000  # recorded cells in memory at a time
FORMATS = {}  # of the recorded cells: number format by the id of the format
PARENTS = []


def add_arguments(parser):
    parser.add_argument(
        "--customers", type=int, default=10_000, help="number of customers (default: 10000)"
    )


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True, lang="en_US", tz="UTC"))
        populate(env, args.customers)
        write(env, 100)  # so that the memory already holds what Odoo loads at the first call
        small = peak(env, max(args.customers // 10, 1))
        large = peak(env, args.customers)
        ours = min(timed(env, lambda: write(env)) for _attempt in range(2))
        with tempfile.TemporaryFile() as notes:
            size, cells = note(env, notes)
            floors = [floor(notes) for _attempt in range(2)]
        sheet = timed(env, lambda: write(env, sheets=["customers"]))
        number = min(args.customers, EXPORTED_AT_MOST)
        exported = timed(env, lambda: export(env, number)) / number
        a, b = ours, min(floors)
        print(f"{args.customers:,} customers: {cells:,} cells, {size / 1e6:.1f} MB")
        print(
            f"memory: +{small:.0f} MB for {args.customers // 10:,} customers,"
            f" +{large:.0f} MB for {args.customers:,}"
        )
        mine = sheet / args.customers
        print(
            f"list export: {1e6 * exported:.0f} us a customer on {number:,}, our sheet of customers"
            f" {1e6 * mine:.0f} us: {exported / mine:.1f} times as fast"
        )
        print(f"ratio {a / b:.2f} (ours {a:.2f} s, xlsxwriter alone {b:.2f} s)")


def timed(env, work):
    vacuum(env, TABLES)
    start = perf_counter()
    work()
    return perf_counter() - start


def write(env, customers=None, sheets=None):
    """Write a workbook into a file, and return its size in bytes."""
    domain = []
    if customers:
        first = (
            env["res.partner"].search([("success_stage_id", "!=", False)], order="id", limit=1).id
        )
        domain = [("id", "<", first + customers)]
    with tempfile.TemporaryFile() as stream:
        env["customer.success.workbook"]._write(stream, domain, sheets)
        return stream.tell()


def peak(env, customers):
    """Return the growth of the peak in MB, measured in a child process that has not grown before."""
    vacuum(env, TABLES)
    reading, writing = os.pipe()
    dsn = env.cr.dbname
    child = os.fork()
    if not child:
        try:
            answer = _peak_in_child(env, dsn, customers)
            os.write(writing, f"{answer}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return float(answer)


def _peak_in_child(env, name, customers):
    """Measure with a connection that the child opens itself, because it must not share the parent's."""
    from odoo import sql_db
    from odoo.api import Environment
    from odoo.modules.registry import Registry

    PARENTS.append(
        (sql_db._Pool, env.cr)
    )  # closing one of these would close the parent's connection
    sql_db._Pool = None
    registry = Registry(name)
    registry._db = sql_db.db_connect(name)
    with registry.cursor() as cr:
        own = Environment(cr, env.uid, env.context)
        write(own, 100)
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        write(own, customers)
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def note(env, notes):
    """Write once more and record each cell: sheet, row, column, method, value, format.

    Return the size in bytes and the number of cells.
    """
    from unittest.mock import patch

    from xlsxwriter.worksheet import Worksheet

    from odoo.addons.customer_success.report.workbook import fast_rows

    methods = ("write_string", "write_number", "write_blank", "write_formula")
    originals = {name: getattr(Worksheet, name) for name in methods}
    pending, formats, count = [], {}, 0

    def flush():
        pickle.dump(pending, notes, pickle.HIGHEST_PROTOCOL)
        pending.clear()

    def noting(name):
        def method(sheet, row, col, value, style=None, *more):
            nonlocal count
            if style is not None and id(style) not in formats:
                formats[id(style)] = style.num_format
            pending.append((sheet.index, row, col, name, value, id(style), more))
            count += 1
            if len(pending) == NOTED:
                flush()
            return originals[name](sheet, row, col, value, style, *more)

        return method

    for name in methods:
        setattr(Worksheet, name, noting(name))
    try:
        with patch.object(fast_rows, "can_write", lambda sheet: False):
            size = write(env)
    finally:
        for name, method in originals.items():
            setattr(Worksheet, name, method)
    flush()
    FORMATS.update(formats)
    return size, count


def floor(notes):
    """Return the seconds that xlsxwriter alone takes for the recorded cells, without reading the record."""
    import xlsxwriter

    notes.seek(0)
    seconds = 0.0
    with tempfile.TemporaryFile() as stream:
        start = perf_counter()
        workbook = xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_urls": False})
        workbook.use_zip64()
        formats = {key: workbook.add_format({"num_format": code}) for key, code in FORMATS.items()}
        sheets = {}
        seconds += perf_counter() - start
        while True:
            try:
                cells = pickle.load(notes)
            except EOFError:
                break
            start = perf_counter()
            for index, row, col, name, value, style, more in cells:
                if index not in sheets:
                    sheets[index] = workbook.add_worksheet()
                getattr(sheets[index], name)(row, col, value, formats.get(style), *more)
            seconds += perf_counter() - start
        start = perf_counter()
        workbook.close()
        return seconds + perf_counter() - start


def export(env, number):
    """Export ``number`` records of the list as the web client does; return the size in bytes."""
    from types import SimpleNamespace

    from odoo.http import _request_stack

    from odoo.addons.web.controllers.export import ExportXlsxWriter

    partners = env["res.partner"].search(
        [("success_stage_id", "!=", False)],
        order="success_renewal_risk desc, name, id",
        limit=number,
    )
    data = partners.export_data(list(EXPORTED)).get("datas", [])
    fields = [{"name": name, "label": name, "type": "char"} for name in EXPORTED]
    _request_stack.push(SimpleNamespace(env=env))
    with ExportXlsxWriter(fields, list(EXPORTED), len(data)) as writer:
        for row, cells in enumerate(data):
            for column, value in enumerate(cells):
                writer.write_cell(row + 1, column, value)
    _request_stack.pop()
    return len(writer.value)


def populate(env, number):
    """Create a book with facts of every kind, by SQL, and score it; this is not measured."""
    book.populate(env, number)
    for statement in MORE:
        env.cr.execute(statement, {"n": number})
    env.cr.commit()
    env.invalidate_all()
    vacuum(env, TABLES)
    env["customer.success.score"]._cron_score_all()


MORE = (
    """
    UPDATE res_partner SET success_user_id = 2, ref = 'C-' || id,
           success_sentiment = (ARRAY['confident', 'watchful', 'worried'])[1 + id %% 3],
           success_sentiment_date = CURRENT_DATE - id %% 100
     WHERE success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_objective (name, partner_id, horizon, state, is_open, currency_id, expected_value,
                                            realised_value, date_due, progress)
    SELECT 'Orders are entered on the day', p.id, 'short', 'open', TRUE, company.currency_id, 1000, 0,
           CURRENT_DATE + (random() * 365)::int, round((random() * 100)::numeric, 1)
      FROM res_partner p, (SELECT * FROM res_company ORDER BY id LIMIT 1) company
     WHERE p.success_stage_id IS NOT NULL
    """,
    """
    INSERT INTO customer_success_change (name, active, partner_id, kind, area, phase, side, state, is_open, date,
                                         people_affected)
    SELECT 'New hires', TRUE, p.id, 'new_hires', 'process', 'after', 'customer', 'planned', TRUE,
           CURRENT_DATE + (random() * 365)::int, 20
      FROM res_partner p WHERE p.success_stage_id IS NOT NULL AND random() < 0.3
    """,
    """
    INSERT INTO customer_success_change_area_rel (change_id, area_id)
    SELECT change.id, area.id
      FROM customer_success_change change
      JOIN customer_success_change_area area ON area.code = change.area
    """,
    """
    INSERT INTO customer_success_interaction (partner_id, date, user_id, kind, proactive, duration, is_advice,
                                              is_leaked, advice_hours, leaked_hours, advice_share, state, has_content)
    SELECT p.id, CURRENT_DATE - (random() * 300)::int, 2, 'advisory', TRUE, 1, TRUE, FALSE, 1, 0, 100, 'held', TRUE
      FROM res_partner p WHERE p.success_stage_id IS NOT NULL
    """,
)
