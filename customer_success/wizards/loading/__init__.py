from . import base_import_import
from . import customer_success_file
from . import customer_success_file_use
from . import customer_success_intake
from . import customer_success_usage_intake
