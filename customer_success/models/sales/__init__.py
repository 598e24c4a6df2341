from . import customer_success_renewal_lead
from . import customer_success_sales_renewal
from . import crm_lead
from . import crm_lead_renewal
