from . import ir_actions
from . import res_config_settings
from . import customer_success_workbook_filter
from . import customer_success_workbook_copy
from . import customer_success_workbook_schedule
from . import customer_success_workbook_delivery
from . import mail_mail
from . import customer_success_settings
