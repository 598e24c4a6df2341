"""The factor tickets: old open tickets, and new tickets compared with the usual number of the customer."""

from math import log2

from odoo.addons.customer_success.scoring.ends import below_top, less
from odoo.addons.customer_success.scoring.factor import UNKNOWN, Factor, Lever, Step, register

# The value if tickets are answered in time: better than neutral, but not as good as good use.
IN_TIME = 75.0
# Twice the usual number takes almost RISE points. FEW is added to both numbers, so that a few tickets change little.
RISE, FEW = 30.0, 2
# The points that each of the two approaches, and from how many below on.
MOST, BEND = 45.0, 15.0

# Tickets are counted by week, so that one more day changes nothing. The tickets opened in the latest 13 weeks are
# compared with those of the 52 weeks before.
LOAD = Step(
    "ticket_load",
    """
    SELECT *
      FROM (SELECT partner_id,
                   count(*) FILTER (WHERE is_open) AS open_now,
                   count(*) FILTER (WHERE is_open AND weeks >= 2) AS old,
                   COALESCE(sum(weight * (1 + LEAST(weeks, 13) / 13.0))
                            FILTER (WHERE is_open AND weeks >= 2), 0)::float8 AS backlog,
                   count(*) FILTER (WHERE weeks < 13) AS latest,
                   -- The usual number is known after half a year of tickets.
                   CASE WHEN max(weeks) >= 39
                        THEN round(count(*) FILTER (WHERE weeks BETWEEN 13 AND 64) * 13.0
                                   / (LEAST(max(weeks), 64) - 12), 1)::float8
                   END AS usual,
                   bool_or(is_open OR weeks < 65) AS is_fresh
              FROM (SELECT ticket.commercial_partner_id AS partner_id,
                           stage.closed IS NOT TRUE AS is_open,
                           CASE ticket.priority WHEN '3' THEN 12 WHEN '2' THEN 8 ELSE 4 END
                               AS weight,
                           GREATEST(0, (date_trunc('week', %(today)s::timestamp)::date + 6
                                        - ticket.create_date::date) / 7) AS weeks
                      FROM helpdesk_ticket ticket
                 LEFT JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
                     WHERE ticket.commercial_partner_id IN_SCOPE
                       AND ticket.active
                       AND ticket.duplicate_id IS NULL) AS ticket
          GROUP BY partner_id) AS counted
     WHERE is_fresh
""",
)


def value(facts, rules):
    """Return 75 less points for old open tickets and for more tickets than usual, and the evidence.

    The factor is unknown for a customer without tickets.

    >>> from odoo.addons.customer_success.scoring.facts import Facts
    >>> few = {"tickets_open": 1, "tickets_old": 0, "tickets_backlog": 0.0, "tickets_latest": 8}
    >>> value(Facts(1, **few), None)
    (75.0, {'open': 1, 'old': 0, 'latest': 8})
    >>> value(Facts(1, **few, tickets_usual=3.0), None)
    (45.0, {'open': 1, 'old': 0, 'latest': 8, 'usual': 3.0})
    >>> value(Facts(1), None)
    (None, None)
    """
    if facts.tickets_open is None:
        return UNKNOWN
    evidence = {
        "open": facts.tickets_open,
        "old": facts.tickets_old,
        "latest": facts.tickets_latest,
    }
    rise = 0.0
    if facts.tickets_usual is not None:
        evidence["usual"] = facts.tickets_usual
        rise = RISE * log2((facts.tickets_latest + FEW) / (facts.tickets_usual + FEW))
    taken = below_top(max(0.0, rise), BEND, MOST) + below_top(facts.tickets_backlog, BEND, MOST)
    return less(IN_TIME, taken), evidence


def words(env, evidence):
    """Return the numbers of open, old and new tickets, and the usual number, as text."""
    said = []
    if evidence.has("open"):
        said.append(env._("Open tickets: %d", evidence["open"]))
    if evidence.number("old"):
        said.append(env._("Open for more than two weeks: %d", evidence["old"]))
    if evidence.has("latest", "usual"):
        said.append(
            env._(
                "New tickets in 13 weeks: %(latest)d, usual for this customer: %(usual).1f",
                latest=evidence["latest"],
                usual=evidence["usual"],
            )
        )
    elif evidence.has("latest"):
        said.append(env._("New tickets in 13 weeks: %d", evidence["latest"]))
    return " · ".join(said)


def _answered(facts, rules):
    """Yield the number of tickets older than two weeks, and the facts with these closed."""
    if facts.tickets_old:
        yield (
            facts.tickets_old,
            facts.replaced(
                tickets_open=facts.tickets_open - facts.tickets_old,
                tickets_old=0,
                tickets_backlog=0.0,
            ),
        )


def _say_answered(env, number):
    if number == 1:
        return env._("Close the ticket that is older than two weeks")
    return env._("Close the %d tickets that are older than two weeks", number)


TICKETS = register(
    Factor(
        "tickets",
        value=value,
        words=words,
        steps=(LOAD,),
        columns={
            "tickets_open": "ticket_load.open_now",
            "tickets_old": "ticket_load.old",  # open for two weeks or more
            "tickets_backlog": "ticket_load.backlog",  # the old ones, weighted by priority and age
            "tickets_latest": "ticket_load.latest",  # opened in the latest 13 weeks
            "tickets_usual": "ticket_load.usual",
        },
        levers=(Lever("answered", _answered, _say_answered),),
        formula=2,
    )
)
