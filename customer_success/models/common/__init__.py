from . import customer_success_fact
from . import customer_success_money
from . import customer_success_scored
from . import customer_success_shared
from . import customer_success_score_request
from . import customer_success_settings
from . import res_currency
