from odoo.fields import Domain
from odoo.tests import freeze_time, tagged
from odoo.tools import format_amount

from ...report.dashboard import customer_success_dashboard as dashboard
from ...report.tiles import TILES, read
from ...report.workbook.figures import ATTENTION, FIGURES
from ..common import TODAY, days
from .workbook_common import WorkbookCase

EVERYBODY = [("id", "!=", 0)]


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTiles(WorkbookCase):
    """A figure is defined once, so the dashboard and the workbook show the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        product = cls.env["product.product"].create({"name": "Other"})
        for customer, ago in ((cls.risky, -60), (cls.evil, 10)):
            cls._renewal(
                customer, product_id=product.id, date_start=days(300), date_renewal=days(ago)
            )
        cls._customer("Nobody's", success_user_id=False)
        cls._barrier(cls.risky, authority="granted")
        cls._barrier(cls.risky, date_opened=days(100), state="verified")
        cls.lead_csm.group_ids += cls.env.ref("base.group_allow_export")
        cls._rescore(cls.customers)

    def _summary(self, user):
        """Return ``{label: value}`` of the figures of the workbook."""
        sheet = self._book(user, domain=EVERYBODY, values=True)["Summary"]
        found = {}
        for label, value in sheet.iter_rows(min_row=6, max_col=2, values_only=True):
            if label is None:
                return found
            found[label] = value
        return found

    def _cards(self, user):
        cards = self.env["customer.success.dashboard"].with_user(user).create({}).content["tiles"]
        return {card["label"]: card["value"] for card in cards}

    def _read(self, user, codes):
        customers = (
            self.env["res.partner"]
            .with_user(user)
            ._search(self.env["res.partner"].with_user(user)._get_success_customer_domain())
        )

        def scope(model):
            return Domain("id" if model == "res.partner" else "partner_id", "in", customers)

        return read(self.env(user=user), codes, scope, TODAY)

    def test_dashboard_and_workbook_show_the_same_figures(self):
        shared = [code for code in dashboard.SHOWN if code in FIGURES]
        self.assertEqual(len(shared), len(dashboard.SHOWN))
        for user in (self.csm, self.lead_csm, self.manager):
            summary, cards = self._summary(user), self._cards(user)
            for code in shared:
                tile = TILES[code]
                card = cards[self.env._(tile.title or tile.label)]
                label = self.env._(tile.label)
                with self.subTest(user=user.login, figure=code):
                    if tile.kind == "money":
                        currency = self.company.currency_id
                        amount = summary[label % currency.name]
                        self.assertGreater(amount, 0)
                        shown = format_amount(self.env, amount, currency).replace("\xa0", " ")
                    elif tile.kind == "percent":
                        shown = f"{100 * summary[label]:.0f} %"
                    else:
                        shown = f"{summary[label]:.0f}"
                    self.assertEqual(card, shown)

    def test_a_total_on_a_sheet_is_what_the_database_says_of_the_figure(self):
        placed = [code for code in FIGURES if TILES[code].column]
        self.assertGreater(len(placed), 6)
        for user in (self.csm, self.manager):
            summary, found = self._summary(user), self._read(user, placed)
            for code in placed:
                tile = TILES[code]
                label = self.env._(tile.label)
                with self.subTest(user=user.login, figure=code):
                    if tile.kind == "money":
                        for currency, amount in found[code].items():
                            self.assertAlmostEqual(summary[label % currency.name], amount)
                    elif code == "sustain":
                        self.assertEqual((summary[label], found[code]), ("unknown", None))
                    else:
                        share = 100 if tile.kind == "percent" else 1
                        self.assertAlmostEqual(summary[label] * share, found[code])

    def test_figures_count_what_they_say(self):
        found = self._read(self.manager, TILES)
        self.assertEqual(found["renewals_soon"], 2)
        self.assertEqual(found["renewals_overdue"], 1)
        self.assertEqual((found["barriers"], found["barriers_no_authority"]), (3, 2))
        self.assertEqual(found["barriers_stuck"], 2)
        self.assertEqual(found["unfollowed"], 1)
        self.assertEqual(found["advice"], 100)
        self.assertEqual(found["value_realised"], {self.euro: 5000})
        self.assertEqual(found["health_known"] + 2, found["customers"])

    def test_the_unknown_is_no_figure(self):
        nobody = read(self.env, TILES, lambda model: Domain("id", "=", 0), TODAY)
        self.assertEqual((nobody["customers"], nobody["barriers"]), (0, 0))
        self.assertIsNone(nobody["health"])
        self.assertIsNone(nobody["advice"])
        self.assertEqual(nobody["value_at_risk"], {})

    def test_every_figure_has_a_place_to_open(self):
        for code in dashboard.SHOWN:
            self.assertTrue(TILES[code].listed, code)
        for tile in TILES.values():
            if tile.menu:
                self.assertTrue(self.env.ref(tile.menu).action, tile.code)
        self.assertLessEqual({*FIGURES, *ATTENTION, *dashboard.BESIDE}, TILES.keys())
