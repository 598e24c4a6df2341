from . import customer_success_segment
from . import customer_success_stage
from . import customer_success_stage_move
from . import customer_success_stakeholder
from . import res_partner
from . import res_partner_stage
from . import res_partner_segment
from . import res_users
