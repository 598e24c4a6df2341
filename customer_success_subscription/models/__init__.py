from . import sale_order
from . import sale_subscription
from . import sale_subscription_line
