from . import customer_success_shared
from . import customer_success_barrier
from . import customer_success_objective
from . import customer_success_change
