"""The time and queries that the addon adds to the pipeline, the board of renewals and the customer form.

Each screen is read as the web client reads it, with the fields that its view names, and once more without
our fields, as the salesperson (the form as the CSM). The two take turns, and the ratio is the median of the
ratios of all turns, so that a busy machine slows both. Queries are counted for few and for many cards: the
difference must not grow. The form's later reads, when it is shown and when a page is opened, are printed apart.
"""

from collections import defaultdict
from statistics import median
from time import perf_counter

import _book
from _vacuum import vacuum
from lxml import etree

ATTEMPTS = 40
FEW, MANY = 5, 80  # cards; a column of the board and a page of the list have 80
X2MANY_LIMIT = 40


def add_arguments(parser):
    parser.add_argument(
        "--leads", type=int, default=10_000, help="number of leads (default: 10000)"
    )


def main(env_factory, args):
    with env_factory() as env:
        env = env(context=dict(env.context, tracking_disable=True, no_reset_password=True))
        _book.populate(env, args.leads)
        env["customer.success.score"]._cron_score_all()
        sales = user(env, "bench_sales", "sales_team.group_sale_salesman_all_leads")
        csm = user(env, "bench_csm", "customer_success.group_success_user_all")
        populate_leads(env, args.leads, sales)
        vacuum(env, (*_book.TABLES, "crm_lead"))
        print(f"{args.leads:,} leads of as many customers")
        leads = env["crm.lead"].with_user(sales)
        compare("pipeline board", leads, "kanban", board)
        compare("pipeline list", leads, "list", page)
        partners = env["res.partner"].with_user(csm)
        compare("customer form", partners, "form", form)
        later(partners)
        renewals = env["customer.success.sales.renewal"].with_user(sales)
        compare("renewals board", renewals, "kanban", board)
        compare("renewals list", renewals, "list", page)


def compare(name, model, view_type, read):
    """Print how a screen compares with itself without our fields; for a screen of ours, its time and queries."""
    arch = etree.fromstring(model.get_view(view_type=view_type)["arch"])
    ours = specification(model, arch)
    plain = {field: spec for field, spec in ours.items() if not is_ours(model, field)}
    both = [ours, plain] if len(plain) > 1 else [ours]
    sizes = (FEW, MANY) if read is not form else (1,)
    seconds, queries = defaultdict(list), {}
    for attempt in range(ATTEMPTS + 1):
        for number, spec in enumerate(both):
            for cards in sizes:
                taken, asked = timed(model, lambda s=spec, c=cards: read(model, s, c))
                if attempt:  # the first attempt warms the caches of names, rights and views
                    seconds[number, cards].append(taken)
                    queries[number, cards] = asked
    with_ours = seconds[0, sizes[-1]]
    line = f"{1000 * median(with_ours):.1f} ms, {queries[0, sizes[-1]]} queries"
    if len(both) > 1:
        without = seconds[1, sizes[-1]]
        ratio = median(a / b for a, b in zip(with_ours, without, strict=True))
        added = ", ".join(f"{queries[0, c] - queries[1, c]:+d} for {c}" for c in sizes)
        line = (
            f"ratio {ratio:.2f} (with {1000 * min(with_ours):.1f} ms, without"
            f" {1000 * min(without):.1f} ms at best), queries {added}"
        )
    print(f"{name}: {line}")


def later(model):
    """Print the reads of the form once it is shown, together, and those of each page when it is opened."""
    arch = etree.fromstring(model.get_view(view_type="form")["arch"])
    asked = defaultdict(list)
    for node in arch.iter("widget"):
        if node.get("name").startswith("success_"):
            asked["when it is shown" if at_once(node) else shown_in(node)].append(node)
    for name, nodes in asked.items():
        names = sorted({node.get("field") for node in nodes if node.get("field")})
        views = [int(node.get("view")) for node in nodes if node.get("view")]
        archs = [etree.fromstring(model.get_view(view)["arch"]) for view in views]
        told(name, model, names, [specification(model, arch) for arch in archs])


def told(name, model, names, specs):
    """Print the time and queries to read fields, and parts of the form by their specifications."""
    partner = model.search([("success_stage_id", "!=", False)], limit=1, order="id")

    def read():
        if names:
            partner.read(names)
        for spec in specs:
            partner.web_read(spec)

    turns = [timed(model, read) for _attempt in range(ATTEMPTS + 1)][1:]
    seconds, queries = zip(*turns, strict=True)
    print(f"  later, {name}: {1000 * median(seconds):.1f} ms, {queries[-1]} queries")


def shown_in(node):
    """Return the name of the page that contains a node of a form; ``None`` outside of pages."""
    return next((parent.get("name") for parent in node.iterancestors("page")), None)


def at_once(node):
    """Return whether a node is shown with the form: outside of pages, or on the first page of each notebook."""
    return all(page.getprevious() is None for page in node.iterancestors("page"))


def is_ours(model, field):
    return (model._fields[field]._module or "").startswith("customer_success")


def timed(model, work):
    """Return the seconds and queries that ``work`` takes with an empty record cache."""
    model.env.invalidate_all()
    before = model.env.cr.sql_log_count
    start = perf_counter()
    work()
    return perf_counter() - start, model.env.cr.sql_log_count - before


def board(model, spec, limit):
    column = {"crm.lead": "stage_id"}.get(model._name, "forecast_effective")
    value = {"crm.lead": "expected_revenue"}.get(model._name, "value")
    bar = {"crm.lead": "activity_state"}.get(model._name, "risk_band")
    model.read_progress_bar([], column, {"field": bar, "colors": {}})
    model.with_context(read_group_expand=True).web_read_group(
        [],
        [column],
        [f"{value}:sum"],
        auto_unfold=True,
        unfold_read_specification=spec,
        unfold_read_default_limit=limit,
    )


def page(model, spec, limit):
    model.web_search_read([], spec, limit=limit)


def form(model, spec, _limit):
    model.search([("success_stage_id", "!=", False)], limit=1, order="id").web_read(spec)


def specification(model, node):
    """Return the specification that the web client sends for the fields that a view names."""
    found = {}
    for element in fields_of(node):
        field = model._fields[element.get("name")]
        found[field.name] = {}
        if field.type == "many2one":
            found[field.name] = {"fields": {"display_name": {}}}
        elif field.type in ("one2many", "many2many"):
            lines = model.env[field.comodel_name]
            views = [child for child in element if child.tag in ("list", "kanban")]
            columns = specification(lines, views[0]) if views else {"display_name": {}}
            found[field.name] = {"fields": columns, "limit": X2MANY_LIMIT}
    return found


def fields_of(node):
    """Yield the field nodes of a view, without those of the views inside it."""
    for child in node:
        if child.tag == "field":
            yield child
        elif isinstance(child.tag, str):
            yield from fields_of(child)


def user(env, login, group):
    return env["res.users"].create(
        {"name": login, "login": login, "group_ids": [(6, 0, env.ref(group).ids)]}
    )


def populate_leads(env, number, salesperson):
    """Create an opportunity with each customer, by SQL, in all open stages."""
    env.cr.execute(
        """
        INSERT INTO crm_lead (name, type, active, partner_id, user_id, company_id, stage_id,
                              expected_revenue, probability, won_status, date_last_stage_update, create_date,
                              success_kind)
        SELECT 'More for ' || p.name, 'opportunity', TRUE, p.id, %(user)s, %(company)s,
               (SELECT id FROM crm_stage WHERE NOT COALESCE(is_won, FALSE)
                 ORDER BY sequence OFFSET p.id %% 3 LIMIT 1),
               1000 + p.id %% 9000, 30, 'pending', now(), now(), 'upsell'
          FROM res_partner p
         WHERE p.success_stage_id IS NOT NULL
         LIMIT %(number)s
        """,
        {"user": salesperson.id, "company": env.company.id, "number": number},
    )
    env.cr.commit()
