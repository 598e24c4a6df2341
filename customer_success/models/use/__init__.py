from . import customer_success_usage_figures
from . import customer_success_usage
from . import customer_success_usage_revision
from . import customer_success_intended_use
from . import customer_success_symptom
from . import customer_success_symptom_flag
from . import res_partner_use
