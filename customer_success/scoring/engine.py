"""The scoring of batches of customers: one query to gather, plain Python to compute, one upsert per table."""

import logging
from typing import NamedTuple

from .background import Background
from .facts import gather
from .overuse import overuse_rows
from .rules import round_tenth
from .scored import breakdown_of, formula_shift, score, shift, shown, unknown
from .store import mark_failed, overuse_line, product_line, renewal_line, score_line, store

_logger = logging.getLogger(__name__)

# The number of customers in one transaction: large enough to make the fixed cost negligible, small enough
# that a user who edits one of them never waits and that a killed job repeats at most seconds of work.
BATCH_SIZE = 5000
# The server gathers and stores a batch in parts of this size while Python computes the part in between.
PART_SIZE = 1250


class Outcome(NamedTuple):
    """The result of a batch: the number of scores written, and the customers that failed."""

    written: int
    failed: dict  # partner id -> message


def rescore(cr, partner_ids, rules, today, contiguous=False, asked=frozenset()):
    """Score these customers as of ``today``, store what changed and return an :class:`Outcome`.

    The caller commits. A customer whose facts and rules are those of its last score is not touched. A
    customer that cannot be scored is marked with the reason and keeps its last score.
    ``contiguous`` says that the ids are all customers from the first id to the last. ``asked`` are the customers of
    whom a fact was recorded since their last score.
    """
    parts = [partner_ids[n : n + PART_SIZE] for n in range(0, len(partner_ids), PART_SIZE)]
    written, failed, stored = 0, {}, None

    def gather_next():
        return server.submit(gather, cr, parts.pop(0), rules, today, contiguous) if parts else None

    def gather_former(ids):
        return server.submit(gather, cr, ids, rules, today, False, True, True).result()

    # Only the background thread uses the cursor until it is done. Its order is: gather part 1, gather
    # part 2, store part 1, gather part 3, store part 2 ... Python always has a part to compute meanwhile.
    with Background() as server:
        coming = gather_next()
        while coming:
            facts = coming.result()
            coming = gather_next()
            lines = _lines(facts, rules, failed, _formers(facts, rules, gather_former), asked)
            written += len(lines[0])
            stored = server.submit(store, cr, *lines, today)
        if stored:
            stored.result()
    mark_failed(cr, failed)
    return Outcome(written, failed)


def _formers(customers, rules, gather_former):
    """Return the facts of the customers whose rules differ from those of the stored score, by id.

    They are today's facts by the former expected days, which ``gather_former(ids)`` reads where these differ.
    """
    formers, others = {}, []
    for facts in customers:
        mark = facts.was_mark
        if mark and mark in rules.former:
            now = rules.of(facts.segment_id)
            if now.mark != mark:
                formers[facts.partner_id] = facts
                if now.expected_days != rules.former[mark].expected_days:
                    others.append(facts.partner_id)
    if others:
        formers |= {facts.partner_id: facts for facts in gather_former(others)}
    return formers


def _lines(customers, rules, failed, formers, asked):
    """Return the lines to store of these customers, of their products, their use above licences and their renewals.

    ``formers`` are those of :func:`_formers`.

    The first score by another formula counts as moved by it, but for the customers who are ``asked``: a change of
    their own must not hide behind the formula.

    Add a customer that cannot be scored to ``failed``, with the message of its error.
    """
    lines, product_lines, overuse_lines, renewal_lines = [], [], [], []
    for facts in customers:
        try:
            row, renewals = score(facts, rules)
            if facts.partner_id in formers:
                _add_shift(row, moved := shift(row, formers[facts.partner_id], rules))
            else:
                moved = 0.0, 0.0
            if row["is_new_formula"] and facts.partner_id not in asked:
                _add_shift(row, formula_shift(row, facts, moved))
            own_line = score_line(row, facts.headline)
            its_product_lines = list(map(product_line, row["products"]))
            its_overuse_lines = list(map(overuse_line, overuse_rows(facts)))
            its_renewal_lines = list(map(renewal_line, renewals))
        except Exception as error:  # no error of one customer may stop the others
            _logger.exception("Customer %s could not be scored", facts.partner_id)
            failed[facts.partner_id] = f"{type(error).__name__}: {error}"
            continue
        lines.append(own_line)
        product_lines += its_product_lines
        overuse_lines += its_overuse_lines
        renewal_lines += its_renewal_lines
    return lines, product_lines, overuse_lines, renewal_lines


def _add_shift(row, moved):
    row["health_shift"] = round_tenth(row["health_shift"] + moved[0])
    row["risk_shift"] = round_tenth(row["risk_shift"] + moved[1])


def freeze(cr, partner_ids, rules, today):
    """Return what is known ``today`` about the pending renewals of these customers, for checkpoints.

    The result is ``{renewal id: row}``: the score of the renewal as :func:`score` returns it. Its breakdown
    is complete: it also has the health behind the deviations that a model learns from (``found``).
    Nothing is stored. Customers that cannot be scored are left out.
    """
    frozen = {}
    for facts in gather(cr, partner_ids, rules, today, everything=True):
        try:
            _row, renewals = score(facts, rules)
        except Exception:  # no error of one customer may stop the checkpoints of the others
            _logger.exception("Customer %s could not be scored", facts.partner_id)
            continue
        own = rules.of(facts.segment_id)
        for renewal in renewals:
            features = {
                code: value if isinstance(value, str) else round(value, 3)
                for code, value in renewal["breakdown"]["found"].items()
            }
            # The health behind it is that of its product, if the customer has several.
            judgement = renewal.pop("judgement")
            renewal["breakdown"] |= {
                **breakdown_of(judgement, own),
                "unknown": unknown(judgement, own),
                "found": features,
                "health": shown(judgement, own)[1],
                "confidence": judgement.confidence,
            }
            frozen[renewal["renewal_id"]] = renewal
    return frozen
