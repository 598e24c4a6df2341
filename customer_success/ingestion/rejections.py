"""The refusals of rows: one kind of refusal and one list of refusals, for files and the API."""

import json

from psycopg2.extras import execute_values

# The largest number of refused rows in an answer. The log of the delivery keeps all of them.
MOST_LISTED = 100_000
LONGEST_KEPT = 256

_LOG = """
INSERT INTO customer_success_usage_rejection (delivery_id, row, field, message, brought) VALUES %s
"""


class Reject(Exception):
    """The refusal of a row: the column, the reason as a text, and a code of the reason for programs."""

    def __init__(self, code, column, message):
        super().__init__(message)
        self.code = code
        self.column = column
        self.message = message


class Rejections:
    """The refused rows of one delivery, for the answer to the sender and for the log of the delivery.

    Rows are counted from 0 here and in the answer. The log counts them from 1, as people do, and includes the earlier
    parts of the same file. ``columns`` are the columns of a row that the log keeps.
    """

    def __init__(self, delivery, columns):
        self.delivery = delivery.sudo()
        self.columns = columns
        self.before = delivery.env.context.get("success_skipped") or 0
        self.count = 0
        self.listed = []

    def add(self, refused):
        """Record refused rows, given as ``[(number, row, Reject)]``, in the log and in the answer."""
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
        """Add refused rows, given as ``[(number, Reject)]``, to the answer, up to its limit."""
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
        """Return the list of refusals for the sender, in the order of the rows."""
        return sorted(self.listed, key=lambda line: line["row"])


def brought(row, columns):
    """Return the values of a refused row as texts of a limited length, so that they can be stored and corrected.

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
    r"""Return a value as a text that the database can store.

    >>> _clean("a\x00b\ud800"), len(_clean("x" * 1000))
    ('a?b?', 256)
    """
    text = str(value)[:LONGEST_KEPT].replace("\x00", "?")
    return text.encode("utf-8", "replace").decode()
