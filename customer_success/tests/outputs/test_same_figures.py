"""Figures that stand in several places come from one definition (docs/doors.md), over a book of varied customers."""

from odoo.fields import Command, Domain
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from ...report import tiles
from ..common import TODAY, days
from .workbook_common import WorkbookCase

PREFIX = "customer.success."
# Fields whose search answers another question than their value: who looks decides, or it only finds one direction.
OTHER = {"as_of", "csm_id"}
# What a search of a number or a date is compared with.
THRESHOLDS = {
    "date": [days(n) for n in (400, 90, 30, 1, 0, -1, -30, -90, -400)],
    "integer": [0, 1, 2, 10, 30, 90, 365],
    "float": [0, 1, 20, 45, 70, 99],
}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSameFigures(WorkbookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner"].search([("success_stage_id", "!=", False)]).success_stage_id = False
        cls.reports = cls.env["product.product"].create({"name": "Reports"})
        stages = list(cls.stages)
        cls.book = cls.env["res.partner"]
        for number in range(16):
            cls.book |= cls._varied(number, stages[number % len(stages)])
        cls._rescore(cls.book)
        cls.env["res.partner"]._success_former_due()._success_update_former()
        cls.env.flush_all()

    @classmethod
    def _varied(cls, number, stage):
        """Return a customer that has what the bits and the rest of its number say."""
        customer = cls._customer(
            f"Varied {number:02}",
            stage,
            ref=f"V-{number}",
            success_stage_date=days(20 * number),
            success_go_live_date=days(60 * number - 120),
            success_sentiment=("confident", "watchful", "worried", False)[number % 4],
            success_user_id=(cls.csm.id, False)[number % 5 == 4],
            success_quiet_until=days(-30) if number % 7 == 6 else False,
            success_quiet_reason="Year end" if number % 7 == 6 else False,
        )
        if number & 1:
            cls._usage(customer, active=10 * number % 100, when=days(30 * (number % 5) + 5))
        if number & 2:
            cls._usage(customer, active=60, when=days(200), product_id=cls.reports.id)
        for term in range(number % 3 + 1):
            cls._renewal(
                customer,
                1000 * (number + term + 1),
                product_id=(cls.product, cls.reports)[term % 2].id,
                contract_number=f"N-{number}-{term}",
                date_start=days(400),
                date_renewal=days((-20, 5, -95, -300, 60)[(number + term) % 5]),
                auto_renew=term == 1 and (number + term) % 5 not in (1, 4),
                outcome=("pending", "pending", "pending", "churned")[(number + term) % 4],
            )
        if number & 4:
            cls._barrier(customer, date_opened=days(15 * number), date_due=days(number - 8))
            cls._barrier(customer, state="removed")
        if number & 8:
            cls._barrier(customer, authority="none", active=number % 2 == 0)
        if number % 3:
            cls._answer(customer, signal="concern", date=days(40 * number))
        for kind, gone in (("objective", number), ("change", number + 3)):
            name = "date_due" if kind == "objective" else "date"
            cls.env[PREFIX + kind].create(
                {
                    "name": f"Theirs {kind}",
                    "partner_id": customer.id,
                    name: days(40 * (gone % 7) - 120),
                }
            )
        if number % 4:
            contact = cls._contact(customer)
            cls.env[f"{PREFIX}stakeholder"].create(
                {
                    "partner_id": customer.id,
                    "contact_id": contact.id,
                    "role": ("sponsor", "champion", "gatekeeper")[number % 3],
                    "next_step": "Call",
                    "next_step_date": days(-number),
                }
            )
            cls.env[f"{PREFIX}interaction"].create(
                {
                    "partner_id": customer.id,
                    "date": days(25 * number),
                    "contact_ids": [Command.set(contact.ids)],
                    "summary": "They decided",
                    "duration": 1,
                    "state": "held",
                }
            )
        return customer

    # -- what is shown is what is found ---------------------------------------------------------

    def _searched(self):
        """Yield ``(model, field)`` of ours that are computed when they are read, and searched in another way."""
        for name, model in self.env.items():
            if model._abstract or model._transient:
                continue
            for field in model._fields.values():
                ours = (field._module or "").startswith("customer_success")
                if ours and field.search and not field.store and field.name not in OTHER:
                    yield name, field

    def test_what_a_filter_finds_is_what_the_record_shows(self):
        compared, telling = set(), set()
        for name, field in self._searched():
            records = self.env[name].with_user(self.manager)
            if not records.has_access("read") or not records._has_field_access(field, "read"):
                continue
            mine = Domain.TRUE
            if name == "res.partner":
                mine = Domain("id", "in", self.book.ids)
            elif "partner_id" in records._fields:
                mine = Domain("partner_id", "in", self.book.ids)
            records = records.search(mine)
            values = THRESHOLDS.get(field.type)
            if field.type == "boolean":
                conditions = [(("=", True), bool), (("=", False), lambda value: not value)]
            elif values and not field.related:
                conditions = [
                    ((">", one), lambda value, one=one: bool(value) and value > one)
                    for one in values
                ]
            else:
                continue
            for (operator, value), is_so in conditions:
                shown = records.filtered(lambda one, is_so=is_so, name=field.name: is_so(one[name]))
                with self.subTest(field=str(field), operator=operator, value=value):
                    found = records.search(mine & Domain(field.name, operator, value))
                    self.assertEqual(found.sorted("id").ids, shown.sorted("id").ids)
                compared.add(field.name)
                if shown and shown != records:
                    telling.add(field.name)
        self.assertLess(20, len(compared))
        # So many fields tell the customers of this book apart.
        self.assertLess(12, len(telling), sorted(compared - telling))

    # -- figures of a customer ------------------------------------------------------------------

    def _cells(self, *names):
        """Return the cells of the workbook by customer, ``{customer: (value, …)}``."""
        sheet = self._book(domain=[("id", "in", self.book.ids)], sheets=["customers"])["Customers"]
        rows = self._rows(sheet)
        return {
            customer: tuple(rows[customer.name][name].value for name in names)
            for customer in self.book
            if customer.name in rows
        }

    def test_a_customer_s_scores_are_the_same_everywhere(self):
        names = ("renewal_risk", "health", "confidence", "value_at_risk", "coverage", "adoption")
        cells = self._cells(
            "Churn risk (high is bad)",
            "Health (high is good)",
            "Known",
            "Value at risk",
            "Questions covered",
            "Adoption rate",
        )
        followed = self.book.filtered("success_is_followed")
        self.assertEqual({*cells}, {*followed})
        leads = {
            customer: self.env["crm.lead"].create({"name": "L", "partner_id": customer.id})
            for customer in followed
        }
        for customer in followed:
            score, lead = customer.success_score_id, leads[customer].with_user(self.sales)
            customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.csm.id)
            activity = customer.activity_ids[:1]
            with self.subTest(customer=customer.name):
                for name, cell in zip(names, cells[customer], strict=True):
                    value = score[name]
                    self.assertAlmostEqual(customer[f"success_{name}"], value, 6)
                    share = (
                        100 if name in ("renewal_risk", "confidence", "coverage", "adoption") else 1
                    )
                    if value is not False and (value or cell):
                        self.assertAlmostEqual((cell or 0) * share, value, 1, name)
                self.assertEqual(lead.success_renewal_risk, score.renewal_risk)
                self.assertEqual(lead.success_risk_band, score.risk_band)
                self.assertEqual(lead.success_health_band, score.health_band)
                for one in (lead, activity):
                    self.assertAlmostEqual(one.success_value_at_risk, score.value_at_risk, 2)
                # The reports of its products and renewals add up to it.
                pending = customer.success_renewal_ids.filtered(
                    lambda term: term.outcome == "pending"
                )
                self.assertEqual(
                    score.next_renewal_date, min(pending.mapped("date_renewal"), default=False)
                )
                worth = sum(term.value_at_risk or 0.0 for term in pending)
                self.assertAlmostEqual(score.value_at_risk or 0.0, worth, 1)

    def test_work_of_a_customer_is_the_same_everywhere(self):
        today = self.book.with_user(self.manager)
        barriers = self.env[f"{PREFIX}barrier"]
        for customer in today:
            opened = barriers.search([("partner_id", "=", customer.id), ("is_open", "=", True)])
            talks = customer.success_interaction_ids.filtered(lambda talk: talk.state == "held")
            last = max(talks.mapped("date"), default=False)
            with self.subTest(customer=customer.name):
                self.assertEqual(customer.success_barrier_count, len(opened))
                self.assertEqual(customer.success_last_talk_date, last)
                if last and customer.success_days_without_talk is not False:
                    self.assertEqual(customer.success_days_without_talk, (TODAY - last).days)

    # -- figures of the book --------------------------------------------------------------------

    def _filter(self, view, name):
        """Return what a filter of a search view finds."""
        view = self.env.ref(f"customer_success.{view}")
        model = self.env[view.model].with_user(self.manager)
        arch = model.get_views([(view.id, "search")])["views"]["search"]["arch"]
        start = arch.index(f'name="{name}"')
        text = arch[arch.index('domain="', start) + 8 :]
        text = text[: text.index('"')].replace("&lt;", "<").replace("&gt;", ">")
        return model.search(Domain(safe_eval(text)) & Domain("partner_id", "in", self.book.ids))

    def _tile(self, code):
        tile = tiles.TILES[code]
        model = self.env[tile.model].with_user(self.manager)
        by = "id" if tile.model == "res.partner" else "partner_id"
        return model.search(tile.on(TODAY) & Domain(by, "in", self.book.ids))

    def test_renewals_are_overdue_and_due_by_one_definition(self):
        terms = self.book.success_renewal_ids.filtered(lambda term: term.outcome == "pending")
        noticed = terms.filtered(lambda term: term.auto_renew)[:1]
        noticed.write({"notice_given_on": days(30), "notice_kind": "end"})
        noticed.flush_recordset()
        self.env.cr.execute(
            "UPDATE customer_success_renewal SET date_renewal = %s, date_decision = %s WHERE id = %s",
            [days(3), days(3), noticed.id],
        )
        self.env.invalidate_all()
        for code, name in (("renewals_overdue", "overdue"), ("renewals_soon", "soon")):
            tile = self._tile(code)
            with self.subTest(code=code):
                self.assertTrue(tile)
                listed = self._filter("customer_success_renewal_view_search", name)
                sold = self._filter("customer_success_sales_renewal_view_search", name)
                self.assertEqual({*listed.ids}, {*tile.ids})
                self.assertEqual(
                    {*sold.ids}, {*tile.filtered("partner_id.success_is_followed").ids}
                )
                self.assertIn(
                    noticed, tile.sudo(), "after a notice somebody has to say how it ended"
                )

    def test_lists_and_tiles_find_the_same(self):
        for code, field in (
            ("silent", "success_is_silent"),
            ("lacks_people", "success_lacks_people"),
        ):
            shown = self.book.filtered(field)
            with self.subTest(code=code):
                self.assertTrue(shown)
                self.assertEqual(self._tile(code).sorted("id").ids, shown.sorted("id").ids)
        opened = self.book.success_barrier_ids.filtered("is_open")
        self.assertEqual(self._tile("barriers").sorted("id").ids, opened.sorted("id").ids)
        counted = sum(self.book.with_user(self.manager).mapped("success_barrier_count"))
        self.assertEqual(counted, len(opened))

    def test_recurring_revenue_of_a_customer_is_the_same_in_each_report(self):
        self.env[f"{PREFIX}revenue.piece"]._refresh(self.book.ids)
        mine = [("partner_id", "in", self.book.ids), ("month", "=", str(TODAY.replace(day=1)))]
        found = []
        for model in ("revenue.bridge", "revenue.retention"):
            reports = self.env[PREFIX + model].with_user(self.manager)
            rows = reports._within(mine)._read_group(mine, ["partner_id"], ["at_end:sum"])
            found.append({partner.id: round(value or 0, 2) for partner, value in rows if value})
        pieces = self.env[f"{PREFIX}revenue.piece"].search(
            [("partner_id", "in", self.book.ids), ("since", "<=", TODAY), ("until", ">", TODAY)]
        )
        stored = {}
        for piece in pieces:
            stored[piece.partner_id.id] = stored.get(piece.partner_id.id, 0) + piece.value
        self.assertTrue(stored)
        self.assertEqual(found, [stored, stored])
        tile = tiles.TILES["revenue_net"]
        reports = self.env[tile.model].with_user(self.manager)
        [(shown,)] = reports._read_group(tile.on(TODAY), [], [tile.measure])
        [(listed,)] = reports._read_group([mine[1]], [], ["net_retention:avg"])
        self.assertEqual(shown, listed)
