from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools.misc import file_path

from .common import TODAY, SuccessCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOpen(SuccessCase):
    """The field ``is_open``, which follows the state whatever code writes the state."""

    OPEN = {
        "customer.success.barrier": {"potential", "confirmed", "empowered", "removing"},
        "customer.success.change": {"planned", "running"},
        "customer.success.objective": {"open", "reached"},
        "customer.success.workbook.copy": {"waiting", "running"},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer()
        contact = cls._contact(cls.customer)
        customer = {"partner_id": cls.customer.id}
        values = {
            "customer.success.barrier": {
                **customer,
                "owner_contact_id": contact.id,
                "authority": "granted",
            },
            "customer.success.change": customer,
            "customer.success.objective": {
                **customer,
                "confirmed_by_id": contact.id,
                "evidence": "Their monthly report",
            },
            "customer.success.workbook.copy": {"user_id": cls.csm.id},
        }
        # One record of each model in each state, created in the order of the states.
        cls.records = {
            model: cls.env[model].create(
                [
                    {"name": state, "state": state, **values[model]}
                    for state in cls.env[model]._fields["state"].get_values(cls.env)
                ]
            )
            for model in cls.OPEN
        }
        # A confirmed barrier becomes empowered if its owner has authority, so this one has no authority.
        confirmed = cls.records["customer.success.barrier"][1]
        confirmed.write({"authority": "none", "state": "confirmed"})

    def test_it_follows_the_state(self):
        for model, states in self.OPEN.items():
            records = self.records[model]
            with self.subTest(model=model):
                self.assertEqual(set(records.filtered("is_open").mapped("state")), states)
                found = records.search([("id", "in", records.ids), ("is_open", "=", True)])
                self.assertEqual(set(found.mapped("state")), states)
        change = self.records["customer.success.change"].filtered("is_open")[0]
        change.state = "done"
        self.assertFalse(change.is_open)

    def test_no_caller_writes_it(self):
        change = self.records["customer.success.change"][0].with_user(self.csm)
        change.write({"is_open": False, "name": "Another name"})
        self.assertEqual((change.name, change.is_open), ("Another name", True))
        barrier = self.env["customer.success.barrier"].with_user(self.csm)
        barrier = barrier.create(
            {"name": "Sheets", "partner_id": self.customer.id, "is_open": False}
        )
        self.assertTrue(barrier.is_open)

    def test_the_upgrade_fills_it_as_the_records_compute_it(self):
        self.env.flush_all()
        tables = [self.env[model]._table for model in self.OPEN]
        for table in tables:
            self.env.cr.execute(f"UPDATE {table} SET is_open = NULL")  # pylint: disable=sql-injection
        path = file_path("customer_success/migrations/19.0.2.0.0/pre-open.py")
        load_script(path, "pre_open").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all(flush=False)
        for model, states in self.OPEN.items():
            with self.subTest(model=model):
                self.assertEqual(
                    set(self.records[model].filtered("is_open").mapped("state")), states
                )
