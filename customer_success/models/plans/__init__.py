from . import customer_success_plan_content
from . import customer_success_plan_template
from . import customer_success_plan
from . import customer_success_objective
from . import customer_success_objective_measure
from . import customer_success_change
from . import res_partner_plan
