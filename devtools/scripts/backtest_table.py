"""The table of a backtest: how it is read, and how its rows are dealt out."""

import csv
import random
from collections import Counter, defaultdict
from datetime import date
from typing import NamedTuple

HAPPENED = ("1", "yes", "true", "churned", "churn", "left", "lost", "y", "t")
# A cell that says that nothing is known, in a column of numbers or dates.
UNKNOWN = ("", "?", "-", "na", "n/a", "nan", "null", "none")
# A word of fewer rows says nothing of its own. Where such words fill half of a column, it names rows rather than
# describes them.
LEAST_OF_A_WORD = 5
SEED = 4711


class Refused(Exception):
    """The table cannot be used, and why."""


class Table(NamedTuple):
    numbers: dict  # column -> list of float or None; dates are days since the year 1
    words: dict  # column -> list of text or None
    happened: list
    left_out: dict  # column -> why
    groups: list = None  # the group of each row, if rows were named that must stay together
    days: list = None  # the date of each row, if a column was named that has it


def read(path, outcome, positive=None, without=(), group=None, time=None):
    """Read a CSV; return a :class:`Table`.

    ``group`` names the column of what must stay together, ``time`` that of the date of a row; neither is learned from.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
            header = reader.fieldnames or []
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{path} is no CSV in UTF-8: {error}") from None
    for column in filter(None, (outcome, group, time)):
        if column not in header:
            raise Refused(f"there is no column {column}; there are: {', '.join(map(repr, header))}")
    if not rows:
        raise Refused(f"{path} has no rows")
    happened = _outcomes([row[outcome] for row in rows], positive)
    numbers, words, left_out = {}, {}, dict.fromkeys(without, "as asked")
    for column in header:
        if column in (outcome, group, time, *without):
            continue
        cells = [(row[column] or "").strip() for row in rows]
        known = [cell for cell in cells if cell.lower() not in UNKNOWN]
        if len(set(known)) < 2:
            left_out[column] = "always the same"
        elif read_as := _reader(known):
            numbers[column] = [None if cell.lower() in UNKNOWN else read_as(cell) for cell in cells]
        elif _rare(cells) > len(rows) / 2:
            left_out[column] = f"{len(set(known))} different words, which name rows"
        else:
            words[column] = [cell or None for cell in cells]
    groups = [row[group] for row in rows] if group else None
    days = [_day_of_row(number, row[time]) for number, row in enumerate(rows, 2)] if time else None
    return Table(numbers, words, happened, left_out, groups, days)


def _rare(cells):
    return sum(n for n in Counter(cells).values() if n < LEAST_OF_A_WORD)


def _reader(cells):
    """Return the function that reads all of these cells, as numbers or as dates; ``None`` if they are words."""
    for read_as in (_number, _day):
        if all(read_as(cell) is not None for cell in cells):
            return read_as
    return None


def _outcomes(cells, positive):
    cells = [(cell or "").strip() for cell in cells]
    kinds = sorted(set(cells))
    if "" in kinds:
        raise Refused(f"row {cells.index('') + 2} has no outcome")
    if len(kinds) != 2:
        raise Refused(f"an outcome is one of two; here are {len(kinds)}: {', '.join(kinds[:5])}")
    if positive is None:
        found = [kind for kind in kinds if kind.lower() in HAPPENED]
        if len(found) != 1:
            raise Refused(f"which of {kinds[0]} and {kinds[1]} is leaving? say so with --positive")
        positive = found[0]
    elif positive not in kinds:
        raise Refused(f"no row has the outcome {positive}; there are {kinds[0]} and {kinds[1]}")
    return [cell == positive for cell in cells]


def _number(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e100 else None


def _day(text):
    """Return a date as written in ISO 8601, with or without a time, as a number of days; else ``None``."""
    try:
        return float(date.fromisoformat(text[:10]).toordinal())
    except ValueError:
        return None


def _day_of_row(number, text):
    day = _day((text or "").strip())
    if day is None:
        raise Refused(f"row {number} has no date, which is written as 2026-01-31: {text!r}")
    return day


def folds(table, count):
    """The fold of each row. Rows that look the same or belong to one group share one, and leavers are spread evenly.

    A row whose twin was trained on is no test.
    """
    kin = defaultdict(list)
    columns = [*table.numbers.values(), *table.words.values()]
    for index in range(len(table.happened)):
        key = table.groups and table.groups[index]
        kin[key or tuple(column[index] for column in columns)].append(index)
    shuffled = list(kin.values())
    random.Random(SEED).shuffle(shuffled)
    fold = [0] * len(table.happened)
    filled = {True: [0] * count, False: [0] * count}
    for group in sorted(shuffled, key=len, reverse=True):  # stable: equal ones stay shuffled
        kind = 2 * sum(table.happened[index] for index in group) >= len(group)
        place = filled[kind].index(min(filled[kind]))
        filled[kind][place] += len(group)
        for index in group:
            fold[index] = place
    return fold


def splits(table, count, until=None):
    """Return ``[(training rows, testing rows)]``: the folds, or all rows before a day and those from it on.

    Of a group that has rows on both sides of the day, the rows before it are left out.
    """
    if until is None:
        fold = folds(table, count)
        return [
            (
                [index for index, place in enumerate(fold) if place != number],
                [index for index, place in enumerate(fold) if place == number],
            )
            for number in range(count)
        ]
    testing = [index for index, day in enumerate(table.days) if day >= until]
    later = {table.groups[index] for index in testing} if table.groups else ()
    training = [
        index
        for index, day in enumerate(table.days)
        if day < until and not (table.groups and table.groups[index] in later)
    ]
    for side, rows in (("before", training), ("from", testing)):
        if len({table.happened[index] for index in rows}) < 2:
            raise Refused(f"{side} {date.fromordinal(int(until))} there are not both outcomes")
    return [(training, testing)]
