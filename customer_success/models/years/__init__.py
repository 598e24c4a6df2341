from . import customer_success_target
from . import customer_success_year
from . import customer_success_tenure
from . import customer_success_score
from . import customer_success_segment
from . import res_partner
from . import res_partner_years
