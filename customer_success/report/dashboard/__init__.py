from . import customer_success_dashboard
from . import customer_success_dashboard_charts
from . import customer_success_dashboard_revenue
from . import customer_success_dashboard_forecast
