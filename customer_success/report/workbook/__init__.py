from . import customer_success_workbook
