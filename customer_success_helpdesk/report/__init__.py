from . import sheet_tickets
