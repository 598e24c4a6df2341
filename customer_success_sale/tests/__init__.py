from . import test_agreed_terms
from . import test_doors
from . import test_orders
from . import test_replaced
from . import test_risk
from . import test_terms
from . import test_over
from . import test_questions
