import doctest

from odoo.tests import freeze_time, tagged

from ...scoring.factor import FACTORS
from ..common import TODAY, SuccessCase
from ..extending import blocks, load_data, load_python

SECTION = "A new factor"


@tagged("at_install", "-post_install")
@freeze_time(TODAY)
class TestExtendingFactor(SuccessCase):
    """The example of a factor in docs/extending.md, executed as it is: one file, one record, one test."""

    def setUp(self):
        super().setUp()
        file, self.test = blocks(SECTION, "python")
        [record] = blocks(SECTION, "xml")
        self.addCleanup(FACTORS.pop, "touchpoints", None)
        self.names = load_python(self, file, "scoring.factors.touchpoints")
        load_data(self, record)

    def test_its_test_passes_as_it_stands(self):
        names = load_python(self, self.test, "tests.scores.test_touchpoints")
        found = vars(names["TestTouchpoints"]).items()
        tests = [test for name, test in found if name.startswith("test_") and callable(test)]
        self.assertTrue(tests)
        for test in tests:
            test(self)

    def test_the_examples_of_its_docstring_hold(self):
        [examples] = doctest.DocTestFinder().find(
            self.names["value"], "value", module=False, globs=self.names
        )
        result = doctest.DocTestRunner().run(examples)
        self.assertEqual((result.attempted, result.failed), (3, 0))

    def test_the_record_has_the_direction_of_the_factor(self):
        record = self.env.ref("customer_success.customer_success_factor_touchpoints")
        self.assertEqual(record.direction, "lowers")
        self.assertEqual(self.env["customer.success.factor"]._priors()["touchpoints"].sign, -1)
