"""The senders of the mails inside a forwarded mail, read from the headings that mail programs put above them."""

import re
from email.message import EmailMessage
from typing import NamedTuple

from odoo import tools

# The label of the sender in the heading of a forwarded mail, in the languages of mail programs.
_SENDER_LABELS = frozenset(
    (
        *("from", "sender", "von", "absender", "de", "expéditeur", "remitente", "da", "mittente"),
        *("remetente", "van", "afzender", "från", "avsändare", "fra", "afsender", "avsender"),
        *("lähettäjä", "od", "nadawca", "odesílatel", "feladó", "de la", "kimden", "gönderen"),
        *("от", "от кого", "від", "από", "מאת", "من", "saatja", "nuo", "šalje", "dari"),
        *(
            "差出人",
            "送信者",
            "发件人",
            "發件人",
            "寄件者",
            "寄件人",
            "보낸 사람",
            "보낸사람",
            "จาก",
            "từ",
        ),
    )
)
# A heading in another language has more lines than a signature, and does not begin like one.
_SIGNATURE_LABELS = re.compile(r"e-?mail|mail|tel|phone|fon|mobi|fax|web|www|skype|contact|kontakt")
_LINES_OF_HEADING = 3
_LONGEST_LINE = 400
_LABELLED = re.compile(r"^([^\s:：@<>][^:：@<>]{0,24}?)[\s*_]*[:：][\s*_]*(.*)$")
# "On 15 June 2026 at 10:00, Ada <ada@example.com> wrote:", in one line or two
_QUOTED = re.compile(
    r"^(.*?)[<(\[]?([^\s<>()\[\]:,;]+@[^\s<>()\[\]:,;]+)[>)\]]*([^@<>]{0,40})[:：]$"
)
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|écrit|escribió|scritto|escreveu|schreef|skrev|kirjoitti|napisał\w*|napsal\w*"
    r"|írta|scris|yazdı|написал\w*|пише|έγραψε)\b|写道|寫道|のメール|작성",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d.*\d{2}")


class Sender(NamedTuple):
    """The sender of a forwarded mail: its addresses (none if the heading only has a name), and the heading's words."""

    addresses: tuple
    name: str


def forwarded_senders(body, attachments=()):
    """Return the :class:`Sender` of each mail inside a forwarded mail, from the outermost to the innermost.

    Only the sender's line of a heading counts: other addresses are of people who got the mail.

    >>> def tried(*lines):
    ...     return [sender.addresses or sender.name for sender in forwarded_senders("<br>".join(lines))]
    >>> tried("See below", "", "Von: Ada &lt;Ada@acme.example&gt;", "An: me@ours.example")
    [('ada@acme.example',)]
    >>> tried("From: Ada Lovelace", "To: Carl", "Cc: bob@globex.example")
    ['Ada Lovelace']
    >>> tried("E-Mail: info@agency.example", "", "On Mon, Ada &lt;ada@acme.example&gt; wrote:", "No")
    [('ada@acme.example',)]
    >>> tried("They told me at 12:30 that they print it all.", "Cc me: bob@globex.example")
    []
    """
    found = [
        _sender(str(part[1]["From"] or ""))
        for part in attachments
        if isinstance(part[1], EmailMessage)
    ]
    text = tools.html2plaintext(body or "", include_references=False)
    heading, before = [], ""
    for line in [*text.splitlines(), ""]:
        line = line.lstrip(" \t\xa0>*_|").rstrip(" \t\xa0*_")
        quoted = _quoted(before, line)
        labelled = not quoted and _LABELLED.match(line)
        if labelled:
            heading.append((labelled[1].strip().casefold(), labelled[2]))
        elif heading:
            found += _senders_of_heading(heading)
            heading = []
        if quoted:
            found.append(_sender(quoted))
        before = line
    return found


def _quoted(before, line):
    """Return the address of the line that introduces a quoted mail, or ``None``; its date may stand in the line before."""
    if "@" not in line or line[-1] not in ":：" or len(line) > _LONGEST_LINE:
        return None
    match = _QUOTED.match(line)
    if not match:
        return None
    words = f"{before if len(match[1]) < 40 else ''} {match[1]} {match[3]}"
    label = _LABELLED.match(line)
    if label and label[1].strip().casefold() in _SENDER_LABELS:
        return None
    return match[2] if _WROTE.search(words) or _DATED.search(words) else None


def _senders_of_heading(heading):
    """Return the senders of labelled lines, ``[(label, value)]``: none, or several if one heading follows the other."""
    found = [_sender(value) for label, value in heading if label in _SENDER_LABELS and value]
    if len(heading) == 1:
        return [sender for sender in found if sender.addresses]
    label, value = heading[0]
    if (
        not found
        and len(heading) >= _LINES_OF_HEADING
        and tools.email_split(value)
        and not _SIGNATURE_LABELS.match(label)
    ):
        return [_sender(value)]
    return found


def _sender(value):
    addresses = [address.lower() for address in tools.email_split(value)]
    return Sender(tuple(dict.fromkeys(addresses)), value.strip(" '\""))
