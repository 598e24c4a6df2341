"""Recurring revenue by month and retention over twelve months, for a whole book, against the least SQL for such figures.

Our side is what the web client asks for when a pivot is opened, as a manager, with all rules of access. The floor is one
plain aggregate over a bare table of the same pieces, joined with the customers: what stood on the first and on the last
day, by the same group. Both take turns, the best of several turns counts, and the last line has the sums of all statements.
"""

from collections import namedtuple
from time import perf_counter

from _vacuum import vacuum
from dateutil.relativedelta import relativedelta

from odoo import fields

SEED = 0.4711
BRIDGE = "customer.success.revenue.bridge"
RETENTION = "customer.success.revenue.retention"
COLUMNS = (
    "at_start",
    "new_value",
    "expansion",
    "contraction",
    "lost",
    "come_back",
    "currency_change",
    "at_end",
)
YEAR = ("base", "kept", "renewed")
RATIOS = ("gross_retention:avg", "net_retention:avg")
# The web client asks for it with each amount.
CURRENCIES = "currency_id:array_agg_distinct"
GROUPS = {
    "month": "1",
    "segment_id": "p.success_segment_id",
    "user_id": "p.success_user_id",
    "product_id": "b.product_id",
    "country_id": "p.country_id",
}
TABLES = ("res_partner", "customer_success_renewal", "customer_success_renewal_amendment")
Timing = namedtuple("Timing", "name ours floor")


def add_arguments(parser):
    parser.add_argument(
        "--customers", type=int, default=100_000, help="number of customers (default: 100000)"
    )
    parser.add_argument("--turns", type=int, default=3, help="turns of each side (default: 3)")


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True, no_reset_password=True))
        populate(env, args.customers)
        manager = user(env, "bench_manager", "customer_success.group_success_manager")
        store(env)
        env.cr.execute("SELECT count(*) FROM customer_success_renewal")
        print(f"{args.customers:,} customers, {env.cr.fetchone()[0]:,} terms")
        seen = env(user=manager.id)
        timings = [compare(seen, args.turns, *statement) for statement in statements(seen)]
        for timing in timings:
            print(f"{timing.name}: {timing.ours:.2f} s, floor {timing.floor:.2f} s")
        ours, floor = (sum(column) for column in list(zip(*timings, strict=True))[1:])
        print(f"ratio {ours / floor:.2f} (ours {ours:.2f} s, floor {floor:.2f} s)")


def store(env):
    """Store the pieces of all terms, and copy them into a bare table for the floor."""
    start = perf_counter()
    env["customer.success.revenue.piece"]._cron_check()
    print(f"stored in {perf_counter() - start:.1f} s")
    vacuum(env, (*TABLES, "customer_success_revenue_piece"))
    start = perf_counter()
    env["customer.success.revenue.piece"]._cron_check()
    print(f"checked in {perf_counter() - start:.1f} s")
    env.cr.execute(
        "CREATE TABLE bench_piece AS"
        " SELECT partner_id, product_id, since, until, value FROM customer_success_revenue_piece"
    )
    vacuum(env, ("bench_piece",))


def statements(env):
    """Yield ``(name, what our side asks, the group of the floor, the days of the floor)`` of each screen."""
    today = fields.Date.context_today(env.user)
    first = today.replace(day=1) - relativedelta(months=11)
    year = [("month", ">=", str(first))]
    sums = [*(f"{name}:sum" for name in COLUMNS), CURRENCIES]
    for group in GROUPS:
        sets = [[], ["month:month"]] if group == "month" else [[], [group], [group, "month:month"]]
        yield (
            f"bridge of a year by month and {group}"
            if len(sets) > 2
            else "bridge of a year by month",
            lambda sets=sets: env[BRIDGE].formatted_read_grouping_sets(year, sets, sums),
            GROUPS[group],
            (first - relativedelta(days=1), today),
        )
    twelve = [("month", "=", str(today.replace(day=1)))]
    for group in GROUPS:
        sets = [[]] if group == "month" else [[], [group]]
        yield (
            f"retention over twelve months by {group}"
            if len(sets) > 1
            else "retention over twelve months",
            lambda sets=sets: env[RETENTION].formatted_read_grouping_sets(
                twelve, sets, [*(f"{name}:sum" for name in YEAR), *RATIOS, CURRENCIES]
            ),
            GROUPS[group],
            (today - relativedelta(years=1), today),
        )


def compare(env, turns, name, ours, group, days):
    """Return the best times of both sides."""

    def floor():
        env.cr.execute(FLOOR.format(group=group), days * 2)
        env.cr.fetchall()

    best = {}
    for _turn in range(turns):
        for side in (ours, floor):
            env.invalidate_all()
            start = perf_counter()
            side()
            best[side] = min(perf_counter() - start, best.get(side, 1e9))
    return Timing(name, best[ours], best[floor])


FLOOR = """
SELECT {group}, sum(b.value) FILTER (WHERE b.since <= %s), sum(b.value) FILTER (WHERE b.until > %s)
  FROM bench_piece b
  JOIN res_partner p ON p.id = b.partner_id
 WHERE b.until > %s
   AND b.since <= %s
 GROUP BY 1
"""


def user(env, login, group):
    return env["res.users"].create(
        {"name": login, "login": login, "group_ids": [(6, 0, env.ref(group).ids)]}
    )


def populate(env, number):
    """Create customers with one product to three, and of each a chain of one to seven terms of a year, by SQL."""
    env["product.product"].create([{"name": f"Product {n}"} for n in range(6)])
    env["customer.success.segment"].create([{"name": f"Segment {n}"} for n in range(6)])
    csm = env.ref("customer_success.group_success_user").ids
    env["res.users"].create(
        [
            {"name": f"CSM {n}", "login": f"bench_csm_{n}", "group_ids": [(6, 0, csm)]}
            for n in range(40)
        ]
    )
    foreign = env["res.currency"].create({"name": "QQB", "symbol": "q"})
    for months in range(0, 72, 3):
        day = fields.Date.today().replace(day=1) - relativedelta(months=months)
        env["res.currency.rate"].create(
            {"currency_id": foreign.id, "name": day, "rate": 1.1 + months % 7 / 20}
        )
    env.flush_all()
    env.cr.execute("SELECT setseed(%s)", [SEED])
    for statement in POPULATE:
        env.cr.execute(statement, {"n": number, "foreign": foreign.id})
    vacuum(env, TABLES)


POPULATE = (
    """
    INSERT INTO res_partner (id, commercial_partner_id, name, complete_name, active, is_company, type,
                             success_stage_id, success_stage_date, success_user_id, success_segment_id, country_id)
    SELECT id, id, 'Customer ' || n, 'Customer ' || n, TRUE, TRUE, 'contact',
           (SELECT id FROM customer_success_stage ORDER BY sequence LIMIT 1), CURRENT_DATE - 400,
           csm.ids[1 + n %% array_length(csm.ids, 1)], segment.ids[1 + n %% array_length(segment.ids, 1)],
           country.ids[1 + n %% array_length(country.ids, 1)]
      FROM (SELECT nextval('res_partner_id_seq') AS id, n FROM generate_series(1, %(n)s) n) number,
           (SELECT array_agg(id) AS ids FROM res_users WHERE login LIKE 'bench_csm_%%') csm,
           (SELECT array_agg(id) AS ids FROM customer_success_segment) segment,
           (SELECT array_agg(id) AS ids FROM (SELECT id FROM res_country ORDER BY id LIMIT 30) c) country
    """,
    # Of each chain its length, its last end, its value, and by how much each renewal changes it.
    """
    INSERT INTO customer_success_renewal (name, active, partner_id, product_id, company_id, currency_id, date_start,
                                          date_renewal, date_notice, annual_value, counted_value, seats, outcome,
                                          renewed_value, renewed_seats, notice_period, notice_unit)
    SELECT 'Renewal', TRUE, chain.partner_id, chain.product_id, company.id,
           CASE WHEN chain.is_foreign THEN %(foreign)s ELSE company.currency_id END,
           chain.last_end - 365 * (chain.length - number + 1), chain.last_end - 365 * (chain.length - number),
           chain.last_end - 365 * (chain.length - number) - 60, worth.value, worth.value, 100,
           CASE WHEN number < chain.length THEN 'renewed' WHEN chain.is_gone THEN 'churned' ELSE 'pending' END,
           CASE WHEN number < chain.length THEN worth.value ELSE 0 END, 100, 2, 'months'
      FROM (SELECT p.id AS partner_id, product.id AS product_id, 1 + (random() * 6)::int AS length,
                   p.id %% 10 = 0 AS is_foreign, dice.gone < 0.1 AS is_gone,
                   CURRENT_DATE - 60 + CASE WHEN dice.gone < 0.1 THEN -(random() * 1500)::int ELSE (random() * 365)::int END
                       AS last_end,
                   (1000 + random() * 90000)::int AS value,
                   CASE WHEN random() < 0.35 THEN 0.9 + random() * 0.3 ELSE 1 END AS change
              FROM res_partner p
        CROSS JOIN LATERAL (SELECT random() AS gone, p.id) dice
              JOIN (SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM product_product LIMIT 6) product
                ON product.place = 1 + p.id %% 6
                OR p.id %% 3 = 0 AND product.place = 1 + (p.id + 1) %% 6
                OR p.id %% 7 = 0 AND product.place = 1 + (p.id + 2) %% 6
             WHERE p.success_stage_id IS NOT NULL) chain
CROSS JOIN LATERAL generate_series(1, chain.length) number
CROSS JOIN LATERAL (SELECT round((chain.value * chain.change ^ number)::numeric, 2) AS value) worth,
           (SELECT * FROM res_company ORDER BY id LIMIT 1) company
    """,
    """
    UPDATE customer_success_renewal later
       SET previous_id = before.id
      FROM customer_success_renewal before
     WHERE before.partner_id = later.partner_id
       AND before.product_id = later.product_id
       AND before.date_renewal = later.date_start
    """,
    # Every twentieth term grows by a tenth within its year.
    """
    INSERT INTO customer_success_renewal_amendment (renewal_id, partner_id, company_id, currency_id, date, annual_value,
                                                    counted_value, seats, active)
    SELECT id, partner_id, company_id, currency_id, date_start + 100, annual_value * 1.1, annual_value * 1.1, 110, TRUE
      FROM customer_success_renewal
     WHERE id %% 20 = 0
       AND date_start + 100 < CURRENT_DATE
    """,
)
