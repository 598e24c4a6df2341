from . import test_for_whom
from . import test_subscription
from . import test_terms
