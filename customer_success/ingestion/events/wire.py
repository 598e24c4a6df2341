"""The wire form of events: the body of a request, and the key that came with it.

Everything here comes from strangers, so each step has a limit: the body, what it unpacks to, its depth, and each event.
"""

import binascii
import json
import marshal
import zlib
from base64 import b64decode

LONGEST_EVENT = 32 * 1024  # bytes of one event, as JSON
LONGEST_BATCH = 500 * 1024  # bytes of one request, packed and unpacked
# JSON writes a character in at most six bytes, so what is shorter than this need not be measured.
_SURELY_SHORT = LONGEST_EVENT // 6


class Refused(Exception):
    """A body that is no JSON, or too large; the sender is told why."""


def unpacked(data, encoding, limit):
    r"""Return the bytes of a body, unpacked if it says that it is packed; never more than the limit.

    >>> unpacked(b"{}", "", 9)
    b'{}'
    >>> import gzip
    >>> unpacked(gzip.compress(b'{"a": 1}'), "gzip", 99)
    b'{"a": 1}'
    >>> for bad in (b"", b"no gzip", gzip.compress(b"0" * 10**6), gzip.compress(b"{}")[:-3], gzip.compress(b"{}") * 2):
    ...     try:
    ...         unpacked(bad, "gzip", 1000)
    ...     except Refused as refused:
    ...         print(refused)
    The body is no gzip.
    The body is no gzip.
    The body is too large.
    The body is no gzip.
    The body is no gzip.
    """
    if len(data) > limit:
        raise Refused("The body is too large.")
    if encoding.strip().lower() != "gzip":
        return data
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        text = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise Refused("The body is no gzip.") from error
    if len(text) > limit:
        raise Refused("The body is too large.")
    if not unpacker.eof or unpacker.unused_data:
        raise Refused("The body is no gzip.")
    return text


def parsed(text):
    """Return the object of a body.

    >>> parsed(b'{"event": "Saved"}')
    {'event': 'Saved'}
    >>> for bad in (b"", b"{", b"[]", b"7", b"[" * 100_000, b'{"a": ' + b"7" * 9999 + b"}", bytes([0xff])):
    ...     try:
    ...         parsed(bad)
    ...     except Refused as refused:
    ...         print(refused)
    The body is no JSON.
    The body is no JSON.
    The body is no JSON object.
    The body is no JSON object.
    The body is no JSON.
    The body is no JSON.
    The body is no JSON.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("The body is no JSON.") from error
    if type(body) is not dict:
        raise Refused("The body is no JSON object.")
    return body


def calls(body, kind):
    """Return ``[(kind, call)]`` of a request: those of a batch, or the only one.

    >>> calls({"event": "Saved"}, "track")
    [('track', {'event': 'Saved'})]
    >>> calls({"batch": [{"type": "page"}, 7]}, "batch")
    [('page', {'type': 'page'}), (None, {})]
    """
    if kind not in ("batch", "import"):
        return [(kind, body)]
    batch = body.get("batch")
    if type(batch) is not list:
        raise Refused("A batch is a list of events.")
    found = []
    for call in batch:
        if type(call) is not dict:
            found.append((None, {}))
            continue
        if _is_long(call):
            raise Refused("An event is too large.")
        kind = call.get("type")
        found.append((kind if type(kind) is str else None, call))
    return found


def _is_long(call):
    try:
        if len(marshal.dumps(call)) < _SURELY_SHORT:
            return False
        text = json.dumps(call, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):  # too deep
        return True
    return len(text.encode("utf-8", "replace")) > LONGEST_EVENT


def key_of(authorization, body):
    """Return the write key of a request: the user name of Basic, else ``writeKey`` of the body, else an empty text.

    >>> key_of("Basic a2V5Og==", {}), key_of("basic a2V5", {}), key_of("", {"writeKey": " key "})
    ('key', 'key', 'key')
    >>> key_of("Basic ***", {}), key_of("Bearer x", {"writeKey": 7}), key_of(None, {})
    ('', '', '')
    """
    scheme, _blank, told = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return b64decode(told.strip(), validate=True).decode().partition(":")[0].strip()
        except (binascii.Error, ValueError):
            return ""
    key = body.get("writeKey")
    return key.strip() if type(key) is str else ""
