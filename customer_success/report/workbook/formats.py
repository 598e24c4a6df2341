"""The formats of cells: one set for each workbook, with the date format of the reader's language."""

import re

from odoo.tools.misc import get_lang

INK = "#17504F"
PALE = "#EAF2F1"
GREY = "#595959"
COLOURS = {"good": "#D9F2D9", "warn": "#FFF2CC", "bad": "#F8D7DA"}

NUMBERS = {
    "text": "@",
    "whole": "#,##0",
    "number": "#,##0.0",
    "percent": "0.0%",
    "risk": "0%",
    "coefficient": "0.00",
    "month": "mmm yyyy",
    "money": "#,##0.00",
}
# The parts of Odoo's date formats and their names in Excel; a date format with other parts is not used.
DATE_PARTS = {
    "%d": "dd",
    "%-d": "d",
    "%m": "mm",
    "%Y": "yyyy",
    "%y": "yy",
    "%b": "mmm",
    "%B": "mmmm",
}
ISO_DATE = "yyyy-mm-dd"


def excel_date(date_format):
    """Return the Excel date format for one of Odoo; ISO dates if it has no equivalent.

    >>> excel_date("%d/%m/%Y"), excel_date("%m.%-d.%y"), excel_date("%j, %Y")
    ('dd/mm/yyyy', 'mm.d.yy', 'yyyy-mm-dd')
    """
    found = re.sub(r"%-?\w", lambda match: DATE_PARTS.get(match[0], "%"), date_format or "%")
    return ISO_DATE if "%" in found else found


def excel_money(currency):
    """Return the number format of a currency, with the position of its symbol and its number of decimals."""
    digits = f"#,##0.{'0' * currency.decimal_places}".rstrip(".")
    symbol = (currency.symbol or currency.name).replace('"', "")
    return f'{digits} "{symbol}"' if currency.position == "after" else f'"{symbol}" {digits}'


class Formats:
    """The cell formats of one workbook, each created once.

    ``cell[kind]`` and ``total[kind]`` are for values, ``money(currency_id)`` for money.
    """

    def __init__(self, env, workbook):
        self._env, self._workbook, self._money = env, workbook, {}
        day = excel_date(get_lang(env).date_format)
        codes = {**NUMBERS, "date": day, "datetime": f"{day} hh:mm"}
        add = workbook.add_format
        self.title = add({"bold": True, "font_size": 18, "font_color": INK})
        self.section = add({"bold": True, "font_size": 12, "font_color": INK, "bottom": 1})
        self.note = add({"font_color": GREY})
        self.body = add({"text_wrap": True, "valign": "top", "align": "left", "indent": 1})
        self.strong = add({"bold": True, "valign": "top", "text_wrap": True})
        self.head = add(
            {
                "bold": True,
                "bg_color": INK,
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "valign": "vcenter",
                "align": "left",
                "indent": 1,
            }
        )
        self.head_right = add(
            {"bold": True, "bg_color": INK, "font_color": "#FFFFFF", "align": "right"}
        )
        self.inner = add({"align": "left", "indent": 1, "valign": "top"})
        self.deeper = add({"align": "left", "indent": 3, "valign": "top"})
        self.cell = {kind: add({"num_format": c, "valign": "top"}) for kind, c in codes.items()}
        self.cell["text"].set_align("left")
        self.cell["text"].set_indent(1)
        total = {"bold": True, "bg_color": PALE}
        self.total = {kind: add({"num_format": code, **total}) for kind, code in codes.items()}
        self.change = {
            kind: add({"num_format": f"+{code};-{code};0", "valign": "top"})
            for kind, code in NUMBERS.items()
            if kind not in ("text", "month", "coefficient")
        }
        self.colour = {name: add({"bg_color": code}) for name, code in COLOURS.items()}
        self.banner = {
            name: add({"bg_color": code, "align": "left", "indent": 1})
            for name, code in COLOURS.items()
        }

    def money(self, currency_id, style="cell"):
        """Return the format for money in a currency; a plain number without a currency."""
        if not currency_id:
            return getattr(self, style)["money"]
        key = currency_id, style
        if key not in self._money:
            code = excel_money(self._env["res.currency"].sudo().browse(currency_id))
            looks = {
                "cell": {"num_format": code, "valign": "top"},
                "total": {"num_format": code, "bold": True, "bg_color": PALE},
                "change": {"num_format": f"+{code};-{code};0", "valign": "top"},
            }
            self._money[key] = self._workbook.add_format(looks[style])
        return self._money[key]
