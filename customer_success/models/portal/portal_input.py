"""Readers of values posted in the portal: ``reader(record, posted)`` returns the value or raises a UserError."""

from odoo.exceptions import UserError
from odoo.tools.misc import formatLang, get_lang

from ...scoring.limits import is_likely_number
from ...scoring.numerals import BARE, FIGURE, read, written

LONGEST_TEXT = 5000  # characters
LARGEST_FILE = 10  # MB


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
    """Return the numbers that the text may mean."""
    text_read = required_text(record, posted)
    found = read(text_read, FIGURE, get_lang(record.env).decimal_point).numbers
    found = tuple(number for number in found if is_likely_number(number))
    if not found:
        raise UserError(record.env._("“%s” is not a number; write it as 1234.5.", text_read))
    return found


def people_of(name):
    """Return a reader for a number of people, from 0 to the value of the record's field ``name``."""

    def people(record, posted):
        text_read = required_text(record, posted)
        affected = record[name]
        found = read(text_read, BARE, get_lang(record.env).decimal_point).numbers
        found = [number for number in found if number == int(number) and 0 <= number <= affected]
        if not found:
            raise UserError(
                record.env._(
                    "“%(text)s” is not a number of people from 0 to %(affected)s.",
                    text=text_read,
                    affected=affected,
                )
            )
        return tuple(map(int, found))

    return people


def shown(env, number):
    """Return a number as the reader's language writes it."""
    decimals = len(written(float(number)).partition(".")[2].rstrip("0"))
    return formatLang(env, number, digits=decimals)
