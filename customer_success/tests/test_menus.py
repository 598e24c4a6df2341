from odoo.tests import tagged

from .common import SuccessCase

LIMIT = 7


@tagged("post_install", "-at_install")
class TestMenus(SuccessCase):
    """Menus stay short for each role, and open with what the role needs daily."""

    def _menus(self, user):
        """Return the menus that ``user`` sees, by id, and the id of the app's root."""
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        return menus, self.env.ref("customer_success.customer_success_menu_root").id

    def _names(self, user):
        menus, root = self._menus(user)
        return [menus[child]["name"] for child in menus[root]["children"]]

    def test_a_csm_sees_six_menus_and_starts_with_the_day(self):
        daily = ["My Day", "Customers", "Advisor", "Barriers", "Renewals", "Reporting"]
        self.assertEqual(self._names(self.csm), daily)
        self.assertEqual(self._names(self.lead_csm), daily)

    def test_a_manager_also_sees_the_configuration(self):
        self.assertEqual(self._names(self.manager)[5:], ["Reporting", "Configuration"])

    def test_the_workbook_is_offered_to_those_who_may_export(self):
        workbook = self.env.ref("customer_success.customer_success_menu_workbook").id
        kept = self.env.ref("customer_success.customer_success_menu_workbook_copy").id
        self.assertLessEqual({workbook, kept}, self._menus(self.csm)[0].keys())
        self.csm.group_ids -= self.env.ref("base.group_allow_export")
        self.assertFalse({workbook, kept} & self._menus(self.csm)[0].keys())

    def test_lists_offer_the_workbook_to_those_who_may_export(self):
        def offered(model):
            bound = self.env["ir.actions.actions"].with_user(self.csm).get_bindings(model)
            return [action["name"] for action in bound.get("action", [])]

        models = [
            f"customer.success.{name}"
            for name in ("barrier", "renewal", "change", "interaction", "objective", "usage")
        ]
        for model in models:
            self.assertIn("Excel Workbook of These Customers", offered(model), model)
        self.csm.group_ids -= self.env.ref("base.group_allow_export")
        for model in models:
            self.assertNotIn("Excel Workbook of These Customers", offered(model), model)

    def test_the_list_of_customers_offers_the_workbook_to_csms_who_may_export(self):
        def offered(user):
            bound = self.env["ir.actions.actions"].with_user(user).get_bindings("res.partner")
            return [action["name"] for action in bound.get("action", [])]

        export = self.env.ref("base.group_allow_export")
        other = offered(self.csm)
        self.assertIn("Excel Workbook", other)
        self.assertIn("Excel Workbook", offered(self.manager))
        other.remove("Excel Workbook")
        self.csm.group_ids -= export
        self.assertEqual(offered(self.csm), other, "the other entries stay")
        self.sales.group_ids += export
        self.assertNotIn("Excel Workbook", offered(self.sales))

    def test_no_role_gets_more_than_seven_under_one_heading(self):
        for user in (self.csm, self.lead_csm, self.manager, self.env.ref("base.user_admin")):
            menus, root = self._menus(user)
            waiting, headings = [root], 0
            while waiting:
                menu = menus[waiting.pop()]
                with self.subTest(user=user.login, menu=menu["name"]):
                    self.assertLessEqual(len(menu["children"]), LIMIT)
                headings += bool(menu["children"])
                waiting += menu["children"]
            self.assertGreater(headings, LIMIT)

    def test_salespeople_find_the_renewals_in_the_pipeline_and_no_app_of_ours(self):
        menus, root = self._menus(self.sales)
        self.assertNotIn(root, menus["root"]["children"])
        pipeline = menus[self.env.ref("crm.crm_menu_sales").id]
        self.assertIn("Renewals", [menus[child]["name"] for child in pipeline["children"]])
