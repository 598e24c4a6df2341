import logging
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, groupby

from ...scoring import effect_events, effect_facts
from ...scoring.effects import MEASURES, WINDOWS, Pool, match
from ..common.known_float import KnownFloat
from ..customer.customer_success_stakeholder import ROLES

_logger = logging.getLogger(__name__)

# What was done longer ago says little about today.
YEARS = 3
# The customers for whom one thing was done in a month; of more than these a sample, always the same one.
MOST_TREATED = 100
# The step after the last month.
SUM_UP = 999999
# The day of a month on which customers are looked at for whom nothing was done.
GRID_DAY = 15
# A play starts after the scores of its day; everything else is compared with the evening before.
SCORED_BEFORE = ("play",)
# The measures that are compared in one matching; a renewal is known of few, so it has a matching of its own.
TOGETHER = (("use", "health", "risk"), ("renewal",))


class CustomerSuccessEffectPair(models.Model):
    """A customer for whom a thing was done in a month, and one as much at risk for whom it was not.

    Only the weekly job reads and writes it, month by month. A treated customer without a match stands alone.
    """

    _name = "customer.success.effect.pair"
    _description = "Two Customers Compared"
    _log_access = False
    _order = "id"

    month = fields.Integer(required=True, readonly=True, help="The year and the month, as 202603.")
    kind = fields.Char(required=True, readonly=True)
    subject = fields.Char(required=True, readonly=True)
    days = fields.Integer(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    control_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    use = KnownFloat(readonly=True, digits=(6, 1))
    health = KnownFloat(readonly=True, digits=(6, 1))
    risk = KnownFloat(readonly=True, digits=(6, 1))
    renewal = KnownFloat(readonly=True, digits=(6, 1))

    _thing_idx = models.Index("(kind, subject, days)")
    _month_idx = models.Index("(month)")

    # ------------------------------------------------------------------------------------------
    # The weekly job
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_compare(self):
        """Compare month by month, each in a transaction of its own, and store the effects in the last one."""
        months = self._months()

        def step(items):
            if items == [SUM_UP]:
                self._forget(months)
                self.env["customer.success.effect"]._sum_up()
            else:
                self._compare(items)

        self.env["customer.success.job"]._walk(
            [*months, SUM_UP], step, self._note_not_compared, size=1, bookmark="effects"
        )

    @api.model
    def _months(self):
        """Return the months that are compared, oldest first: those with scores, of the last three years, whose window is over."""
        today = fields.Date.today()
        [[first]] = self.env.execute_query(
            SQL("SELECT min(date) FROM customer_success_score_history")
        )
        if not first:
            return []
        day = max(first, fields.Date.subtract(today, years=YEARS)).replace(day=1)
        months = []
        while day + timedelta(days=min(WINDOWS)) <= today:
            months.append(day.year * 100 + day.month)
            day = fields.Date.add(day, months=1)
        return months

    @api.model
    def _note_not_compared(self, month, error):
        """Leave the pairs of this month, or the effects, as they are; the next job compares again."""
        _logger.warning("What was done in month %s could not be compared: %s", month, error)

    @api.model
    def _forget(self, months):
        self.env.cr.execute(
            SQL("DELETE FROM customer_success_effect_pair WHERE NOT (month = ANY(%s))", months)
        )

    @api.model
    def _compare(self, months):
        for month in months:
            rows = self._compared(month)
            self.env.cr.execute(
                SQL("DELETE FROM customer_success_effect_pair WHERE month = %s", month)
            )
            self._store(month, rows)

    @api.model
    def _store(self, month, rows):
        columns = ("kind", "subject", "days", "partner_id", "control_id", *MEASURES)
        self.env.cr.execute(
            SQL(
                "INSERT INTO customer_success_effect_pair (month, %s) SELECT %s, * FROM unnest(%s)",
                SQL(", ").join(map(SQL.identifier, columns)),
                month,
                SQL(", ").join(
                    SQL("%s::%s[]", list(values), SQL(kind))
                    for values, kind in zip(
                        zip(*rows) if rows else ([],) * len(columns),
                        ("text", "text", "int", "int", "int", *("numeric",) * len(MEASURES)),
                    )
                ),
            )
        )
        self.invalidate_model()

    # ------------------------------------------------------------------------------------------
    # One month
    # ------------------------------------------------------------------------------------------

    @api.model
    def _compared(self, month):
        """Return the rows of the pairs of a month, sets of customers at a time."""
        self.env.flush_all()
        cr, today = self.env.cr, fields.Date.today()
        first = date(month // 100, month % 100, 1)
        span = first, fields.Date.add(first, months=1, days=-1)
        longest = max(WINDOWS) + 1
        customers = effect_facts.read_customers(cr)
        things = effect_events.read_things(
            cr,
            first - timedelta(days=longest),
            span[1] + timedelta(days=longest),
            customers,
            [role for role, _label in ROLES],
        )
        asked = {}  # (thing, window) -> [(customer, day of the score before)]
        others = {}  # thing -> the same, of those that stand for it not being done
        for key, thing in things.items():
            before = timedelta(days=key[0] not in SCORED_BEFORE)
            for days in WINDOWS:
                treated = [
                    (partner, day - before)
                    for partner, day in thing.first_in(span, days)
                    if day - before + timedelta(days=days) <= today
                ]
                asked[key, days] = sorted(treated, key=_scattered)[:MOST_TREATED]
            if thing.others is not None:
                others[key] = [(partner, day - before) for partner, day in thing.others_in(span)]
        grid_day = first.replace(day=GRID_DAY)
        grid = [(partner, grid_day) for partner in customers]
        moments = {*grid, *(m for found in (*asked.values(), *others.values()) for m in found)}
        cases = effect_facts.read_cases(cr, moments, today)
        return self._paired(month, things, asked, others, _Grid(grid, cases), cases)

    @api.model
    def _paired(self, month, things, asked, others, grid, cases):
        used, rows = self._used_before(month), []
        for (key, days), moments in asked.items():
            if not moments:
                continue
            thing, alone = things[key], {partner for partner, _day in moments}
            treated = [cases[moment] for moment in moments if moment in cases]
            for together in TOGETHER:
                known = [case for case in treated if _is_known(case, days, together)]
                if not known:
                    continue
                if key in others:
                    found = [(moment, cases[moment]) for moment in others[key] if moment in cases]
                    pool = Pool(
                        case
                        for (partner, day), case in found
                        if _is_known(case, days, together) and thing.is_control(partner, day, days)
                    )
                    near = lambda case, pool=pool, days=days: pool.near(case, days)  # noqa: E731
                else:
                    near = grid.finder(thing, days, together)
                taken = used.get((*key, days, together[0] == "renewal"), ())
                for case, control in match(known, near, taken):
                    alone.discard(case.customer)
                    rows.append(
                        (
                            *key,
                            days,
                            case.customer,
                            control.customer,
                            *_differences(case, control, days, together),
                        )
                    )
            rows += [
                (*key, days, partner, None, *(None for _name in MEASURES))
                for partner in sorted(alone)
            ]
        return rows

    @api.model
    def _used_before(self, month):
        """Return ``{(kind, subject, window, renewals): ids}`` of the controls that still are controls of an earlier month."""
        used = {}
        for days in WINDOWS:
            first = date(month // 100, month % 100, 1) - timedelta(days=days)
            for kind, subject, is_renewal, control in self.env.execute_query(
                SQL(
                    """
                    SELECT kind, subject, renewal IS NOT NULL, control_id
                      FROM customer_success_effect_pair
                     WHERE month >= %s
                       AND month < %s
                       AND days = %s
                       AND control_id IS NOT NULL
                    """,
                    first.year * 100 + first.month,
                    month,
                    days,
                )
            ):
                used.setdefault((kind, subject, days, is_renewal), set()).add(control)
        return used

    # ------------------------------------------------------------------------------------------
    # All months
    # ------------------------------------------------------------------------------------------

    @api.model
    def _by_thing(self):
        """Yield ``((kind, subject, window, company), pairs)``, with pairs as :meth:`~CustomerSuccessEffect._summed` reads them."""
        things = self.env.execute_query(
            SQL(
                "SELECT DISTINCT kind, subject, days FROM customer_success_effect_pair ORDER BY 1, 2, 3"
            )
        )
        for thing in things:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT p.company_id, pair.partner_id, p.success_user_id, pair.control_id, other.success_user_id,
                           pair.use, pair.health, pair.risk, pair.renewal
                      FROM customer_success_effect_pair pair
                      JOIN res_partner p ON p.id = pair.partner_id
                 LEFT JOIN res_partner other ON other.id = pair.control_id
                     WHERE (pair.kind, pair.subject, pair.days) = (%s, %s, %s)
                  ORDER BY p.company_id NULLS FIRST, pair.month, pair.partner_id, pair.control_id
                    """,
                    *thing,
                )
            )
            kind, subject, days = thing
            for company, found in groupby(rows, key=lambda row: row[0]):
                yield (
                    (kind, subject, str(days), company or False),
                    [
                        (
                            *row[1:5],
                            {n: None if v is None else float(v) for n, v in zip(MEASURES, row[5:])},
                        )
                        for row in found
                    ],
                )


class _Grid:
    """The customers of a month who may be compared with, each on the same day; near ones are found once for all things."""

    def __init__(self, moments, cases):
        self._cases = [cases[moment] for moment in moments if moment in cases]
        self._day = moments[0][1] if moments else None
        self._pools, self._near = {}, {}

    def finder(self, thing, days, together):
        """Return a function that finds the controls of a treated customer."""
        key = days, together
        if key not in self._pools:
            self._pools[key] = Pool(case for case in self._cases if _is_known(case, days, together))
        pool, near = self._pools[key], self._near.setdefault(key, {})

        def may(control):
            return thing.is_control(control.customer, self._day, days)

        def find(case):
            nearest = near.get(id(case))  # the cases live as long as the grid
            if nearest is None:
                nearest = near[id(case)] = pool.near(case, days)
            found = [pair for pair in nearest if may(pair[1])]
            # Where it is done for most of the nearest, those behind them are looked at as well.
            return found if len(found) * 2 >= len(nearest) else pool.near(case, days, may)

        return find


def _is_known(case, days, together):
    changes = case.changes.get(days, ())
    return any(name in changes for name in together)


def _differences(case, control, days, together):
    """Return the difference of each measure between a treated customer and a control; ``None`` where one is unknown."""
    mine, theirs = case.changes[days], control.changes[days]
    return [
        mine[name] - theirs[name] if name in together and name in mine and name in theirs else None
        for name in MEASURES
    ]


def _scattered(moment):
    """Return the place of a customer in a sample, as in :data:`~.effect_facts.SCATTERED`."""
    return moment[0] * 2654435761 % 4294967296, moment[0]
