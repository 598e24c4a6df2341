"""The limits of Excel, and text for its cells. Text from people is always data, never markup."""

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767  # UTF-16 units, as Excel counts
CUT_MARK = " […]"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def clean(text):
    """Return text for a cell of Excel: at most 32,767 characters, with a mark at the end if it was cut.

    A text that starts with ``<r>`` gets a leading space, because xlsxwriter would write it as markup.

    >>> clean("x" * 40000)[-5:], len(clean("x" * 40000)), clean("\U0001f600" * 40000)[-5:]
    ('x […]', 32767, '\U0001f600 […]')
    >>> clean("=1+1"), clean("<r>x</r>")
    ('=1+1', ' <r>x</r>')
    """
    text = str(text)
    if text.startswith("<r>"):
        text = f" {text}"
    if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le", "replace")) > 2 * MAX_TEXT:
        units = text.encode("utf-16-le", "replace")[: 2 * (MAX_TEXT - len(CUT_MARK))]
        text = units.decode("utf-16-le", "ignore") + CUT_MARK
    return text
