from . import dashboard
from . import brief
from . import workbook
