from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..common import TODAY
from ..extending import blocks, run_file
from .workbook_common import WorkbookCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestExtendingSheet(WorkbookCase):
    """The worked example of a sheet, as it stands in docs/extending.md, as a file of another addon."""

    def setUp(self):
        super().setUp()
        self.file, self.test = blocks("A new sheet", "python")

    def _install(self):
        run_file(self, self.file)
        self.wizards = self.env["customer.success.workbook.wizard"]
        self.schedules = self.env["customer.success.workbook.schedule"].with_user(self.manager)

    def test_its_test_passes_as_it_stands(self):
        self._install()
        names = {"__name__": "odoo.addons.customer_success.tests.outputs.test_moves_sheet"}
        exec(compile(self.test, "docs/extending.md", "exec"), names)
        tests = [name for name in dir(names["TestMovesSheet"]) if name.startswith("test_moves")]
        self.assertTrue(tests)
        for name in tests:
            getattr(names["TestMovesSheet"], name)(self)

    def test_without_it_there_is_no_such_sheet(self):
        with self.assertRaisesRegex(UserError, "no sheet"):
            self._book(sheets=["moves"])

    def test_it_takes_its_place_and_is_explained(self):
        self._install()
        book = self._book()
        names = book.sheetnames
        self.assertEqual(names.index("Stage moves"), names.index("Changes ahead") + 1)
        self.assertIn("Days spent", [row[0].value for row in book["Method"].iter_rows()])

    def test_only_its_groups_have_it(self):
        self._install()
        book = self._book(self.csm)
        self.assertNotIn("Stage moves", book.sheetnames)
        self.assertNotIn("Days spent", self._text([book["Method"]]))
        with self.assertRaisesRegex(UserError, "access to any of these sheets"):
            self._book(self.csm, sheets=["moves"])
        for user, is_there in ((self.manager, True), (self.csm, False)):
            with self.subTest(user=user.login):
                wizards = self.wizards.with_user(user)
                arch = wizards.get_view(view_type="form")["arch"]
                self.assertEqual('name="with_moves"' in arch, is_there)
                self.assertIn('name="with_barriers"', arch)
                # A sheet that a user may not have does not keep them from the other sheets.
                self.assertIn("barriers", wizards.create({})._sheets())

    def test_it_is_chosen_in_the_wizard_and_left_out_of_schedules(self):
        self._install()
        self.assertIn("moves", self.wizards.with_user(self.manager).create({})._sheets())
        vals = {"recipient_ids": [(6, 0, self.manager.ids)]}
        self.assertNotIn("moves", self.schedules.create(vals)._sheets())
        self.assertIn("moves", self.schedules.create({**vals, "with_moves": True})._sheets())
        self.assertIn('name="with_moves"', self.schedules.get_view(view_type="form")["arch"])

    def test_schedules_that_exist_get_it_if_it_is_for_schedules(self):
        vals = {"recipient_ids": [(6, 0, self.manager.ids)]}
        schedule = self.env["customer.success.workbook.schedule"].create(vals)
        self.env.flush_all()
        unscheduled = "    is_scheduled = False\n"
        self.assertIn(unscheduled, self.file)
        self.file = self.file.replace(unscheduled, "")
        self._install()
        self.env.invalidate_all()
        self.assertIn("moves", schedule._sheets())

    def test_schedules_that_exist_do_not_get_it_otherwise(self):
        vals = {"recipient_ids": [(6, 0, self.manager.ids)]}
        schedule = self.env["customer.success.workbook.schedule"].create(vals)
        self.env.flush_all()
        self._install()
        self.env.invalidate_all()
        self.assertNotIn("moves", schedule._sheets())
        self.assertIn("barriers", schedule._sheets())

    def test_the_boxes_are_in_the_order_of_the_workbook(self):
        self._install()
        codes = [sheet.code for sheet in self.wizards._sheet_types()]
        self.assertEqual(
            codes[codes.index("changes") : codes.index("time") + 1], ["changes", "moves", "time"]
        )
        self.assertEqual((codes[0], codes[-1]), ("summary", "method"))
