from . import test_access
from . import test_contract
from . import test_for_whom
from . import test_terms
