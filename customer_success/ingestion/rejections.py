"""What cannot land: one kind of refusal and one list of them, for files and the API."""

import json

from psycopg2.extras import execute_values

# An answer that lists more is of use to nobody. The log of the delivery keeps all of them.
MOST_LISTED = 100_000
LONGEST_KEPT = 256

_LOG = """
INSERT INTO customer_success_usage_rejection (delivery_id, row, field, message, brought) VALUES %s
"""


class Reject(Exception):
    """A row that cannot land: the column, why in words, and a code that a program can tell the reason by."""

    def __init__(self, code, column, message):
        super().__init__(message)
        self.code = code
        self.column = column
        self.message = message


class Rejections:
    """The refused rows of one delivery: in the answer to who sent it, and in the log of the delivery to be mended.

    Rows are counted from 0 here and in the answer, from 1 in the log, as people count; there with those of former
    parts of the same file. ``columns`` are those that the log keeps of a row.
    """

    def __init__(self, delivery, columns):
        self.delivery = delivery.sudo()
        self.columns = columns
        self.before = delivery.env.context.get("success_skipped") or 0
        self.count = 0
        self.listed = []

    def add(self, refused):
        """Note refused rows: ``[(number, row, Reject)]``."""
        if not refused:
            return
        self.count += len(refused)
        self.note([(number, reject) for number, _row, reject in refused])
        execute_values(
            self.delivery.env.cr._obj,
            _LOG,
            [
                (
                    self.delivery.id,
                    self.before + number + 1,
                    reject.column and _clean(reject.column),
                    _clean(reject.message),
                    json.dumps(brought(row, self.columns)),
                )
                for number, row, reject in refused
            ],
            page_size=1000,
        )

    def note(self, refused):
        """List refused rows in the answer, as many as it takes: ``[(number, Reject)]``."""
        for number, reject in refused[: MOST_LISTED - len(self.listed)]:
            self.listed.append(
                {
                    "row": number,
                    "field": reject.column,
                    "code": reject.code,
                    "message": reject.message,
                }
            )

    def answer(self):
        """Return the list for who sent the rows, in the order of the rows."""
        return sorted(self.listed, key=lambda line: line["row"])


def brought(row, columns):
    """Return what a refused row brought, as it can be kept and mended: texts of a sensible length.

    >>> columns = ("customer_ref", "timely", "quality")
    >>> brought({"customer_ref": "C", "quality": float("nan"), "odd": 1, "timely": None}, columns)
    {'customer_ref': 'C', 'timely': 'null', 'quality': 'nan'}
    >>> brought("what?", columns)
    {}
    """
    if not isinstance(row, dict):
        return {}
    return {
        column: "null" if row[column] is None else _clean(row[column])
        for column in columns
        if column in row
    }


def _clean(value):
    r"""Return a value as a text that the database takes.

    >>> _clean("a\x00b\ud800"), len(_clean("x" * 1000))
    ('a?b?', 256)
    """
    text = str(value)[:LONGEST_KEPT].replace("\x00", "?")
    return text.encode("utf-8", "replace").decode()
