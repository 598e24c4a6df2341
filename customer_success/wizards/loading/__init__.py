from . import customer_success_file
from . import customer_success_file_use
from . import customer_success_intake
from . import customer_success_usage_intake
from . import customer_success_person_intake
from . import customer_success_file_load
from . import customer_success_file_column
from . import customer_success_file_value
