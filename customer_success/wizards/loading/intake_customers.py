"""The customers that the rows of a file create."""

from ...ingestion.company_names import NameBook


class NewCustomers:
    """The customers that a set of rows creates, found by reference, VAT number or name like existing ones."""

    def __init__(self):
        self._by_number = {}  # (field, value) -> values of the customer
        self._book = NameBook()
        self._claims = {}  # existing customer without numbers -> the numbers that a row gives it

    def find(self, customer):
        """Return the values of each new customer that a row may mean.

        A row with a number of its own means the customer of that number, otherwise one of its name without a number.
        """
        numbers = numbers_of(customer)
        for number in numbers:
            if number in self._by_number:
                return [self._by_number[number]]
        named = self._book.matches(customer["name"]) if customer.get("name") else []
        return [target for target in named if not (numbers and numbers_of(target))]

    def add(self, target):
        """Enter the values of a new customer, or what a further row has added to them."""
        for number in numbers_of(target):
            self._by_number.setdefault(number, target)
        if not any(known is target for known in self._book.matches(target["name"])):
            self._book.add(target["name"], target, bool(numbers_of(target)))

    def claim(self, partner, customer):
        """Return an existing customer without numbers for the first row that numbers it and those of the same number."""
        numbers = numbers_of(customer)
        taken = self._claims.setdefault(partner.id, numbers)
        return partner if taken == numbers else partner.browse()

    def like(self, name, has_number):
        """Return the names of new customers that are much like this one."""
        return self._book.like(name, has_number)


def numbers_of(customer):
    """Return the reference and the VAT number of a customer, as far as known, as keys."""
    return [(field, customer[field]) for field in ("ref", "vat") if customer.get(field)]


def who(target):
    """Return a key of the customer of a row: the record of an existing one, the values so far of a new one."""
    return ("new", id(target)) if isinstance(target, dict) else ("known", target.id)
