"""The ways to send a delivery: HTTP with a key, a file on the screen, two at the same time."""

import base64
import json
import re
import shlex
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Timer

from openpyxl import Workbook, load_workbook

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, HttpCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.customer.res_partner_erasure import ERASE
from .common import SuccessCase

DOCS = Path(__file__).parents[2] / "docs" / "ingestion.md"
PATH = "/json/2/customer.success.usage/ingest"


class DoorCase(SuccessCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Acme", ref="C-1001")
        cls._customer("Beta", ref="C-1002")

    def _key(self, user):
        return (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate("rpc", "telemetry", fields.Datetime.now() + timedelta(days=1))
        )

    def setUp(self):
        super().setUp()
        # Odoo logs a refusal over HTTP as a warning, which is expected here.
        self.enterContext(mute_logger("odoo.http"))

    def _post(self, body, key=None, raw=False):
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"bearer {key}"
        data = body if raw else json.dumps(body)
        return self.url_open(PATH, data=data, headers=headers, timeout=60)


@tagged("post_install", "-at_install")
class TestIngestionOverHttp(DoorCase):
    def _curl(self, text, values):
        """Send the request of a curl command, with its variables replaced; return the response."""
        for name, value in values.items():
            text = text.replace(f"${name}", value)
        words = iter(shlex.split(text.replace("\\\n", " ")))
        self.assertEqual(next(words), "curl")
        url, headers, body = None, {}, None
        for word in words:
            if word == "-H":
                name, value = next(words).split(": ", 1)
                headers[name] = value
            elif word == "-d":
                body = next(words)
            elif not word.startswith("-"):
                url = word
        return self.opener.post(url, data=body, headers=headers, timeout=60)

    def test_the_example_of_the_docs_works_as_written(self):
        text = DOCS.read_text()
        command = re.search(r"^    (curl .*?\]\}')$", text, re.DOTALL | re.MULTILINE).group(1)
        promised = json.loads(
            re.search(r'^    (\{"delivery_id".*?\]\})$', text, re.S | re.M).group(1)
        )
        values = {"ODOO_URL": self.base_url(), "ODOO_API_KEY": self._key(self.csm)}
        response = self._curl(command, values)
        self.assertEqual(response.status_code, 200, response.text)
        answer = response.json()
        answer["delivery_id"] = promised["delivery_id"]
        self.assertEqual(answer, promised)
        self.assertEqual(self.customer.success_usage_ids.active_users, 87)
        self.assertEqual(self.customer.success_usage_ids.create_uid, self.csm)

    def test_without_a_key_or_rights(self):
        body = {"rows": [self._row(self.customer)]}
        self.assertEqual(self._post(body).status_code, 401)
        self.assertEqual(self._post(body, "wrong").status_code, 401)
        response = self._post(body, self._key(self.sales))
        self.assertEqual(response.status_code, 403)
        self.assertIn("customer success team", response.json()["message"])
        self.assertFalse(self.customer.success_usage_ids)

    def test_as_the_wrong_company(self):
        theirs = self.env["res.company"].create({"name": "Theirs"})
        stranger = new_test_user(
            self.env,
            "test_telemetry",
            "customer_success.group_success_user_all",
            company_id=theirs.id,
            company_ids=[Command.set(theirs.ids)],
        )
        self.customer.company_id = self.company
        response = self._post({"rows": [self._row(self.customer)]}, self._key(stranger))
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["rejected"][0]["field"], "customer_ref")
        self.assertFalse(self.customer.success_usage_ids)

    def test_bodies_that_are_no_delivery(self):
        key = self._key(self.csm)
        for body in (
            b"",
            b"{",
            b"[]",
            b'{"rows": "text"}',
            b'{"rows": []}',
            b'{"lines": []}',
            b'{"rows": null}',
        ):
            with self.subTest(body=body):
                status = self._post(body, key, raw=True).status_code
                self.assertIn(status, (400, 404, 422))
        self.assertFalse(self.customer.success_usage_ids)

    def test_nan_in_json_is_refused_by_row_and_field(self):
        body = json.dumps({"rows": [self._row(self.customer, quality=float("nan"))]})
        response = self._post(body.encode(), self._key(self.csm), raw=True)
        if response.status_code == 200:
            self.assertEqual(response.json()["rejected"][0]["field"], "quality")
        else:
            self.assertIn(response.status_code, (400, 422))
        self.assertFalse(self.customer.success_usage_ids)

    def test_a_body_of_200_megabytes_is_refused(self):
        """Odoo accepts 128 MiB. A generator sends the body, so that the test does not keep it in memory."""
        size = 200 * 1024 * 1024

        class Body:
            def __len__(self):
                return size

            def __iter__(self):
                yield b'{"rows": ["'
                for _chunk in range(size // 65536):
                    yield b"x" * 65536

        headers = {
            "Authorization": f"bearer {self._key(self.csm)}",
            "Content-Type": "application/json",
        }
        try:
            status = self.opener.post(
                self.base_url() + PATH, data=Body(), headers=headers, timeout=120
            ).status_code
        except OSError:
            status = 413  # the server answered and closed the connection while the body was still being sent
        self.assertEqual(status, 413)
        self.assertFalse(self.customer.success_usage_ids)

    def test_the_refused_rows_as_a_workbook_to_mend_and_send_again(self):
        self._row(self.customer)
        usages = self.env["customer.success.usage"].with_user(self.csm)
        answer = usages.ingest(
            [
                self._row(self.customer, active_users=-5),
                self._row(None, customer_ref='=cmd|"/c calc"!A1', quality=7),
                self._row(self.customer, date="2026-04-01"),
            ]
        )
        url = f"/customer_success/delivery/{answer['delivery_id']}/rejected"
        self.authenticate("test_lead_csm", "test_lead_csm")
        self.assertEqual(self.url_open(url).status_code, 403)
        self.authenticate("test_csm", "test_csm")
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        sheet = load_workbook(BytesIO(response.content)).active
        titles, *lines = [[cell.value for cell in row] for row in sheet.rows]
        self.assertEqual(len(lines), 2)
        first, second = (dict(zip(titles, line)) for line in lines)
        self.assertEqual(
            (first["active_users"], first["Row"], first["Column"]), ("-5", 1, "active_users")
        )
        self.assertEqual(second["customer_ref"], '=cmd|"/c calc"!A1')
        self.assertEqual(sheet.cell(3, titles.index("customer_ref") + 1).data_type, "s")

        # Correct the first row, and load the whole workbook on the screen.
        sheet.cell(2, titles.index("active_users") + 1).value = "5"
        stream = BytesIO()
        sheet.parent.save(stream)
        again = self._import(stream.getvalue(), "refused.xlsx")
        self.assertEqual((again.created, again.rejected), (1, 1))
        self.assertEqual(len(self.customer.success_usage_ids), 2)

    def test_text_that_looks_like_markup_comes_back_as_it_was_sent(self):
        """xlsxwriter reads text between <r> and </r> as markup, which broke the file or lost the text."""
        names = ["<r>&<b></r>", "<r><t>ok</t></r>", "<r>", "&amp;", "=1+1"]
        usages = self.env["customer.success.usage"].with_user(self.csm)
        answer = usages.ingest([self._row(customer_ref=name) for name in names])
        self.authenticate("test_csm", "test_csm")
        url = f"/customer_success/delivery/{answer['delivery_id']}/rejected"
        sheet = load_workbook(BytesIO(self.url_open(url).content)).active
        titles, *lines = [[cell.value for cell in row] for row in sheet.rows]
        shown = [dict(zip(titles, line)) for line in lines]
        self.assertEqual([line["customer_ref"].strip() for line in shown], names)
        for line, name in zip(shown, names):
            self.assertEqual(line["What to correct"], f"There is no customer “{name}”.")

    def test_the_refused_rows_of_a_file_of_customers_can_be_sent_again(self):
        columns = ["customer", "reference", "date_renewal", "seats"]
        intake = self.env["customer.success.intake"].with_user(self.manager)
        intake.load(columns, [["<r>&<b></r>", "D-1", "2027-01-31", "many"]])
        delivery = self.env["customer.success.usage.delivery"].search([])
        self.authenticate("test_manager", "test_manager")
        response = self.url_open(f"/customer_success/delivery/{delivery.id}/rejected")
        self.assertEqual(response.status_code, 200)
        sheet = load_workbook(BytesIO(response.content)).active
        titles, line = [[cell.value for cell in row] for row in sheet.rows]
        shown = dict(zip(titles, line))
        self.assertEqual((shown["seats"], shown["Column"], shown["Row"]), ("many", "seats", 1))
        known = len(intake._columns())
        shown["seats"] = "5"
        result = intake.load(titles[:known], [[shown[title] for title in titles[:known]]])
        self.assertFalse(result["messages"])
        self.assertEqual(self.env["res.partner"].search([("ref", "=", "D-1")]).name, "<r>&<b></r>")

    def _import(self, content, name):
        """Load a file as a CSM does on the screen, with the columns that are matched by themselves."""
        load = self.env["customer.success.file.load"].with_user(self.csm)
        load = load.create({"file": base64.b64encode(content), "file_name": name, "kind": "use"})
        load.action_read()
        load.action_match()
        self.assertEqual(load.state, "preview", load.problem)
        load.action_load()
        return load.delivery_id

    def test_the_template_lands_through_the_screen(self):
        content = self.url_open("/customer_success/static/csv/usage.csv").content
        for ref in ("EX-001", "EX-002"):
            self._customer(ref, ref=ref)
        self.env["product.product"].create({"name": "Suite", "default_code": "SUITE"})
        content = content.replace(b"2026-09", b"2026-05")
        self.assertFalse(self._import(content, "usage.csv").rejected)
        self.assertEqual(len(self.env["customer.success.usage"].search([])), 3)

    def test_an_xlsx_with_real_dates_and_numbers_lands(self):
        book = Workbook()
        book.active.append(
            ["customer_ref", "product_code", "date", "licensed_users", "active_users"]
        )
        book.active.append(["C-1001", "PLANNER", fields.Date.to_date("2026-05-31"), 100, 42])
        stream = BytesIO()
        book.save(stream)
        self.assertFalse(self._import(stream.getvalue(), "usage.xlsx").rejected)
        self.assertEqual(self.customer.success_usage_ids.adoption, 42)

    def test_a_file_is_read_whole_and_is_one_delivery(self):
        lines = ["customer_ref,product_code,date,active_users"]
        lines += [f"C-1001,PLANNER,2025-{month:02}-01,{month}" for month in range(1, 13)]
        lines[5] = "nobody,PLANNER,2025-05-01,5"
        self._import("\n".join(lines).encode(), "months.csv")
        delivery = self.env["customer.success.usage.delivery"].search([])
        self.assertEqual(len(delivery), 1)
        self.assertEqual((delivery.created, delivery.rejected), (11, 1))
        self.assertEqual((delivery.name, delivery.origin), ("months.csv", "file"))
        self.assertEqual(delivery.rejection_ids.row, 6, "as the file counts")


@tagged("post_install", "-at_install")
class TestTwoDeliveriesAtOnce(BaseCase):
    """Two deliveries in real transactions, as in two workers; everything that they commit is removed again."""

    def setUp(self):
        super().setUp()
        self.database = db_connect(get_db_name())
        with self.database.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            stage = env["customer.success.stage"].search([], limit=1)
            self.partner = (
                env["res.partner"]
                .create(
                    {
                        "name": "Raced",
                        "is_company": True,
                        "ref": "RACE",
                        "success_stage_id": stage.id,
                    }
                )
                .id
            )
            self.product = env["product.product"].create({"name": "R", "default_code": "RACE"}).id
        self.deliveries = []
        self.addCleanup(self._clean)

    def _clean(self):
        with self.database.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.partner"].browse(self.partner).with_context(**{ERASE: True}).unlink()
            env["product.product"].browse(self.product).unlink()
            env["customer.success.usage.delivery"].browse(self.deliveries).unlink()

    def test_each_record_is_there_once(self):
        rows = [
            {
                "customer_ref": "RACE",
                "product_code": "RACE",
                "date": f"2024-{month:02}-01",
                "active_users": month,
            }
            for month in range(1, 13)
        ]
        first_cr, second_cr = self.database.cursor(), self.database.cursor()
        with closing(first_cr), closing(second_cr):
            first = api.Environment(first_cr, SUPERUSER_ID, {})
            second = api.Environment(second_cr, SUPERUSER_ID, {})
            second_cr.execute("SELECT count(*) FROM customer_success_usage")  # its snapshot
            one = first["customer.success.usage"].ingest(rows)
            first.flush_all()
            # The second one waits for the rows of the first, fails, and is repeated by Odoo.
            commit = Timer(1.0, first_cr.commit)
            commit.start()
            with self.assertLogs("odoo.sql_db", "ERROR") as log:
                two = retrying(lambda: second["customer.success.usage"].ingest(rows), second)
            second_cr.commit()
            commit.join()
        self.assertIn("could not serialize access", log.output[0])
        self.deliveries = [one["delivery_id"], two["delivery_id"]]
        self.assertEqual((one["created"], two["created"], two["unchanged"]), (12, 0, 12))
        with self.database.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM customer_success_usage WHERE partner_id = %s", [self.partner]
            )
            self.assertEqual(cr.fetchone(), (12,))

    def test_a_lost_race_refuses_no_row_of_a_file_of_customers(self):
        columns = ["customer", "reference"]
        first_cr, second_cr = self.database.cursor(), self.database.cursor()
        with closing(first_cr), closing(second_cr):
            first = api.Environment(first_cr, SUPERUSER_ID, {"success_file_name": "race"})
            second = api.Environment(second_cr, SUPERUSER_ID, {"success_file_name": "race"})
            second_cr.execute("SELECT count(*) FROM res_partner")  # its snapshot
            first["customer.success.intake"].load(columns, [["Raced First", "RACE"]])
            first_cr.commit()
            with self.assertLogs("odoo.sql_db", "ERROR") as log:
                answer = retrying(
                    lambda: second["customer.success.intake"].load(
                        columns, [["Raced Second", "RACE"]]
                    ),
                    second,
                )
            second_cr.commit()
        self.assertIn("could not serialize access", log.output[0])
        with self.database.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            deliveries = env["customer.success.usage.delivery"].search([("file_name", "=", "race")])
            self.deliveries = deliveries.ids
            self.assertEqual(deliveries.mapped("rejected"), [0, 0])
            self.assertEqual(env["res.partner"].browse(self.partner).name, "Raced Second")
        self.assertEqual((answer["messages"], answer["ids"]), ([], [self.partner]))
