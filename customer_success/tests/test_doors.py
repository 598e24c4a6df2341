"""A text means the same at every door of docs/doors.md, is asked about at each, or refused at each in words."""

import base64
import csv
from io import StringIO

from lxml import html
from psycopg2 import DataError, IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .barrier_mail_common import BarrierMailCase
from .common import TODAY, SuccessCase
from .doors_common import ASKED, REFUSED, doors, typed_of, values_of
from .portal.portal_common import PortalCase

# The doors of the bridges, each with a test of its own there.
OF_BRIDGES = {"order"}
# What a door finds a customer by, if it is not all of them.
ONLY = {"merge": ("vat", "name"), "events": ("ref", "vat")}
# The columns of the rows of use, and those of the files of customers, for each kind.
OF_USE = {"count": "active_users", "percent": "quality", "date": "date"}
OF_CUSTOMERS = {
    "count": "seats",
    "amount": "annual_value",
    "date": "date_renewal",
    "outcome": "outcome",
    "percent": "quality",
}
IDENTITY = {"ref": "reference", "vat": "vat", "name": "customer"}


class Outcome(Exception):
    """Raised to take back what a value wrote, with what it was understood as."""


class DoorsCase(SuccessCase):
    """A customer that is found in many ways, and the comparison of what comes of a value with what it means."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.EUR").active = True
        cls.doorway = cls._customer("Doorway Ltd", ref="D-1001", vat="BE0477472701")
        cls._customer("Other 1", ref="Two-1")
        cls._customer("Other 2", ref="two-1")
        cls._customer("Twice")
        cls._customer("Twice")
        cls.env["product.product"].create(
            [{"name": f"Double {n}", "default_code": "DOUBLE"} for n in (1, 2)]
        )

    def _taken_back(self, attempt):
        """Return what an attempt was understood as, and take back what it wrote."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                raise Outcome(attempt())
        except Outcome as outcome:
            return outcome.args[0]
        except (UserError, ValidationError) as refusal:
            self.assertTrue(str(refusal).strip())
        except (IntegrityError, DataError) as error:
            models = self.env.values()
            model = next(model for model in models if model._table == error.diag.table_name)
            self.assertNotIn("violates", model._sql_error_to_message(error))
        finally:
            self.env.invalidate_all(flush=False)
        return REFUSED

    def _same(self, found, meant, kind):
        if kind == "date" and len(meant) == 10 and found not in (ASKED, REFUSED):
            self.assertIn(str(found), (meant, f"{meant[:8]}01"))  # use is of the month
        elif isinstance(meant, int | float) and not isinstance(found, str):
            self.assertAlmostEqual(found, meant, 2)
        else:
            self.assertEqual(found, meant)

    def _walk(self, door, gets, kinds, through):
        for kind in kinds:
            values = values_of(kind) if gets == "text" else typed_of(kind)
            if door in ONLY:
                values = {value: meant for value, meant in values.items() if value[0] in ONLY[door]}
            self.assertTrue(values)
            for value, meant in values.items():
                with self.subTest(door=door, kind=kind, value=value):
                    self._same(through(kind, value), meant, kind)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDoors(DoorsCase):
    def test_the_page_and_the_tests_have_the_same_doors(self):
        here = {"portal", "mail"} | OF_BRIDGES
        here |= {
            name.removeprefix("_through_").replace("_", " ")
            for name in dir(self)
            if name.startswith("_through_")
        }
        self.assertEqual(set(doors()), here)

    def test_there_are_a_hundred_values(self):
        kinds = ("figure", "date", "customer", "product", "outcome", "person")
        self.assertGreaterEqual(sum(len(values_of(kind)) for kind in kinds), 100)

    def _test(self, door):
        gets, kinds = doors()[door]
        self._walk(door, gets, kinds, getattr(self, f"_through_{door.replace(' ', '_')}"))

    # -- texts ----------------------------------------------------------------------------------

    def _row_of(self, kind, value, is_use):
        """Return a row with a value, in the columns of files of customers or of use."""
        row = {"customer_ref": "D-1001", "product_code": "PLANNER", "date": "2026-05-20"}
        if not is_use:
            row = {"reference": "D-1001", "product": "PLANNER", "date_renewal": "2026-12-31"}
        if kind == "customer":
            by, text = value
            row.pop("customer_ref", row.pop("reference", None))
            row[f"customer_{by}" if is_use else IDENTITY[by]] = text
        elif kind == "product":
            row["product_code" if is_use else "product"] = value
        elif not is_use and kind == "percent":
            row = {**row, "usage_date": "2026-05-20", "quality": value}
        else:
            row[OF_USE[kind] if is_use else OF_CUSTOMERS[kind]] = value
        if is_use and kind not in ("count", "percent"):
            row["timely"] = "50"
        return row

    def _stored(self, kind):
        """Return what a row left behind, as the value that was understood."""
        self.env.flush_all()
        self.env.invalidate_all()
        usage, term = self.doorway.success_usage_ids, self.doorway.success_renewal_ids
        if kind == "customer":
            return (usage.partner_id | term.partner_id).name
        if kind == "product":
            return (usage.product_id | term.product_id).default_code
        if kind == "date":
            return usage.date or term.date_renewal
        if kind == "count":
            return usage.active_users if usage else term.seats
        if kind == "percent":
            return usage.quality
        ended = term.filtered("date_outcome") or term[:1]
        return term.annual_value if kind == "amount" else ended.outcome

    def _answered(self, kind, refusals):
        for line in refusals:
            self.assertTrue(line["message"].strip())
            return ASKED if line["code"] in ("ambiguous", "several") else REFUSED
        return self._stored(kind)

    def _through_rows(self, kind, value):
        row = self._row_of(kind, value, False)
        intake = self.env["customer.success.intake"].with_user(self.manager)
        return self._taken_back(
            lambda: self._answered(kind, intake.load([*row], [[*row.values()]])["messages"])
        )

    def _through_use_rows(self, kind, value):
        row = self._row_of(kind, value, True)
        intake = self.env["customer.success.usage.intake"].with_user(self.manager)
        return self._taken_back(
            lambda: self._answered(kind, intake.load([*row], [[*row.values()]])["messages"])
        )

    def _through_api(self, kind, value):
        usages = self.env["customer.success.usage"].with_user(self.manager)
        row = self._row_of(kind, value, True)
        return self._taken_back(lambda: self._answered(kind, usages.ingest([row])["rejected"]))

    def _through_events(self, kind, value):
        """Take an event of a company that the product names so, and count it."""
        source = self.env["customer.success.event.source"].create(
            {"name": "Planner", "product_id": self.product.id}
        )
        key = source.action_make_key()["context"]["default_key"]
        keys = self.env["customer.success.event.key"]
        call = {"userId": "ada", "event": "Saved", "context": {"groupId": value[1]}}

        def attempt():
            plan = keys._plan(keys._digest(key))
            self.env["customer.success.event"]._take(plan, [("track", call)], {})
            source._roll_up_one()
            group = self.env["customer.success.event.group"].search([("source_id", "=", source.id)])
            if "Several" in (group.reason or ""):
                return ASKED
            return group.partner_id.success_usage_ids.partner_id.name or REFUSED

        return self._taken_back(attempt)

    def _through_screen(self, kind, value):
        """Load a file of one row on the screen: a question of its steps, a refusal, or what is stored."""
        is_use = kind == "percent"
        row = self._row_of(kind, value, is_use)
        stream = StringIO()
        csv.writer(stream).writerows([[*row], [*row.values()]])

        def attempt():
            load = self.env["customer.success.file.load"].with_user(self.manager)
            load = load.create(
                {
                    "file": base64.b64encode(stream.getvalue().encode()),
                    "file_name": "door.csv",
                    "kind": "use" if is_use else "customers",
                }
            )
            load.action_read()
            if load.state == "columns":
                load.action_match()
            if load.problem:
                self.assertIn("?", load.problem)
                return ASKED
            if load.state == "values":
                load.action_preview()
            load.action_load()
            refused = load.delivery_id.rejection_ids
            if not refused:
                return self._stored(kind)
            self.assertTrue(all(refused.mapped("message")))
            several = "everal" in refused[0].message or "may mean" in refused[0].message
            return ASKED if several else REFUSED

        return self._taken_back(attempt)

    def _through_merge(self, kind, value):
        """Ask Odoo for contacts to merge, beside a company whose VAT number or name is as it is written."""
        by, text = value

        def attempt():
            vals = {"name": "Newcomer", "is_company": True, by: text}
            other = self.env["res.partner"].create(vals)
            wizard = self.env["base.partner.merge.automatic.wizard"].create(
                {f"group_by_{by}": True}
            )
            wizard.action_start_manual_process()
            groups = [
                set(map(int, line.aggr_ids.strip("[]").split(","))) for line in wizard.line_ids
            ]
            found = [group for group in groups if other.id in group]
            if found and self.doorway.id in found[0]:
                return self.doorway.name
            return ASKED if found else REFUSED

        return self._taken_back(attempt)

    def test_rows(self):
        self._test("rows")

    def test_rows_of_use(self):
        self._test("use rows")

    def test_the_api(self):
        self._test("api")

    def test_events(self):
        self._test("events")

    def test_the_screen(self):
        self._test("screen")

    def test_merge_proposals(self):
        self._test("merge")

    # -- typed values ---------------------------------------------------------------------------

    def _through_form(self, kind, value):
        def attempt():
            if kind == "figure":
                objective = self.env["customer.success.objective"].create(
                    {"name": "Orders", "partner_id": self.doorway.id}
                )
                measures = self.env["customer.success.objective.measure"].with_user(self.csm)
                return measures.create({"objective_id": objective.id, "value": value}).value
            if kind == "date":
                self.doorway.with_user(self.csm).success_go_live_date = value
                return self.doorway.success_go_live_date
            if kind == "percent":
                usage = self.env["customer.success.usage"].with_user(self.csm)
                vals = {"partner_id": self.doorway.id, "product_id": self.product.id}
                return round(
                    usage.create({**vals, "date": "2026-05-01", "quality": value}).quality, 1
                )
            name = OF_CUSTOMERS[kind]
            vals = {"outcome": "pending", name: value}
            term = self._renewal(self.doorway.with_user(self.manager), **vals)
            self.env.flush_all()
            return term[name]

        return self._taken_back(attempt)

    def _through_list(self, kind, value):
        """Write a value on two records at once, as a change of several in a list does."""
        model, name, vals = {
            "date": ("customer.success.barrier", "date_due", {"name": "Sheets"}),
            "count": ("customer.success.change", "people_affected", {"name": "New people"}),
            "amount": ("customer.success.objective", "expected_value", {"name": "Orders"}),
            "percent": ("res.partner", "success_adoption_bought", {"is_company": True}),
        }[kind]

        def attempt():
            records = self.env[model]
            if model == "res.partner":
                records = self.doorway | self._customer("Beside")
            else:
                records = records.create([{**vals, "partner_id": self.doorway.id} for _n in (1, 2)])
            records.with_user(self.csm).write({name: value})
            self.env.flush_all()
            [stored] = set(records.mapped(name))
            return round(stored, 1) if kind == "percent" else stored

        return self._taken_back(attempt)

    def _through_import(self, kind, value):
        columns = [
            "partner_id/.id",
            "product_id/.id",
            "date_renewal",
            "annual_value",
            "seats",
            "outcome",
        ]
        row = dict(
            zip(
                columns,
                [str(self.doorway.id), str(self.product.id), "2026-12-31", "5", "5", "pending"],
            )
        )
        row[OF_CUSTOMERS[kind]] = str(value)

        def attempt():
            terms = self.env["customer.success.renewal"].with_user(self.manager)
            answer = terms.load([*row], [[*row.values()]])
            if not answer["ids"]:
                self.assertTrue(answer["messages"][0]["message"].strip())
                return REFUSED
            return self.env["customer.success.renewal"].browse(answer["ids"])[OF_CUSTOMERS[kind]]

        return self._taken_back(attempt)

    def _through_meeting(self, kind, value):
        def attempt():
            event = self.env["calendar.event"].create(
                {
                    "name": "Review",
                    "allday": True,
                    "start_date": "2026-06-10",
                    "stop_date": "2026-06-10",
                }
            )
            event.partner_ids = self._contact(self.doorway)
            context = event.with_user(self.csm).action_success_log()["context"]
            talks = self.env["customer.success.interaction"].with_user(self.csm)
            talk = talks.with_context(**context).create({"date": value})
            return talk.date

        return self._taken_back(attempt)

    def test_forms(self):
        self._test("form")

    def test_changes_of_several(self):
        self._test("list")

    def test_odoos_import(self):
        self._test("import")

    def test_meetings(self):
        self._test("meeting")


@tagged("post_install", "-at_install")
class TestPortalDoor(PortalCase, DoorsCase):
    def test_the_portal(self):
        self.change.people_affected = 2_000_000
        self._as(self.owner)
        token = self._csrf()
        gets, kinds = doors()["portal"]

        def through(kind, value):
            record, action, name = (
                (self.objective, "figure", "value")
                if kind == "figure"
                else (self.change, "adopted", "people")
            )
            posted = {name: value, "csrf_token": token}
            page = self._post(record, action, csrf=False, **posted)
            if page.status_code == 400:
                self.assertIn("o_success_refused", page.text)
                return REFUSED
            buttons = html.fromstring(page.text).xpath('//button[@name="understood"]')
            if len(buttons) > 1:
                return ASKED
            posted["understood"] = buttons[0].get("value")
            self.assertEqual(self._post(record, action, csrf=False, **posted).status_code, 303)
            self.env.invalidate_all()
            return record.actual if kind == "figure" else record.people_adopted

        self._walk("portal", gets, kinds, through)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMailDoor(BarrierMailCase, DoorsCase):
    def test_mails(self):
        gets, kinds = doors()["mail"]

        def through(kind, value):
            barrier = self._mail(value, f"Sheets {value}")
            return barrier.message_ids[0].author_id.name if barrier else REFUSED

        self._walk("mail", gets, kinds, through)
