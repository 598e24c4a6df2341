"""The names, references and VAT numbers of all companies that a user may see, to find those in another spelling."""

from functools import cached_property

from odoo.fields import Domain

from .name_book import NameBook
from .spellings import ReferenceBook, VatBook


class Books:
    """The companies by name, reference and VAT number; each book is read once, when a text is not found as it stands.

    The parts of a file share them.
    """

    def __init__(self, lookup):
        self._lookup = lookup

    @cached_property
    def names(self):
        """The names of the companies, archived ones too."""
        return self._read(NameBook(), "name")

    @cached_property
    def refs(self):
        """The references of the companies."""
        return self._read(ReferenceBook(), "ref")

    @cached_property
    def vats(self):
        """The VAT numbers of the companies, with the country of each."""
        env = self._lookup.partners.env
        countries = {c.id: c.code for c in env["res.country"].sudo().search(Domain.TRUE)}
        book = VatBook(env.company.country_id.code or "")
        for id_, number, country_id in self._lookup.companies_by("vat", "country_id"):
            book.add(number, id_, countries.get(country_id, ""))
        return book

    def matches(self, field, text):
        """Return the ids of the companies that a text means in some spelling."""
        book = {"name": "names", "ref": "refs", "vat": "vats"}[field]
        return getattr(self, book).matches(text)

    def enter(self, company):
        """Enter a new company in those books that are read already."""
        has_number = bool(company.ref or company.vat)
        if "names" in self.__dict__:
            self.names.add(company.name, company.id, has_number)
        if "refs" in self.__dict__ and company.ref:
            self.refs.add(company.ref, company.id)
        if "vats" in self.__dict__ and company.vat:
            self.vats.add(company.vat, company.id, company.country_id.code)

    def _read(self, book, field):
        for id_, text in self._lookup.companies_by(field):
            book.add(text, id_)
        return book
