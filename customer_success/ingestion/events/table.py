"""The SQL of the table of events: one part for each day, so that an old day is dropped and not deleted row by row."""

from io import StringIO

from psycopg2 import errors
from psycopg2.extras import execute_values

from odoo.tools import SQL

TABLE = "customer_success_event"
COLUMNS = (
    "source_id",
    "day",
    "at",
    "message",
    "person",
    "key",
    "name",
    "domain",
    "mail",
    "licensed",
    "business_date",
)
# ``day`` is that of ``at``, in UTC. ``received`` tells the roll-up what is new.
CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    source_id int NOT NULL,
    day date NOT NULL,
    at timestamp NOT NULL,
    received timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    message uuid NOT NULL,
    person uuid,
    key varchar,
    name varchar,
    domain varchar,
    mail uuid,
    licensed int,
    business_date date
) PARTITION BY RANGE (day);
CREATE UNIQUE INDEX IF NOT EXISTS {TABLE}_message_idx ON {TABLE} (source_id, message, day);
CREATE INDEX IF NOT EXISTS {TABLE}_received_idx ON {TABLE} USING brin (received) WITH (pages_per_range = 16)
"""
_LOCK = f"SELECT pg_advisory_xact_lock(hashtext('{TABLE}'))"
_PARTS = f"""
SELECT to_date(right(c.relname, 8), 'YYYYMMDD')
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = '{TABLE}'::regclass
"""
_COPY = f"COPY {TABLE} ({', '.join(COLUMNS)}) FROM STDIN"
_INSERT = f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES %s ON CONFLICT DO NOTHING"
# The same message on a day nearby, too: it was sent again by a clock that is off, or with other content.
_KNOWN = f"""
SELECT message::text FROM {TABLE}
 WHERE source_id = %s AND message = ANY(%s::uuid[]) AND day BETWEEN %s::date - 2 AND %s::date + 2
"""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _part(day):
    return SQL.identifier(f"{TABLE}_{day:%Y%m%d}")


def make_parts(env, days):
    """Make the parts of these days that do not exist yet; writers of other days are not kept waiting."""
    env.cr.execute(_LOCK)
    env.cr.execute(_PARTS)
    known = {day for (day,) in env.cr.fetchall()}
    for day in sorted(set(days) - known):
        env.cr.execute(
            SQL("CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS)", _part(day), SQL.identifier(TABLE))
        )
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s::date + 1)",
                SQL.identifier(TABLE),
                _part(day),
                day.isoformat(),
                day.isoformat(),
            )
        )


def drop_parts(env, before):
    """Drop the parts of the days before one; return how many."""
    env.cr.execute(_LOCK)
    env.cr.execute(_PARTS)
    old = [day for (day,) in env.cr.fetchall() if day < before]
    for day in old:
        env.cr.execute(SQL("DROP TABLE %s", _part(day)))
    return len(old)


def write(env, source_id, events):
    """Write events that are not there yet, given as ``{message: event}``; return how many were new.

    They are copied. If another request has written one of them meanwhile, all are inserted one by one; if a day has no part yet,
    because the job did not run, it is made.
    """
    if not events:
        return 0
    days = {event.at.date() for event in events.values()}
    env.cr.execute(_KNOWN, (source_id, list(events), min(days), max(days)))
    known = {message.replace("-", "") for (message,) in env.cr.fetchall()}
    events = [event for message, event in events.items() if message not in known]
    if not events:
        return 0
    try:
        return _copied(env, source_id, events)
    except errors.CheckViolation:
        make_parts(env, days)
    except errors.UniqueViolation:
        return _inserted(env, source_id, events)
    try:
        return _copied(env, source_id, events)
    except errors.UniqueViolation:
        return _inserted(env, source_id, events)


def _copied(env, source_id, events):
    lines = []
    for event in events:
        cells = [
            "\\N" if cell is None else str(cell).translate(_ESCAPES)
            for cell in (source_id, event.at.date(), *event)
        ]
        lines.append("\t".join(cells))
    with env.cr.savepoint(flush=False):
        env.cr.copy_expert(_COPY, StringIO("\n".join(lines)))
    return len(events)


def _inserted(env, source_id, events):
    rows = [(source_id, event.at.date(), *event) for event in events]
    execute_values(env.cr._obj, _INSERT, rows, page_size=len(rows))
    return env.cr.rowcount
