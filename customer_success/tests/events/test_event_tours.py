from odoo.tests import tagged

from .events_common import EventCase


@tagged("post_install", "-at_install")
class TestEventTours(EventCase):
    """An administrator makes a source on the screen, an event arrives, and the customer's use shows it."""

    def test_an_administrator_makes_a_source_and_the_use_shows_an_event(self):
        self.source.unlink()
        customer = self._customer("Event Customer", ref="EV-1")
        self.start_tour(
            "/odoo/success-events", "customer_success_event_source", login="test_manager"
        )
        source = self.sources.search([("name", "=", "Planner, production")])
        self.assertEqual(source.event_count, 1)
        self.env.ref("customer_success.ir_cron_events").method_direct_trigger()
        self.assertEqual(customer.success_usage_ids.active_users, 1)
        action = self.env.ref("customer_success.customer_success_usage_action")
        self.start_tour(f"/odoo/action-{action.id}", "customer_success_event_use", login="test_csm")
