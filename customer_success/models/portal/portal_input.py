"""Readers of values posted in the portal: ``reader(record, posted)`` returns the value or raises a UserError."""

from odoo.exceptions import UserError

LONGEST_TEXT = 5000  # characters
LARGEST_FILE = 10  # MB
LARGEST_FIGURE = 1e12


def text(record, posted):
    """Return the text without surrounding spaces; an empty text if none was posted."""
    found = posted.strip() if isinstance(posted, str) else ""
    if len(found) > LONGEST_TEXT:
        raise UserError(
            record.env._(
                "The text is longer than %s characters. Attach it as a file instead.", LONGEST_TEXT
            )
        )
    if "\x00" in found:
        raise UserError(record.env._("The text contains characters that cannot be stored."))
    return found


def required_text(record, posted):
    """Return the text; refuse an empty one."""
    found = text(record, posted)
    if not found:
        raise UserError(record.env._("Enter a text first."))
    return found


def file(record, posted):
    """Return the name and the content of an uploaded file."""
    name = getattr(posted, "filename", "")
    if not name:
        raise UserError(record.env._("Choose a file first."))
    content = posted.read(LARGEST_FILE * 1024 * 1024 + 1)
    check_size(record.env, len(content))
    return text(record, name)[:255], content


def check_size(env, size):
    """Refuse a file that is too large for the portal."""
    if size > LARGEST_FILE * 1024 * 1024:
        raise UserError(
            env._(
                "The file is larger than %s MB. Send a smaller one or a link to it.", LARGEST_FILE
            )
        )


def figure(record, posted):
    """Return the number that was entered, with a point or a comma before the decimals."""
    written = required_text(record, posted).replace("\u00a0", "").replace(" ", "")
    if written.count(",") == 1 and "." not in written:
        written = written.replace(",", ".")
    try:
        found = float(written) if "_" not in written else None
    except ValueError:
        found = None
    if found is None or not abs(found) <= LARGEST_FIGURE:
        raise UserError(record.env._("“%s” is not a number; write it as 1234.5.", written))
    return found


def people_of(name):
    """Return a reader for a number of people, from 0 to the value of the record's field ``name``."""

    def people(record, posted):
        written = required_text(record, posted)
        affected = record[name]
        if (
            not (written.isascii() and written.isdigit())
            or len(written) > 9
            or int(written) > affected
        ):
            raise UserError(
                record.env._(
                    "“%(text)s” is not a number of people from 0 to %(affected)s.",
                    text=written,
                    affected=affected,
                )
            )
        return int(written)

    return people
