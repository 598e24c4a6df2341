from . import test_orders
from . import test_risk
from . import test_terms
