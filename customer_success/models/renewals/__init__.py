from . import customer_success_renewal_reason
from . import customer_success_renewal
from . import customer_success_renewal_outcome
from . import customer_success_renewal_source
from . import product_product
from . import res_partner
from . import res_partner_erasure
from . import res_partner_leaving
