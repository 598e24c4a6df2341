from . import customer_success_renewal_lead
from . import customer_success_sales_renewal
from . import crm_lead
from . import crm_lead_renewal
from . import customer_success_business
from . import res_partner_business
from . import customer_success_settings
from . import res_config_settings
