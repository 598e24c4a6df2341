from . import brief
from . import customer_brief
from . import handover_brief
from . import opportunity_brief
from . import renewal_brief
