"""The things that were done for customers, and their days: plays, advice, barriers removed, questions, conversations.

Each thing has its own idea of who it was not done for. A play, a question and a conversation are compared with everybody else;
advice with those who got the same proposal and did not follow it, a removed barrier with those who kept one of its area,
and a kind of conversation with conversations of the other kind.
"""

from bisect import bisect_left, bisect_right
from datetime import date
from typing import NamedTuple

# A barrier is removed in these states only; see also the report of what barriers cost.
IS_REMOVED = "barrier.active AND barrier.state IN ('removed', 'verified')"
QUESTIONS = 3  # so many answers make a conversation one with questions

# Each statement returns ``(subject, customer, day, side)``. ``done`` it was; ``other`` is a moment at which it could have been done
# and was not; ``barred`` is neither: it may still be done.
EVENTS = {
    # A run counts from its first step that was done, whatever is said of it later. One whose steps were all cancelled was
    # not done, and one of which nothing is done yet may still be.
    "play": """
        SELECT subject, partner_id, date, side
          FROM (SELECT run.play_id::text AS subject, run.partner_id, run.date,
                       CASE WHEN run.state = 'done' AND run.outcome IS DISTINCT FROM 'dropped'
                                 OR EXISTS (SELECT FROM mail_activity step
                                             WHERE step.success_run_id = run.id
                                               AND NOT step.active) THEN 'done'
                            WHEN run.state <> 'done' THEN 'barred' END AS side
                  FROM customer_success_play_run run
                 WHERE run.date BETWEEN %(since)s AND %(until)s) found
         WHERE side IS NOT NULL
    """,
    "advice": """
        SELECT advice.recommendation_id::text, advice.partner_id,
               CASE WHEN advice.state = 'accepted' THEN advice.date_decided ELSE answer.date END,
               CASE WHEN advice.state = 'accepted' THEN 'done' ELSE 'other' END
          FROM customer_success_advice advice
          JOIN customer_success_answer answer ON answer.id = advice.answer_id
         WHERE CASE WHEN advice.state = 'accepted' THEN advice.date_decided ELSE answer.date END
               BETWEEN %(since)s AND %(until)s
    """,
    "barrier": f"""
        SELECT barrier.area, barrier.partner_id, barrier.date_removed, 'done'
          FROM customer_success_barrier barrier
         WHERE {IS_REMOVED}
           AND barrier.date_removed BETWEEN %(since)s AND %(until)s
    """,
    "question": """
        SELECT answer.question_id::text, answer.partner_id, answer.date, 'done'
          FROM customer_success_answer answer
         WHERE answer.not_asked_reason IS NULL
           AND answer.date BETWEEN %(since)s AND %(until)s
    """,
}
# The barriers that were open for some time: ``(area, customer, from, to)``.
OPEN_BARRIERS = """
SELECT barrier.area, barrier.partner_id, barrier.date_opened, barrier.date_removed
  FROM customer_success_barrier barrier
 WHERE barrier.active
   AND barrier.state <> 'accepted'
   AND barrier.date_opened <= %(until)s
   AND (barrier.date_removed IS NULL OR barrier.date_removed >= %(since)s)
"""
# The conversations with content, with the roles of those who took part, the ratings, and the number of answers.
TALKS = """
SELECT talk.partner_id, talk.date, talk.quality, talk.focus, talk.proactive,
       (SELECT count(*)
          FROM customer_success_answer answer
         WHERE answer.interaction_id = talk.id
           AND answer.not_asked_reason IS NULL),
       ARRAY(SELECT DISTINCT stakeholder.role
               FROM customer_success_interaction_contact_rel present
               JOIN customer_success_stakeholder stakeholder ON stakeholder.contact_id = present.contact_id
                                                            AND stakeholder.partner_id = talk.partner_id
              WHERE present.interaction_id = talk.id)
  FROM customer_success_interaction talk
 WHERE talk.has_content
   AND talk.partner_id = ANY(%(customers)s)
   AND talk.date BETWEEN %(since)s AND %(until)s
"""
# With whom, how deep and on what: each returns True, False for the other kind, or None if neither is known.
KINDS_OF_TALK = {
    "deep": lambda talk: talk.quality and talk.quality >= "4",
    "obstacles": lambda talk: (
        talk.focus and {"1": False, "2": False, "4": True, "5": True}.get(talk.focus)
    ),
    "questions": lambda talk: talk.answers >= QUESTIONS,
    "planned": lambda talk: bool(talk.proactive),
}
ANY_TALK = "any"
WITH = "with_"  # followed by the role


class Talk(NamedTuple):
    partner: int
    day: date
    quality: str | None
    focus: str | None
    proactive: bool
    answers: int
    roles: list


class Thing:
    """One thing that may be done for customers: the days on which it was done, and those on which it was not.

    ``others`` are moments without it, and ``spans`` are times in which it could have been done; without both everybody else is
    compared with.
    """

    def __init__(self, has_others=False, has_spans=False):
        self.done, self.barred = {}, {}
        self.others = {} if has_others else None
        self.spans = {} if has_spans else None

    def add(self, partner, day, side):
        """Add a day on which it was done, was not done, or may still be done."""
        days = {"done": self.done, "barred": self.barred, "other": self.others}[side]
        days.setdefault(partner, []).append(day)

    def sort(self):
        """Sort the days, which the other methods rely on."""
        for days in (self.done, self.barred, self.others or {}):
            for found in days.values():
                found.sort()

    def first_in(self, month, window):
        """Yield ``(customer, day)`` of a month on which it was done, without the same within the window before."""
        for partner, days in self.done.items():
            start = bisect_left(days, month[0])
            if start < len(days) and days[start] <= month[1]:
                before = days[start - 1] if start else None
                if before is None or (days[start] - before).days > window:
                    yield partner, days[start]

    def others_in(self, month):
        """Yield the first moment without it of each customer in a month."""
        for partner, days in (self.others or {}).items():
            start = bisect_left(days, month[0])
            if start < len(days) and days[start] <= month[1]:
                yield partner, days[start]

    def is_control(self, partner, day, window):
        """Return whether it was neither done nor may be done for a customer within a window before or after a day."""
        for days in (self.done.get(partner), self.barred.get(partner)):
            if days:
                place = bisect_right(days, day)
                if place and (day - days[place - 1]).days <= window:
                    return False
                if place < len(days) and (days[place] - day).days <= window:
                    return False
        if self.spans is None:
            return True
        return any(
            start <= day and (end is None or end > day)
            for start, end in self.spans.get(partner, ())
        )


def read_things(cr, since, until, customers, roles):
    """Return ``{(kind, subject): Thing}`` of what was done from one day to another.

    Conversations are read of ``customers`` only, ids of customers; ``roles`` are the roles of stakeholders.
    """
    span = {"since": since, "until": until}
    things = {}
    for kind, statement in EVENTS.items():
        cr.execute(statement, span)
        for subject, partner, day, side in cr.fetchall():
            thing = things.get((kind, subject))
            if thing is None:
                thing = things[kind, subject] = Thing(kind == "advice", kind == "barrier")
            thing.add(partner, day, side)
    cr.execute(OPEN_BARRIERS, span)
    for area, partner, start, end in cr.fetchall():
        if ("barrier", area) in things:
            things["barrier", area].spans.setdefault(partner, []).append((start, end))
    cr.execute(TALKS, {**span, "customers": sorted(customers)})
    things |= talked((Talk(*row) for row in cr.fetchall()), roles)
    for thing in things.values():
        thing.sort()
    return things


def talked(talks, roles):
    """Return the things that conversations were: held at all, and of one kind or the other."""
    things = {("talk", ANY_TALK): Thing()}
    things |= {("talk", kind): Thing(has_others=True) for kind in KINDS_OF_TALK}
    things |= {("talk", WITH + role): Thing(has_others=True) for role in roles}
    for talk in talks:
        things["talk", ANY_TALK].add(talk.partner, talk.day, "done")
        sides = {kind: of(talk) for kind, of in KINDS_OF_TALK.items()}
        sides |= {WITH + role: role in talk.roles for role in roles if talk.roles}
        for kind, side in sides.items():
            if side is not None:
                things["talk", kind].add(talk.partner, talk.day, "done" if side else "other")
    return things
