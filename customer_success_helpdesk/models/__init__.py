from . import customer_success_handoff
from . import customer_success_interaction
from . import helpdesk_ticket
