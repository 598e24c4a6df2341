from . import test_doctests
from . import test_handing_on
from . import test_seams
from . import test_ticket_load
from . import test_tickets_sheet
