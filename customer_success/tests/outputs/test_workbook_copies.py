from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from ...models.outputs import customer_success_workbook_copy as module
from ...models.outputs.customer_success_workbook_copy import CustomerSuccessWorkbookCopy
from ..common import TODAY, SuccessCase
from .workbook_common import WorkbookCase, read


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWorkbookCopies(WorkbookCase):
    def _wizard(self, user=None, context=None, **vals):
        wizards = self.env["customer.success.workbook.wizard"].with_user(user or self.manager)
        return wizards.with_context(**(context or {})).create(vals)

    def _selected(self, records, **context):
        return {"active_model": records._name, "active_ids": records.ids, **context}

    def _copies(self, user=None):
        return self.env["customer.success.workbook.copy"].with_user(user or self.manager).search([])

    def _made(self, wizard):
        """Return the record that the wizard creates, and its workbook."""
        wizard.action_download()
        copy = self._copies(wizard.env.user)[0]
        return copy, read(copy.attachment_id.raw)

    def _limit(self, key, value):
        self.env["ir.config_parameter"].set_param(f"customer_success.{key}", value)

    def test_the_workbook_of_a_selection_is_made_and_kept(self):
        wizard = self._wizard(context=self._selected(self.customers))
        self.assertEqual(
            (wizard.scope, wizard.selected_count, wizard.customer_count), ("selected", 3, 3)
        )
        copy, book = self._made(wizard)
        self.assertEqual((copy.state, copy.customers, copy.user_id), ("done", 3, self.manager))
        self.assertEqual(copy.figures["customers"], 3)
        self.assertEqual(copy.filters, "3 selected customers")
        self.assertEqual(set(self._rows(book["Customers"])), set(self.customers.mapped("name")))

    def test_lists_of_records_select_their_customers(self):
        for records in (
            self.risky.success_barrier_ids,
            self.risky.success_change_ids,
            self.risky.success_interaction_ids,
            self.risky.success_objective_ids,
            self.risky.success_renewal_ids,
            self.risky.success_usage_ids,
        ):
            self.assertTrue(records)
            with self.subTest(model=records._name):
                _copy, book = self._made(self._wizard(context=self._selected(records)))
                self.assertEqual(set(self._rows(book["Customers"])), {"Risky"})

    def test_a_list_selected_whole_is_exported_whole(self):
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", 1)
        context = self._selected(self.risky, active_domain=[("id", "in", self.customers.ids)])
        wizard = self._wizard(context=context)
        self.assertEqual((wizard.scope, wizard.selected_count), ("selected", 3))
        _copy, book = self._made(wizard)
        self.assertIn("Unknown", self._rows(book["Customers"]))

    def test_filters_narrow_the_customers(self):
        stage = self.stages["sustained_use"]
        copy, book = self._made(self._wizard(stage_ids=stage.ids, scope="all"))
        self.assertIn("Unknown", self._rows(book["Customers"]))
        self.assertNotIn("Risky", self._rows(book["Customers"]))
        self.assertIn(stage.name, copy.filters)
        selected = self._selected(self.customers)
        _copy, book = self._made(self._wizard(context=selected, csm_ids=self.lead_csm.ids))
        self.assertEqual(set(self._rows(book["Customers"])), {self.evil.name})
        _copy, book = self._made(self._wizard(context=selected, risk_from="medium"))
        bands = [line["Risk band"].value for line in self._lines(book["Customers"])]
        for band in self._each(filter(None, bands)):
            self.assertIn(band, ("Medium", "High", "Critical"))

    def test_at_least_one_sheet_is_chosen(self):
        codes = [name for name in self._wizard()._fields if name.startswith("with_")]
        with self.assertRaisesRegex(ValidationError, "at least one sheet"):
            self._wizard(**dict.fromkeys(codes, False))

    def test_companies_are_those_of_the_user(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self._wizard(company_ids=other.ids)
        request = {**self._wizard()._prepare_request(), "company_ids": other.ids}
        with self.assertRaisesRegex(UserError, "access to any of these companies"):
            self._copies()._ask(request)
        asked = self._copies()._ask({**request, "company_ids": []})
        self.assertEqual(asked.request["company_ids"], self.company.ids)

    def test_the_next_one_is_compared_with_the_last_of_its_kind(self):
        context = self._selected(self.customers)
        first, book = self._made(self._wizard(context=context))
        self.assertIn("show the changes here", self._text(book))
        self._customer("Other", success_user_id=self.csm.id)
        other, _book = self._made(self._wizard())
        self.assertNotEqual(other.series, first.series)
        self._usage(self.unknown)
        self._rescore(self.unknown)
        second, book = self._made(self._wizard(context=context, with_use=False))
        self.assertEqual(second.series, first.series)
        sheet = book["Summary"]
        known = {row[0].value: row for row in sheet.iter_rows(min_row=6, max_row=20)}
        line = known["Health, average (high is good)"]
        self.assertAlmostEqual(line[2].value, first.figures["health"])
        self.assertEqual(line[3].value, "=B7-C7")

    def test_it_is_compared_with_the_one_that_was_chosen(self):
        context = self._selected(self.customers)
        first, _book = self._made(self._wizard(context=context))
        self._made(self._wizard(context=context))
        theirs, _book = self._made(self._wizard(self.csm, context=context))
        first.sudo().date = "2026-05-04 12:00:00"
        self.assertIn(
            first, self.env["customer.success.workbook.copy"].with_user(self.manager).search([])
        )
        narrow = {"context": self._selected(self.risky)}
        _copy, book = self._made(self._wizard(before_id=first.id, **narrow))
        self.assertEqual(book["Summary"]["C5"].value, "On 05/04/2026")
        self.assertEqual(book["Summary"]["C6"].value, 3)
        # A workbook of another user cannot be read this way.
        request = {**self._wizard(**narrow)._prepare_request(), "before_id": theirs.id}
        copy = self._copies()._ask(request)
        self.assertIsNone(copy._before())

    def test_the_company_that_one_works_in_comes_first(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids += other
        both = self._wizard(context={"allowed_company_ids": [other.id, self.company.id]})
        copy = self._made(both)[0]
        self.assertEqual(copy.request["company_ids"], [other.id, self.company.id])
        self.assertEqual(copy._as_reader().env.company, other)

    def test_a_long_one_is_made_in_the_background(self):
        self._limit("workbook_background", 2)
        wizard = self._wizard(context=self._selected(self.customers))
        self.assertTrue(wizard.is_long)
        action = wizard.action_download()
        copy = self._copies()[0]
        self.assertEqual((action["res_id"], copy.state), (copy.id, "waiting"))
        with self.assertRaisesRegex(UserError, "not ready"):
            copy.action_download()
        told = []
        with (
            patch.object(module, "TELL_SECONDS", -1),
            patch.object(
                CustomerSuccessWorkbookCopy,
                "_progress_reporter",
                autospec=True,
                side_effect=lambda copy: told.append,
            ),
        ):
            self._run()
        self.assertEqual((copy.state, copy.progress, copy.customers), ("done", 100, 3))
        self.assertEqual(told, sorted(told))
        self.assertTrue(told and told[-1] == 99)

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("customer_success.ir_cron_workbook_make").method_direct_trigger()
        self.env.invalidate_all()

    def _waiting(self):
        self._limit("workbook_background", 0)
        self._wizard(context=self._selected(self.customers)).action_download()
        return self._copies()[0].sudo()

    def test_progress_is_written_where_others_see_it(self):
        copy = self._waiting()
        with patch.object(module, "TELL_SECONDS", -1):
            self.env.flush_all()
            with self.enter_registry_test_mode():
                copy._progress_reporter()(42)
        self.env.invalidate_all()
        self.assertEqual(copy.progress, 42)

    def test_a_workbook_of_a_killed_job_is_retried_three_times(self):
        copy = self._waiting()
        copy.write({"state": "running", "tries": 2})
        self._run()
        self.assertEqual(copy.state, "done")
        copy = self._waiting()
        copy.write({"state": "running", "tries": 3})
        self._run()
        self.assertEqual((copy.state, copy.error), ("failed", "The job was stopped 3 times."))

    def test_what_goes_wrong_is_told_in_words(self):
        copy = self._waiting()
        self.manager.group_ids -= self.env.ref("customer_success.group_success_manager")
        self._run()
        self.assertEqual(copy.state, "failed")
        self.assertIn("may not export", copy.error)
        self.assertFalse(copy.attachment_id)

    def test_a_bug_does_not_stop_the_next_one(self):
        first, second = self._waiting(), self._waiting()
        original = CustomerSuccessWorkbookCopy._compute

        def compute(copy, report_progress=None):
            if copy == first:
                raise ValueError("bug")
            return original(copy, report_progress)

        with (
            patch.object(CustomerSuccessWorkbookCopy, "_compute", compute),
            mute_logger(
                "odoo.addons.customer_success.models.outputs.customer_success_workbook_copy"
            ),
        ):
            self._run()
        self.assertEqual((first.state, second.state), ("failed", "done"))

    def test_a_full_file_store_is_said_and_nothing_is_kept(self):
        wizard = self._wizard(context=self._selected(self.customers))
        attachments = self.env["ir.attachment"].search_count([("res_model", "=", module.__name__)])
        with (
            patch.object(
                type(self.env["ir.attachment"]), "_file_write", side_effect=OSError(28, "No space")
            ),
            self.assertRaisesRegex(UserError, "not enough disk space"),
        ):
            wizard.action_download()
        self.assertEqual(
            self.env["ir.attachment"].search_count([("res_model", "=", module.__name__)]),
            attachments,
        )

    def test_copies_belong_to_who_asked(self):
        copy, _book = self._made(self._wizard())
        self.assertNotIn(copy, self._copies(self.lead_csm))
        with self.assertRaises(AccessError):
            copy.with_user(self.lead_csm).read(["figures"])
        with self.assertRaises(AccessError):
            copy.attachment_id.with_user(self.lead_csm).read(["raw"])
        with self.assertRaises(AccessError):
            copy.with_user(self.manager).write({"figures": {}})
        with self.assertRaises(AccessError):
            self._copies().create({"name": "x", "user_id": self.manager.id})

    def test_without_the_right_to_export_nothing_is_asked_for(self):
        self.csm.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self._wizard(self.csm).action_download()

    def test_old_copies_go_with_their_files(self):
        copy, _book = self._made(self._wizard())
        young, _book = self._made(self._wizard())
        self._limit("workbook_keep_days", 30)
        copy.sudo().date = fields.Datetime.now() - timedelta(days=31)
        attachment = copy.sudo().attachment_id
        self.env["customer.success.workbook.copy"]._gc_old()
        self.assertFalse(copy.exists() or attachment.exists())
        self.assertTrue(young.exists())

    def test_settings_are_checked(self):
        settings = self.env["res.config.settings"]
        for name, value in (
            ("success_workbook_keep_days", 0),
            ("success_workbook_link_mb", 101),
            ("success_workbook_background", -1),
        ):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                settings.create({name: value})


@tagged("post_install", "-at_install")
class TestWorkbookDownload(HttpCase, SuccessCase):
    def test_the_file_comes_over_http_for_who_asked_for_it_alone(self):
        self._rescore(self._customer())
        wizards = self.env["customer.success.workbook.wizard"].with_user(self.manager)
        action = wizards.create({"scope": "all"}).action_download()
        self.authenticate("test_manager", "test_manager")
        response = self.url_open(action["url"])
        self.assertEqual(response.status_code, 200)
        self.assertIn(".xlsx", response.headers["Content-Disposition"])
        self.assertIn("Customers", read(response.content).sheetnames)
        for login in ("test_csm", "test_lead_csm", "test_sales", None):
            with self.subTest(login=login), mute_logger("odoo.http"):
                self.authenticate(login, login)
                response = self.url_open(action["url"], allow_redirects=False)
                self.assertNotEqual(response.status_code, 200)

    def test_the_page_of_a_copy_asks_for_the_login(self):
        """A mail links to this page, and its reader may be logged out."""
        response = self.url_open("/odoo/success-workbooks/1", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login?redirect=", response.headers["Location"])
