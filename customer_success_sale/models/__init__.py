from . import customer_success_business
from . import customer_success_renewal
from . import product_template
from . import sale_order_line
from . import sale_order_question
from . import sale_order
from . import sale_order_risk
from . import res_partner
