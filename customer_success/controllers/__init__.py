from . import delivery
from . import workbook
