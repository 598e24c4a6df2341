from . import customer_success_dashboard
from . import customer_success_dashboard_charts
from . import brief
from . import customer_brief
from . import customer_success_workbook
from . import renewal_brief
