"""The names of many companies, found in any spelling and by likeness, with little memory for each of them."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from heapq import merge

from .company_names import RECENT, SHORTEST_ALIKE, is_alike, loose, take_apart

# A number of 64 bits: the hash of what an entry is found by, and the place of the name.
_HASH_BITS, _PLACE_BITS = 40, 24
_HASHES, _PLACES = (1 << _HASH_BITS) - 1, (1 << _PLACE_BITS) - 1
_MOST_RECENT = 30_000  # entries that wait to be packed
# A half that more names share than this says little: the other half is looked up as well.
_MOST_SHARING = 100


class PackedIndex:
    """Places by hashable keys, eight bytes an entry. A place may be found under a key that was not its own: callers compare.

    >>> index = PackedIndex()
    >>> for place in range(50_000):
    ...     index.add(("key", place // 2), place)
    >>> index.find(("key", 4)), index.find(("key", 24_999)), index.find("other")
    ([8, 9], [49998, 49999], [])
    """

    def __init__(self):
        self._runs = []  # sorted arrays, each at least twice as long as the next one
        self._recent = defaultdict(list)
        self._count = 0

    def add(self, key, place):
        self._recent[hash(key) & _HASHES].append(place)
        self._count += 1
        if self._count >= _MOST_RECENT:
            self._pack()

    def find(self, key):
        """Return the places that were added under a key, in their order."""
        number = hash(key) & _HASHES
        first = number << _PLACE_BITS
        found = []
        for run in self._runs:
            at = bisect_left(run, first)
            while at < len(run) and run[at] >> _PLACE_BITS == number:
                found.append(run[at] & _PLACES)
                at += 1
        found += self._recent.get(number, ())
        return found

    def _pack(self):
        packed = sorted(
            number << _PLACE_BITS | place
            for number, places in self._recent.items()
            for place in places
        )
        self._recent.clear()
        self._count = 0
        run = array("Q", packed)
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = array("Q", merge(self._runs.pop(), run))
        self._runs.append(run)


class NameBook:
    """The names of companies, found without case, accents, spaces and legal form, and by likeness.

    >>> book = NameBook()
    >>> for number, name in enumerate(("Twin Ltd", "Twin GmbH", "Northern Lights", "Baker")):
    ...     book.add(name, number)
    >>> book.matches("twin limited"), book.matches("Twin"), book.matches("Twin AG")
    ([0], [0, 1], [])
    >>> book.like("Twin AG"), book.like("Nothern Lights"), book.like("Lights Northern Inc"), book.like("Maker")
    (['Twin Ltd', 'Twin GmbH'], ['Northern Lights'], ['Northern Lights'], [])
    >>> book.like("Baker UK"), book.like("The Twin Ltd"), book.like("Baker Street")
    (['Baker'], ['Twin Ltd', 'Twin GmbH'], [])
    >>> book.add("Northern Sail", 9, has_number=True)
    >>> book.like("Nothern Sail"), book.like("Nothern Sail", has_number=True)
    (['Northern Sail'], [])
    """

    def __init__(self):
        self._names = []
        self._whats = []
        self._keys = PackedIndex()  # the key of a name
        self._alike = _Alike(self._names), _Alike(self._names)  # of names without and with a number

    def add(self, name, what, has_number=False):
        """Enter a name; ``what`` is returned when it is found.

        ``has_number`` says that the same file tells it apart from others by a reference or VAT number.
        """
        place = len(self._names)
        self._keys.add(take_apart(name).key, place)
        self._alike[bool(has_number)].waiting.append(place)
        self._names.append(name)
        self._whats.append(what)

    def matches(self, name):
        """Return what was added under the same name; a name without a legal form matches any legal form."""
        parts = take_apart(name)
        found = []
        for place in self._keys.find(parts.key):
            other = take_apart(self._names[place])
            if other.key == parts.key and parts.matches(other):
                found.append(self._whats[place])
        return found

    def like(self, name, has_number=False):
        """Return the names that are much like this one but do not match it; two numbers of one file tell names apart."""
        found = {}
        for alike in self._alike[:1] if has_number else self._alike:
            found |= dict.fromkeys(alike.find(name))
        return list(found)


class _Alike:
    """The names of a book by what those that are alike share, built when it is first asked for."""

    def __init__(self, names):
        self._names = names
        self.waiting = array("I")  # the places that are not entered yet
        self._index = PackedIndex()
        self._others = {}  # a half that many names share -> their other halves

    def find(self, name):
        """Return the names that are like this one, and do not match it."""
        if self.waiting:
            for place in self.waiting:
                self._enter(place)
            del self.waiting[:]
        words, country = loose(name)
        parts, key, order = take_apart(name), "".join(words), sorted(words)
        found = {}
        for place in self._candidates(words, key):
            called = self._names[place]
            if called in found:
                continue
            other_words, other_country = loose(called)
            other = "".join(other_words)
            if other != key and sorted(other_words) != order and not is_alike(key, other):
                continue
            known = take_apart(called)
            same = known.key == parts.key and known.matches(parts)
            if not same and not (country and other_country and country != other_country):
                found[called] = None
        return found

    def _enter(self, place):
        words, _country = loose(self._names[place])
        key = "".join(words)
        self._index.add(tuple(sorted(words)), place)
        self._index.add(key, place)
        for half, _rest in _halves(key):
            self._index.add(half, place)
            if half in self._others:
                self._enter_other(half, place)

    def _candidates(self, words, key):
        """Return the places of the names that may be like one, each once or several times."""
        found = [*self._index.find(key), *self._index.find(tuple(sorted(words)))]
        for half, rest in _halves(key):
            if half not in self._others:
                sharing = self._index.find(half)
                if len(sharing) <= _MOST_SHARING:
                    found += sharing
                    continue
                self._others[half] = PackedIndex()
                for place in sharing:
                    self._enter_other(half, place)
            others = self._others[half]
            found += [place for text in _shortened(rest) for place in others.find(text)]
        return found

    def _enter_other(self, half, place):
        for other, rest in _halves("".join(loose(self._names[place])[0])):
            if other == half:
                for text in _shortened(rest):
                    self._others[half].add(text, place)


@lru_cache(RECENT)
def _halves(key):
    """Return ``[(what a key shares with keys that are alike, the rest of it)]``.

    Of two keys that are alike, with ``n`` letters in the shorter one, either the first half is equal or the last half, and
    all digits are.

    >>> shared = [{half for half, _rest in _halves(key)} for key in ("twinworks", "twniworks", "twinwoks", "maker")]
    >>> bool(shared[0] & shared[1]), bool(shared[0] & shared[2]), shared[3]
    (True, True, set())
    """
    digits = "".join([char for char in key if char.isdigit()])
    found = []
    for shorter in (len(key), len(key) - 1):
        if shorter < SHORTEST_ALIKE:
            continue
        front = shorter // 2
        back = len(key) - (shorter - front - 1)
        found.append(((shorter, "front", key[:front], digits), key[front:]))
        found.append(((shorter, "back", key[back:], digits), key[:back]))
    return found


def _shortened(text):
    """Return a text as it is and without each of its letters: two texts that are alike share one of these.

    >>> sorted(_shortened("abc"))
    ['ab', 'abc', 'ac', 'bc']
    """
    return {text, *(text[:place] + text[place + 1 :] for place in range(len(text)))}
