"""The base class of all sheets of the workbook, and the decorator that registers them.

A sheet is one class in one file. It defines its code, its name, its place, who may have it, its columns and rows, how it
applies the filters, and how the Method sheet explains it. :func:`register` adds its check box to the wizard and to the
schedules. Nothing else has to be changed, in this addon or in another one. A database has the sheets of the addons
that are installed in it; when an addon is uninstalled, Odoo removes the check boxes of its sheets.
"""

from odoo import fields, models

FILTER = "customer.success.workbook.filter"


class Sheet:
    """A sheet of one workbook. Most sheets inherit :class:`.table.Table` or :class:`.table.ListTable`."""

    code = None  # names the sheet in schedules and requests; its check box is the field with_<code>
    title = None  # the name of the sheet, a term of LazyTranslate
    sequence = 50  # its place: Summary 10, Customers 20, … Method 900
    groups = None  # who may have it, as in a view: "module.group_a,module.group_b"; None: everybody who may export
    model = None  # the model that it lists; users who may not read that model do not have the sheet
    is_scheduled = True  # whether schedules contain it by default, also those that exist when its addon is installed
    needs = ()  # codes of the sheets whose totals it reads

    def __init__(self, book):
        self.book, self.env = book, book.env
        self.name = book.claim_name(self.label())

    @classmethod
    def is_for(cls, env):
        """Return whether the user may have this sheet. Record rules decide which of its rows they get."""
        return (not cls.groups or env.user.has_groups(cls.groups)) and (
            not cls.model or env[cls.model].has_access("read")
        )

    @classmethod
    def explain(cls, env):
        """Return ``[(figure, formula)]`` for the Method sheet, for figures that only this sheet shows."""
        return ()

    def label(self):
        """Return the name of the sheet in the reader's language."""
        return self.env._(self.title)

    def heading(self):
        """Return the title at the top of the sheet."""
        return self.label()

    def prepare(self):
        """Read the totals. All sheets do so before the first one is written, because cells may refer to later sheets."""

    def fill(self):
        """Write the sheet."""
        raise NotImplementedError


def register(sheet):
    """Register a sheet in each database in which its addon is installed.

    The check box of the sheet is a field that the addon of the class adds to the filters of workbooks. So the ORM keeps the
    list of sheets of each database: it is the list of these fields.
    """
    box = fields.Boolean(
        sheet.title._source,  # not translated here: the ORM translates the labels of fields
        default=lambda filters: filters._is_ticked(sheet),
        groups=sheet.groups,
        sheet=sheet,
    )
    type(
        f"CustomerSuccessWorkbookFilter{sheet.__name__}",
        (models.AbstractModel,),
        {"__module__": sheet.__module__, "_inherit": FILTER, f"with_{sheet.code}": box},
    )
    return sheet
