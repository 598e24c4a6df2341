from . import customer_success_file_mapping
from . import customer_success_usage_delivery
from . import customer_success_usage_rejection
from . import customer_success_usage
from . import customer_success_usage_measured
from . import customer_success_usage_revision
