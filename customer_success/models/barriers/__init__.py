from . import customer_success_barrier_tag
from . import customer_success_barrier
from . import customer_success_barrier_flow
from . import customer_success_barrier_mail
from . import customer_success_barrier_effect
from . import res_partner_barriers
