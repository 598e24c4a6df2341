"""The texts of a plan: which of them say something, and how long an answer from before go-live holds after it."""

# The character that marks a blank in a template for people to fill in.
BLANK = "…"
# A text of fewer different words or letters says nothing.
WORDS, LETTERS = 2, 6
# The first scripts, by code point, that write no spaces between words: Thai and its neighbours, then East Asia.
_UNSPACED = ((0x0E00, 0x10A0), (0x1780, 0x1800), (0x2E80, 0xAC00))
# After go-live, the answer from before it to how use is sustained still counts for this many days.
GRACE_DAYS = 30


def fault(text, others=()):
    """Return why a text is no answer, ``empty``, ``blank``, ``short`` or ``same``; ``None`` if it is one.

    ``others`` are texts that were given for other questions: the same text answers only one of them.

    >>> fault(""), fault(" . "), fault("In a year, … is better"), fault("Yes"), fault("yes Yes yes")
    ('empty', 'short', 'blank', 'short', 'short')
    >>> fault("Same day"), fault("Same  DAY.", ["same day"])
    (None, 'same')
    >>> fault("毎月部長が確認する")
    """
    if not (text or "").strip():
        return "empty"
    if BLANK in text:
        return "blank"
    words = plain(text).split()
    letters = set("".join(words))
    unspaced = any(first <= ord(letter) < last for letter in letters for first, last in _UNSPACED)
    if len(letters) < LETTERS or (len(set(words)) < WORDS and not unspaced):
        return "short"
    return "same" if plain(text) in map(plain, others) else None


def plain(text):
    """Return the letters and digits of a text in lower case, words apart by one space.

    >>> plain("  Once a\\nquarter. ")
    'once a quarter'
    """
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
