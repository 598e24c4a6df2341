from . import base_import_import
from . import base_partner_merge
from . import customer_success_file
from . import customer_success_intake
from . import customer_success_usage_intake
from . import customer_success_move
from . import customer_success_workbook_wizard
