from . import customer_success_explanation
from . import customer_success_handoff
from . import customer_success_interaction
from . import customer_success_score
from . import helpdesk_ticket
