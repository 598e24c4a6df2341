"""The reading of one call of a product: what is kept of it, or why nothing is."""

import re
from datetime import datetime, timedelta
from hashlib import blake2b
from os import urandom
from typing import NamedTuple

from .mail_domains import company_domain

EARLIEST = datetime(1970, 1, 2)  # what no clock has counted yet is 1970-01-01
LONGEST_NAME = 200
LONGEST_ID = 256
MOST_LICENCES = 10**9
# A clock that is off by less is right: the request was under way.
RIGHT = timedelta(minutes=5)
# Why an event does not count; each has a column in the counts of its source.
REASONS = ("late", "impossible", "anonymous", "nameless", "unread")

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?\s*(?:Z|([+-])(\d\d):?(\d\d))?",
    re.ASCII | re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


class Unused(Exception):
    """An event that does not count, with one of ``REASONS``."""


class Event(NamedTuple):
    """The part of a call that is kept, in the order of the columns of the table; a call without a name says who somebody is."""

    at: datetime
    message: str
    person: str | None  # digest of the id of the user
    key: str | None  # the company as the product names it
    name: str | None
    domain: str | None  # of the e-mail address
    mail: str | None  # digest of the e-mail address
    licensed: int | None
    business_date: str | None


def moment(value):
    """Return a moment of ISO 8601 in UTC, ``None`` if it is none.

    >>> print(moment("2026-06-15T12:00:00.123Z"), moment("2026-06-15T12:00:00+02:00"), moment("2026-06-15 23:30:00-0100"))
    2026-06-15 12:00:00 2026-06-15 10:00:00 2026-06-16 00:30:00
    >>> moment("yesterday"), moment("2026-02-30T00:00:00Z"), moment(1781524800), moment("0001-01-01T00:00:00+10:00")
    (None, None, None, None)
    """
    match = _MOMENT.fullmatch(value) if type(value) is str else None
    if not match:
        return None
    *parts, sign, hours, minutes = match.groups()
    try:
        at = datetime(*map(int, parts))
        if sign:
            ahead = timedelta(hours=int(hours), minutes=int(minutes))
            at = at - ahead if sign == "+" else at + ahead
    except (ValueError, OverflowError):
        return None
    return at


def text(value, longest=LONGEST_ID):
    r"""Return an id or a name as a text that can be stored; ``None`` if it is none.

    >>> text(" C-1 "), text(1001), text("a\x00b\ud800c"), text(True), text(1.5), text([]), text(" "), text("x" * 300)
    ('C-1', '1001', 'a b c', None, None, None, None, None)
    """
    if type(value) is int:
        value = str(value) if abs(value) < 10**18 else ""
    if type(value) is not str or len(value) > longest + 20:
        return None
    value = _CONTROL.sub(" ", value).strip()
    return value if 0 < len(value) <= longest else None


def digest(salt, value):
    """Return the digest of an id, in the form of the database's type ``uuid``.

    >>> digest(b"salt", "ada") == digest(b"salt", "ada") != digest(b"other", "ada"), len(digest(b"", "ada"))
    (True, 32)
    """
    return blake2b(value.encode(), digest_size=16, key=salt).hexdigest()


def whole(value):
    """Return a number of licences, ``None`` if it is none.

    >>> whole(50), whole("50"), whole(50.0), whole(-1), whole("many"), whole(True), whole(float("nan")), whole(2**40)
    (50, 50, 50, None, None, None, None, None)
    """
    if type(value) is str and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:12])
    elif type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= MOST_LICENCES else None


def day(value):
    """Return a date, or the date of a moment as it is written, as a text; ``None`` if it is none.

    >>> day("2026-06-15"), day("2026-06-15T23:30:00+14:00"), day("15.06.2026"), day("2026-02-30"), day(7)
    ('2026-06-15', '2026-06-15', None, None, None)
    """
    if type(value) is not str or len(value) > 40:
        return None
    try:
        return datetime.strptime(value[:10], "%Y-%m-%d").date().isoformat()
    except ValueError:
        return None


class Reader:
    """A reader of the calls of one request.

    >>> now = datetime(2026, 6, 15, 12)
    >>> reader = Reader(b"salt", now, now - timedelta(days=90), now + timedelta(days=1))
    >>> call = {"userId": "ada", "event": "Saved", "messageId": "m", "timestamp": "2026-06-14T08:00:00Z", "context": {"groupId": 7}}
    >>> found = reader.event_of("track", call)
    >>> print(found.at, found.key, found.name)
    2026-06-14 08:00:00 7 Saved
    >>> for bad in ({"userId": None}, {"event": ""}, {"timestamp": "2099-01-01T00:00:00Z"}, {"timestamp": "2025-01-01T00:00:00Z"}):
    ...     try:
    ...         reader.event_of("track", call | bad)
    ...     except Unused as unused:
    ...         print(unused)
    anonymous
    nameless
    impossible
    late
    """

    def __init__(self, salt, received, earliest, latest, sent=None, licensed_trait=None, dates=()):
        self.salt = salt
        self.received = received
        self.earliest, self.latest = earliest, latest
        self.sent = sent
        self.licensed_trait = licensed_trait
        self.dates = dict(dates)  # name of an event -> the property with its business date

    def event_of(self, kind, call):
        """Return the :class:`Event` of a call, or raise :class:`Unused`."""
        if kind not in KINDS:
            raise Unused("unread")
        at = self._at(call)
        context = call.get("context")
        context = context if type(context) is dict else {}
        person = text(call.get("userId"))
        message = text(call.get("messageId"))
        event = Event(
            at,
            digest(b"", message) if message else urandom(16).hex(),
            digest(self.salt, person) if person else None,
            text(call.get("groupId")) or text(context.get("groupId")),
            *(None,) * 5,
        )
        if not person and not (kind == "group" and event.key):
            raise Unused("anonymous")
        return getattr(self, f"_read_{kind}")(event, call, context)

    def _at(self, call):
        """Return the time of a call by our clock: the sender says when it sent the call by its own."""
        if call.get("timestamp") is None:
            return self.received
        at = moment(call["timestamp"])
        if at is None:
            raise Unused("impossible")
        sent = moment(call.get("sentAt")) or self.sent
        if sent and abs(self.received - sent) > RIGHT:
            try:
                at += self.received - sent
            except OverflowError as error:
                raise Unused("impossible") from error
        if not EARLIEST <= at < self.latest:
            raise Unused("impossible")
        if at < self.earliest:
            raise Unused("late")
        return at

    def _read_track(self, event, call, _context):
        name = text(call.get("event"), LONGEST_NAME)
        if not name:
            raise Unused("nameless")
        event = event._replace(name=name)
        if name in self.dates:
            properties = call.get("properties")
            if type(properties) is dict:
                return event._replace(business_date=day(properties.get(self.dates[name])))
        return event

    def _read_page(self, event, call, _context, what="Page"):
        name = text(call.get("name"), LONGEST_NAME - 20)
        return event._replace(name=f"Viewed {name} {what}" if name else f"Loaded a {what}")

    def _read_screen(self, event, call, context):
        return self._read_page(event, call, context, "Screen")

    def _read_identify(self, event, call, context):
        traits = call.get("traits")
        traits = traits if type(traits) is dict else context.get("traits")
        address = text(traits.get("email")) if type(traits) is dict else None
        if not address or "@" not in address:
            return event
        mail = address.lower()
        return event._replace(domain=company_domain(mail), mail=digest(self.salt, mail))

    def _read_group(self, event, call, _context):
        traits = call.get("traits")
        if self.licensed_trait and type(traits) is dict:
            return event._replace(licensed=whole(traits.get(self.licensed_trait)))
        return event


KINDS = ("track", "page", "screen", "identify", "group")
