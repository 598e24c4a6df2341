import sys
from threading import Event

from odoo.tests import BaseCase, tagged

from ...scoring.background import SWITCH_INTERVAL, Background


@tagged("at_install", "-post_install")
class TestBackground(BaseCase):
    def test_overlapping_blocks_leave_the_switch_interval_as_it_was(self):
        usual = sys.getswitchinterval()
        first, second = Background(), Background()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        self.assertAlmostEqual(sys.getswitchinterval(), SWITCH_INTERVAL)
        second.__exit__(None, None, None)
        self.assertAlmostEqual(sys.getswitchinterval(), usual)

    def test_blocks_of_two_threads_leave_it_as_it_was(self):
        usual = sys.getswitchinterval()
        entered, leave = Event(), Event()

        def block():
            with Background():
                entered.set()
                leave.wait(10)

        with Background() as outer:
            inner = outer.submit(block)
            self.assertTrue(entered.wait(10))
            self.assertAlmostEqual(sys.getswitchinterval(), SWITCH_INTERVAL)
            leave.set()
            inner.result(10)
            self.assertAlmostEqual(sys.getswitchinterval(), SWITCH_INTERVAL)
        self.assertAlmostEqual(sys.getswitchinterval(), usual)

    def test_an_error_leaves_it_as_it_was(self):
        usual = sys.getswitchinterval()
        with self.assertRaises(ZeroDivisionError), Background():
            raise ZeroDivisionError
        self.assertAlmostEqual(sys.getswitchinterval(), usual)
