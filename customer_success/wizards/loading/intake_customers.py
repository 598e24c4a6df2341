"""The customers that the rows of a file create."""

from ...ingestion.name_book import NameBook
from ...ingestion.spellings import ReferenceBook, VatBook, plain_reference, plain_vat, vat_parts


class NewCustomers:
    """The customers that a set of rows creates, found by reference, VAT number or name like existing ones."""

    def __init__(self, home=""):
        self._targets = []  # the values of each customer
        self._places = {}  # id of the values -> place in that list
        self._numbers = {"ref": ReferenceBook(), "vat": VatBook(home)}  # with places in that list
        self._book = NameBook()
        self._claims = {}  # existing customer without numbers -> the numbers that a row gives it

    def find(self, customer):
        """Return the values of each new customer that a row may mean.

        A row with a number of its own means the customer of that number, otherwise one of its name without a number.
        """
        numbers = numbers_of(customer)
        for field, text in numbers:
            if places := self._numbers[field].matches(text):
                return [self._targets[place] for place in places]
        named = self._book.matches(customer["name"]) if customer.get("name") else []
        return [target for target in named if not (numbers and numbers_of(target))]

    def add(self, target):
        """Enter the values of a new customer, or what a further row has added to them."""
        place = self._places.setdefault(id(target), len(self._targets))
        if place == len(self._targets):
            self._targets.append(target)
        for field, text in numbers_of(target):
            if place not in self._numbers[field].matches(text):
                self._numbers[field].add(text, place)
        if not any(known is target for known in self._book.matches(target["name"])):
            self._book.add(target["name"], target, bool(numbers_of(target)))

    def claim(self, partner, customer):
        """Return an existing customer without numbers for the first row that numbers it and those of the same number."""
        numbers = numbers_of(customer)
        taken = self._claims.setdefault(partner.id, numbers)
        return partner if _agree(dict(taken), dict(numbers)) else partner.browse()

    def like(self, name, has_number):
        """Return the names of new customers that are much like this one."""
        return self._book.like(name, has_number)


def numbers_of(customer):
    """Return the reference and the VAT number of a customer, as far as known, with their fields."""
    return [(field, customer[field]) for field in ("ref", "vat") if customer.get(field)]


def who(target):
    """Return a key of the customer of a row: the record of an existing one, the values so far of a new one."""
    return ("new", id(target)) if isinstance(target, dict) else ("known", target.id)


def _agree(one, other):
    """Return True if two rows have the same numbers, in whatever spelling."""
    if one.keys() != other.keys():
        return False
    if plain_reference(one.get("ref", "")) != plain_reference(other.get("ref", "")):
        return False
    first, second = (vat_parts(numbers.get("vat", "")) for numbers in (one, other))
    if not (first and second):
        return plain_vat(one.get("vat", "")) == plain_vat(other.get("vat", ""))
    return first[1] == second[1] and (first[0] == second[0] or not (first[0] and second[0]))
