import random
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from ..ingestion import name_book
from ..ingestion.company_names import is_alike, loose
from ..ingestion.name_book import NameBook
from .common import TODAY, SuccessCase

# (name that exists, name in the file): the same name in another spelling
SAME = (
    ("Ørsted A/S", "Orsted"),
    ("Nestle S/A", "Nestle SA"),
    ("Groß GmbH", "Gross GmbH"),
    ("Smith & Sons Ltd", "Smith and Sons Ltd"),
    ("Siemens Aktiengesellschaft", "Siemens AG"),
    ("Bosch Rexroth AG", "Bosch-Rexroth AG"),
    ("AT&T Inc", "A T and T Inc"),
    ("日立製作所", "株式会社日立製作所"),
    ("ООО «Ромашка»", "Ромашка"),
    ("Pearson Public Limited Company", "PEARSON PLC"),
    ("Volvo AB (publ)", "Volvo Aktiebolag"),
    # Ten others
    ("Kowalski Sp. z o.o.", "Kowalski spółka z ograniczoną odpowiedzialnością"),
    ("Dupont et Fils SARL", "Dupont & Fils S.à r.l."),
    ("García y Hijos, S.L.", "Garcia & Hijos Sociedad Limitada"),
    ("北京字节科技有限公司", "北京字节科技"),
    ("(주)한빛", "한빛 주식회사"),
    ("Novák s.r.o.", "NOVAK spol. s r.o."),
    ("Weber GmbH & Co. KG", "Weber Gesellschaft mit beschränkter Haftung und Co KG"),
    ("Hansen Aktieselskab", "Hansen A/S"),
    ("De Vries B.V.", "De Vries besloten vennootschap"),
    ("Cervezas del Sur S.A. de C.V.", "Cervezas del Sur, SA de CV"),
    ("UAB Rytas", "Rytas, UAB"),
)
# Names that may be of one company
ASKED = (
    ("Müller GmbH", "Mueller GmbH"),
    ("The Keel Ltd", "Keel Ltd"),
    ("Saint-Gobain SA", "St Gobain SA"),
    ("Twin Ltd", "Twinn Ltd"),
    ("Acme Ltd", "Acme Ltd UK"),
    ("Harrow Limited Liability Company", "Harrow Ltd"),
    ("IBM Deutschland GmbH", "IBM Germany GmbH"),
    ("Aurora Lights GmbH", "Auroraa Light GmbH"),
    # Ten others
    ("Fjord Ltd (UK)", "Fjord Ltd"),
    ("Søren Kjær A/S", "Soeren Kjaer A/S"),
    ("Maison et Jardin SAS", "Maison Jardin SAS"),
    ("Die Werkstatt GmbH", "Werkstatt GmbH"),
    ("Sankt Georg Klinik", "St. Georg Klinik"),
    ("Rossi e Figli Srl", "Rossi & Figli Srl"),
    ("Vega España SL", "Vega Spain SL"),
    ("PT Garuda", "Garuda"),
    ("Håkansson AB", "Haakansson AB"),
    ("Miller Foods Inc", "Miler Foods Inc"),
)
# Two companies with names that are near, but say clearly that they differ
APART = (
    ("Delta Deutschland GmbH", "Delta Österreich GmbH"),
    ("Studio 1 Ltd", "Studio 11 Ltd"),
    ("Baker Ltd", "Maker Ltd"),
    ("Cedar Group Ltd", "Cedar Ltd"),
    ("Air France", "Air Canada"),
    ("Orbit Works North", "Orbit Works South"),
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCompanyNames(SuccessCase):
    """A name in a file means the company of that name in any spelling; a name that is only near is asked about."""

    def _load(self, name, *more):
        """Load a renewal of a customer that is given by name only; return the messages."""
        columns = ["customer", "date_renewal", "annual_value", "new_customer"]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        messages = intake.load(columns, [[name, "2027-01-31", "1200", *(more or [""])]])["messages"]
        return [message["message"] for message in messages]

    def _count(self):
        return self.env["res.partner"].search_count([("is_company", "=", True)])

    def test_the_same_name_in_another_spelling_is_the_same_customer(self):
        known = {name: self._customer(name) for name, _other in SAME}
        before = self._count()
        for name, other in SAME:
            with self.subTest(name=name, other=other):
                self.assertFalse(self._load(other))
                self.assertEqual(len(known[name].success_renewal_ids), 1)
                self.assertEqual(known[name].name, name)
        self.assertEqual(self._count(), before)

    def test_a_near_name_is_asked_about_and_never_merged(self):
        known = {name: self._customer(name) for name, _other in ASKED}
        before = self._count()
        for name, other in ASKED:
            with self.subTest(name=name, other=other):
                [message] = self._load(other)
                self.assertIn(f"There is no customer “{other}”, but there is “{name}”", message)
                self.assertFalse(known[name].success_renewal_ids)
        self.assertEqual(self._count(), before)

    def _load_numbered(self, *rows):
        """Load renewals of customers that are given by reference, VAT number and name; return the messages."""
        columns = ["reference", "vat", "customer", "date_renewal", "new_customer"]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        rows = [[ref, vat, name, "2027-01-31", *(more or [""])] for ref, vat, name, *more in rows]
        return [message["message"] for message in intake.load(columns, rows)["messages"]]

    def test_cheat_a_new_reference_with_a_near_name_creates_nobody_unasked(self):
        self._customer("Northern Lights", ref="N-1")
        self._customer("Baker")
        before = self._count()
        for row in (
            ("N-2", "", "Nothern Lights"),  # the other one has a number
            ("B-1", "", "Baker UK"),  # it has none
            ("", "BE0477472701", "The Baker Ltd"),
            ("N-3", "", "Lights Northern Inc"),
        ):
            with self.subTest(row=row):
                [message] = self._load_numbered(row)
                self.assertIn(f"There is no customer “{row[2]}”, but there is", message)
        self.assertEqual(self._count(), before)

    def test_cheat_a_reference_beside_a_name_of_the_same_file_without_one(self):
        [message] = self._load_numbered(
            ("", "", "Northern Sail Ltd"), ("A-2", "", "Nothern Sail Ltd")
        )
        self.assertIn("but there is “Northern Sail Ltd”", message)

    # -- innocents ------------------------------------------------------------------------------

    def test_a_new_reference_that_the_row_confirms(self):
        self._customer("Northern Lights", ref="N-1")
        self.assertFalse(self._load_numbered(("N-2", "", "Nothern Lights", "yes")))
        self.assertEqual(self.env["res.partner"].search_count([("ref", "=", "N-2")]), 1)
        self.assertFalse(self._load_numbered(("N-2", "", "Nothern Lights")), "it is known now")

    def test_two_references_of_one_file_are_two_companies(self):
        rows = [
            (f"A-{n}", "", name)
            for n, name in enumerate(("Northern Sail Ltd", "Nothern Sail Ltd", "Northern Sails"))
        ]
        self.assertFalse(self._load_numbered(*rows))

    def test_a_known_reference_with_another_spelling(self):
        known = self._customer("Northern Lights", ref="N-1")
        self._customer("Northern Light", ref="N-9")
        self.assertFalse(self._load_numbered(("N-1", "", "Northern Lights Inc")))
        self.assertEqual(len(known.success_renewal_ids), 1)

    def test_two_companies_whose_names_say_that_they_differ_are_not_asked_about(self):
        for name, _other in APART:
            self._customer(name)
        before = self._count()
        for name, other in APART:
            with self.subTest(name=name, other=other):
                self.assertFalse(self._load(other))
        self.assertEqual(self._count(), before + len(APART))

    def test_two_companies_with_near_names_both_exist_after_one_answer(self):
        first = self._customer("Müller GmbH")
        self.assertFalse(self._load("Mueller GmbH", "yes"))
        self.assertFalse(first.success_renewal_ids)
        second = self.env["res.partner"].search([("name", "=", "Mueller GmbH")])
        self.assertEqual(len(second.success_renewal_ids), 1)
        self.assertFalse(self._load("MUELLER"), "each is found by its own name from then on")
        self.assertEqual(len(second.success_renewal_ids), 1)

    def test_words_that_are_only_a_form_or_a_country_are_names(self):
        for name in ("Limited", "France", "Saint", "The", "&", "Y"):
            with self.subTest(name=name):
                self.assertFalse(self._load(name))
                self.assertTrue(self.env["res.partner"].search_count([("name", "=", name)]))

    # -- cheats and mistakes: what would land at another company in silence ----------------------

    def test_another_legal_form_is_another_company(self):
        known = self._customer("Kestrel PLC")
        self.assertIn("but there is “Kestrel PLC”", *self._load("Kestrel Private Limited"))
        self.assertFalse(known.success_renewal_ids)

    def test_a_subsidiary_does_not_get_the_renewal_of_its_parent(self):
        known = self._customer("Kestrel Ltd")
        self.assertIn("but there is “Kestrel Ltd”", *self._load("Kestrel (France) Ltd"))
        self.assertFalse(known.success_renewal_ids)

    def test_a_letter_that_looks_like_a_joint_or_a_form_is_part_of_the_name(self):
        for known, other in (("Club Ltd", "Club Y Ltd"), ("Roma", "AS Roma")):
            with self.subTest(other=other):
                customer = self._customer(known)
                self._load(other)
                self.assertFalse(customer.success_renewal_ids)

    # -- many names ------------------------------------------------------------------------------

    def test_the_book_finds_each_name_that_comparing_all_of_them_finds(self):
        letters = random.Random(7)
        names = {
            "".join(letters.choices("abcd", k=letters.choice((8, 9, 10)))) for _n in range(500)
        }
        names |= {f"customer{letters.choice('aeiou')}{number % 7}" for number in range(60)}
        for most in (name_book._MOST_SHARING, 2):  # with and without looking at the other half
            with self.subTest(most=most), patch.object(name_book, "_MOST_SHARING", most):
                book = NameBook()
                for name in sorted(names):
                    book.add(name, name)
                keys = {name: "".join(loose(name)[0]) for name in names}
                for name in names:
                    alike = {other for other in names if is_alike(keys[name], keys[other])}
                    self.assertEqual({*book.like(name)} & alike, alike)
                    self.assertFalse(name in book.like(name))

    def test_names_that_share_a_half_are_not_compared_with_each_other(self):
        letters = random.Random(7)
        book = NameBook()
        for number in range(3000):
            book.add(f"Customer {''.join(letters.choices('abcdefghij', k=8))}", number)
            book.add(f"Branch {number:06} North", number)
        with patch.object(name_book, "is_alike", side_effect=is_alike) as compared:
            for number in range(300):
                book.like(f"Branch {number:06} South")
                book.like(f"Customer {''.join(letters.choices('abcdefghij', k=8))}")
        self.assertLess(compared.call_count, 600 * name_book._MOST_SHARING)
