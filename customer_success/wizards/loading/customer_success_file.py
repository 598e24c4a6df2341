from datetime import datetime

from odoo import api, models


class CustomerSuccessFile(models.AbstractModel):
    """The base of models that read rows of text from Odoo's import screen and do not store them.

    All columns are text, so that every value is read and refused in one place, by row and column.
    """

    _name = "customer.success.file"
    _description = "Row of a File"

    # The columns whose dates the import screen may have written in the user's format.
    _DATES = ()

    @api.model
    def _read_rows(self, columns, data, whole=False):
        """Return ``(rows, next row)``, each row a dict of the cells that are not empty, or a message if there are none.

        The screen asks for 2,000 rows at a time; ``whole`` reads the file at once.
        """
        if not data:
            return self.env._("The file has no rows below the headings."), 0
        limit = not whole and self.env.context.get("_import_limit")
        size = min(limit or len(data), len(data))
        rows = [
            {name: value for name, value in zip(columns, values) if value not in (None, "")}
            for values in data[:size]
        ]
        self._settle_dates(rows)
        return rows, size if size < len(data) else 0

    @api.model
    def _settle_dates(self, rows):
        """Convert dates in the format of the screen to the form 2026-01-31; others stay as they are and are refused."""
        written = self.env.context.get("success_date_format")
        for row in rows if written else ():
            for name in self._DATES:
                try:
                    row[name] = datetime.strptime(row.get(name), written).date().isoformat()
                except (TypeError, ValueError):
                    continue

    @api.model
    def _refuse(self, text):
        """Return the answer to a file that cannot be read."""
        message = {"type": "error", "message": text, "record": 0, "rows": {"from": 0, "to": 0}}
        return {"ids": False, "messages": [message], "nextrow": 0, "counts": {}}

    @api.model
    def _answer(self, ids, rejected, next_row, counts, landed):
        """Return the answer to a file; ``rejected`` are ``{row, field, code, message}``, rows counted from 0."""
        messages = [
            {
                "type": "error",
                "record": line["row"],
                "rows": {"from": line["row"], "to": line["row"]},
                "field": line["field"],
                "code": line["code"],
                "message": line["message"],
            }
            for line in rejected
        ]
        if messages and self.env.context.get("import_file"):
            messages = self._for_screen(messages, landed, next_row)
        return {
            "ids": ids or False,
            "messages": messages,
            "nextrow": next_row,
            "counts": dict(counts),
        }

    @api.model
    def _for_screen(self, messages, landed, next_row):
        """Return the messages in the form that suits Odoo's import screen: a summary, then one for each row.

        The screen stops at the first part of a file that has messages.

        The screen groups messages by column and omits their rows, so row and column are part of the text.
        """
        labels = self.fields_get(attributes=["string"])
        summary = self.env._(
            "Accepted rows: %(landed)d. Refused rows, listed below: %(rejected)d. Correct these and load the "
            "file again. Rows that were accepted stay as they are.",
            landed=landed,
            rejected=len(messages),
        )
        skipped = self.env.context.get("success_skipped", 0)
        if next_row:
            summary = self.env._(
                "%(summary)s The rows from %(row)d on were not read yet.",
                summary=summary,
                row=skipped + next_row + 1,
            )
        return [{"type": "warning", "message": summary}] + [
            {
                "type": "error",
                "record": message["record"] + 1,  # shown as it is, and people count from 1
                "rows": message["rows"],
                "message": self.env._(
                    "Row %(row)d, %(column)s: %(message)s",
                    row=skipped + message["record"] + 1,
                    column=labels[message["field"]]["string"]
                    if message["field"] in labels
                    else message["field"],
                    message=message["message"],
                ),
            }
            for message in messages
        ]

    @api.model
    def _columns(self):
        return [
            name for name, field in self._fields.items() if field.type == "char" and field.store
        ]
