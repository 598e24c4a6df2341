"""The reading of files as tables: CSV with any delimiter and encoding, XLSX and XLS, row by row."""

import csv
import io
import re
import zipfile
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import Counter
from datetime import date, datetime, time, timedelta

MOST_BYTES = 200 * 2**20
MOST_UNPACKED = 2**30  # the bytes that a workbook may unpack to
MOST_PACKED_TIMES = 300  # a workbook of real cells is packed about 10 to 50 times
MOST_COLUMNS = 1000
MOST_ROWS = 1_000_000
LONGEST_CELL = 32_767  # as in Excel
# The number of rows among which the headings are looked for, and by which the delimiter is found.
FIRST_ROWS = 50
SAMPLE = 64 * 2**10
DELIMITERS = (",", ";", "\t", "|", "\x1f", "^", "~", ":")
ENCODINGS = (
    "utf-8",
    "utf-16",
    "cp1252",
    "iso8859_15",
    "cp1250",
    "cp1251",
    "mac_roman",
    "shift_jis",
    "gb18030",
)
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n?", re.IGNORECASE)
_NO_VALUE = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?![^>]*\bt="str")[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_OLE = b"\xd0\xcf\x11\xe0"


class Unreadable(Exception):
    """The refusal of a whole file, in words for the person who chose it."""


def encoding_of(stream):
    r"""Return the encoding of a text, ``None`` if it is no text.

    Text that is valid UTF-8 is hardly ever anything else; of the encodings with one byte a letter, Windows-1252 is by
    far the commonest, and others have to be chosen.

    >>> [encoding_of(io.BytesIO("é;ß".encode(name))) for name in ("utf-8", "utf-8-sig", "utf-16", "cp1252")]
    ['utf-8-sig', 'utf-8-sig', 'utf-16', 'cp1252']
    >>> encoding_of(io.BytesIO("abc;d".encode("utf-16-le"))), encoding_of(io.BytesIO(b"a\x00\x01\x02"))
    ('utf-16-le', None)
    """
    stream.seek(0)
    start = stream.read(4096)
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    if not start.startswith(BOM_UTF8) and b"\0" in start:
        odd, even = start[1::2].count(0), start[::2].count(0)
        if odd > len(start) * 0.3:
            return "utf-16-le"
        return "utf-16-be" if even > len(start) * 0.3 else None
    decoder = getincrementaldecoder("utf-8")()
    stream.seek(0)
    is_utf8 = True
    while part := stream.read(2**20):
        if b"\0" in part:
            return None
        if is_utf8:
            try:
                decoder.decode(part)
            except UnicodeDecodeError:
                is_utf8 = False
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    return "utf-8-sig" if is_utf8 else "cp1252"


def delimiter_of(sample):
    r"""Return the delimiter of the first lines of a file: the one with which most rows are as wide as the headings.

    >>> [delimiter_of(text) for text in ("a;b\n1,5;2\n", "a,b\n1,2\n", "a\tb\n1;5\t2\n", "a|b\n1|2\n", "a\nb\n")]
    [';', ',', '\t', '|', ',']
    >>> delimiter_of('name;note\n"A";"x, y, z"\n"B";"x, y"\n')
    ';'
    """
    best = (0, 0, 0), DELIMITERS[0]
    for place, delimiter in enumerate(DELIMITERS):
        try:
            widths = [
                len(row)
                for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
                if row
            ][:FIRST_ROWS]
        except csv.Error:
            continue
        width, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
        if width > 1:
            best = max(best, ((round(times / len(widths), 1), width, -place), delimiter))
    return best[1]


class Table:
    r"""A file as a table: its headings, and its rows as often as they are asked for, with memory for one row.

    ``stream`` is a binary file that can be read from its start again. Cells are texts, numbers or dates, an empty cell
    is ``None``. :meth:`rows` yields ``(number, cells)`` with the number of the row in the file, counted from 1 like a
    spreadsheet does; ``cells`` is ``None`` for a row that has not as many cells as there are headings.

    >>> table = Table(io.BytesIO("\n Größe \xa0;Wert\n\n1;\xa0\n2;3;4\n".encode("cp1252")), "a.csv", str)
    >>> table.headings, table.encoding, table.delimiter, list(table.rows())
    (['Größe', 'Wert'], 'cp1252', ';', [(4, ['1', None]), (5, None)])
    >>> double = io.BytesIO(b"Name,Seats, name \nA,1,2\n")
    >>> Table(double, "a.csv", lambda text, *names: text % names)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    Unreadable: Several columns have the heading “Name”.
    """

    def __init__(self, stream, name, translate, encoding=None, delimiter=None, sheet=None):
        self._ = translate
        self.stream = stream
        self.name = name or ""
        self.encoding = self.delimiter = self.sheet = None
        self.sheets = []
        size = stream.seek(0, io.SEEK_END)
        if not size:
            raise Unreadable(self._("The file is empty."))
        if size > MOST_BYTES:
            raise Unreadable(self._("The file has more than %d MB. Split it.", MOST_BYTES // 2**20))
        stream.seek(0)
        start = stream.read(4)
        if start.startswith(b"PK"):
            self._check_zip()
            self._lines = self._xlsx_lines
            self._open_xlsx(sheet)
        elif start == _OLE:
            self._lines = self._xls_lines
            self._open_xls(sheet)
        else:
            self._lines = self._csv_lines
            self._open_csv(encoding, delimiter)
        self._find_headings()

    # Headings and rows

    def _find_headings(self):
        """Find the row of the headings below the lines of a title, if there are any, and check the headings."""
        first = []
        for number, cells in self._lines():
            cells = [_plain_cell(cell) for cell in cells]
            if any(cell is not None for cell in cells):
                first.append((number, cells))
            if len(first) == FIRST_ROWS:
                break
        if not first:
            raise Unreadable(self._("The file is empty."))
        filled = [sum(cell is not None for cell in cells) for _number, cells in first]
        enough = min(2, max(filled), max(filled) * 0.5)
        if max(filled) > 2:
            enough = max(2, max(filled) * 0.5)
        elif filled.count(2) > len(filled) / 2:
            enough = 2
        place = next(place for place, count in enumerate(filled) if count >= enough)
        self.heading_row, cells = first[place]
        while cells and cells[-1] is None:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(
                self._(
                    "The file has %(columns)d columns; up to %(most)d can be read. Export the columns that you need.",
                    columns=len(cells),
                    most=MOST_COLUMNS,
                )
            )
        self.headings = [
            self._("Column %d", number) if cell is None else str(cell)[:256]
            for number, cell in enumerate(cells, 1)
        ]
        said = Counter(heading.casefold() for heading in self.headings)
        if twice := [heading for heading in self.headings if said.pop(heading.casefold(), 0) > 1]:
            raise Unreadable(
                self._(
                    "Several columns have the heading “%s”. Give each column its own heading and choose the file again.",
                    "”, “".join(twice[:5]),
                )
            )

    def rows(self):
        """Yield ``(number, cells)`` of each row below the headings that is not blank."""
        width, read = len(self.headings), 0
        for number, cells in self._lines():
            if number <= self.heading_row:
                continue
            cells = [_plain_cell(cell) for cell in cells]
            if all(cell is None for cell in cells):
                continue
            read += 1
            if read > MOST_ROWS:
                raise Unreadable(self._("The file has more than %d rows. Split it.", MOST_ROWS))
            if len(cells) > width:
                cells, more = cells[:width], cells[width:]
                if any(cell is not None for cell in more):
                    yield number, None
                    continue
            elif len(cells) < width:
                if self.delimiter:  # a line that ends too early; a sheet leaves out empty cells
                    yield number, None
                    continue
                cells += [None] * (width - len(cells))
            yield number, cells

    # CSV

    def _open_csv(self, encoding, delimiter):
        self.encoding = encoding or encoding_of(self.stream)
        if not self.encoding:
            raise Unreadable(
                self._("This is not a table. Save it as CSV or as an Excel workbook (.xlsx).")
            )
        if self.encoding == "utf-8":
            self.encoding = "utf-8-sig"
        self.first_line = 0
        with _Text(self.stream, self.encoding) as text:
            try:
                sample = text.read(SAMPLE)
            except UnicodeError:
                raise self._undecodable() from None
        if found := _SEPARATOR_LINE.match(sample):
            self.first_line = 1
            sample, delimiter = sample[found.end() :], delimiter or found[1]
        whole, _mark, _rest = sample.rpartition("\n")
        is_all = len(sample) < SAMPLE - 100
        self.delimiter = delimiter or delimiter_of(sample if is_all else whole)

    def _csv_lines(self):
        with _Text(self.stream, self.encoding) as text:
            for _line in range(self.first_line):
                text.readline()
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            number = self.first_line
            try:
                for number, cells in enumerate(reader, self.first_line + 1):
                    yield number, cells
            except csv.Error:
                raise Unreadable(
                    self._(
                        "Row %d cannot be read: a quotation mark is opened and not closed, or stands within a text.",
                        number + 1,
                    )
                ) from None
            except UnicodeError:
                raise self._undecodable() from None

    def _undecodable(self):
        return Unreadable(
            self._("The file is not text in the encoding %s. Choose another one.", self.encoding)
        )

    # Workbooks

    def _check_zip(self):
        """Refuse what is no workbook, has macros, or unpacks to more than a workbook of this size should."""
        try:
            with zipfile.ZipFile(self.stream) as archive:
                parts = archive.infolist()
        except zipfile.BadZipFile:
            raise Unreadable(self._("The workbook is damaged.")) from None
        names = {part.filename for part in parts}
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Unreadable(
                self._(
                    "The workbook has macros. Save it as an Excel workbook without macros (.xlsx)."
                )
            )
        if "xl/workbook.xml" not in names:
            raise Unreadable(
                self._("This is not a table. Save it as CSV or as an Excel workbook (.xlsx).")
            )
        unpacked = sum(part.file_size for part in parts)
        packed = sum(part.compress_size for part in parts) or 1
        if unpacked > MOST_UNPACKED or (
            unpacked > 50 * 2**20 and unpacked > packed * MOST_PACKED_TIMES
        ):
            raise Unreadable(
                self._("The workbook unpacks to far more than a table of its size. It is not read.")
            )

    def _open_xlsx(self, sheet):
        with _Workbook(self.stream, self._) as book:
            self.sheets = [found.title for found in book.worksheets]
            shown = [found.title for found in book.worksheets if found.sheet_state == "visible"]
            if not self.sheets:
                raise Unreadable(self._("The file is empty."))
            self.sheet = sheet if sheet in self.sheets else (shown or self.sheets)[0]
            if cell := _cell_without_value(book, book[self.sheet]):
                raise Unreadable(
                    self._(
                        "The cell %s has a formula, and the workbook does not have its value. Open it in Excel or LibreOffice, "
                        "save it, and choose it again.",
                        cell,
                    )
                )

    def _xlsx_lines(self):
        with _Workbook(self.stream, self._) as book:
            sheet = book[self.sheet]
            sheet.reset_dimensions()  # some programs write wrong ones
            try:
                for number, cells in enumerate(sheet.iter_rows(), 1):
                    yield number, [_workbook_cell(cell) for cell in cells]
            except (ValueError, KeyError, SyntaxError, zipfile.BadZipFile, OSError):
                raise Unreadable(self._("The workbook is damaged.")) from None

    def _open_xls(self, sheet):
        import xlrd

        self.stream.seek(0)
        try:
            self._book = xlrd.open_workbook(file_contents=self.stream.read())
        except (xlrd.XLRDError, xlrd.compdoc.CompDocError, AssertionError, IndexError, OSError):
            raise Unreadable(
                self._(
                    "The workbook is damaged or protected by a password. Save it as an Excel workbook (.xlsx)."
                )
            ) from None
        self.sheets = self._book.sheet_names()
        shown = [found.name for found in self._book.sheets() if not found.visibility]
        self.sheet = sheet if sheet in self.sheets else (shown or self.sheets)[0]

    def _xls_lines(self):
        from xlrd import XL_CELL_DATE, xldate_as_datetime

        sheet = self._book.sheet_by_name(self.sheet)
        for number in range(sheet.nrows):
            yield (
                number + 1,
                [
                    xldate_as_datetime(cell.value, self._book.datemode)
                    if cell.ctype == XL_CELL_DATE
                    else cell.value
                    for cell in sheet.row(number)
                ],
            )


class _Text:
    """A binary stream as text, from its start; the stream stays open."""

    def __init__(self, stream, encoding):
        stream.seek(0)
        self.text = io.TextIOWrapper(stream, encoding=encoding, newline="")

    def __enter__(self):
        return self.text

    def __exit__(self, *_error):
        self.text.detach()


class _Workbook:
    """An open workbook, read cell by cell; formulas bring the value that was last computed."""

    def __init__(self, stream, translate):
        self.stream = stream
        self._ = translate

    def __enter__(self):
        from openpyxl import load_workbook  # noqa: TID251  read, not written

        self.stream.seek(0)
        try:
            self.book = load_workbook(self.stream, read_only=True, data_only=True, keep_links=False)
        except Exception:  # openpyxl raises whatever its parsers raise
            raise Unreadable(self._("The workbook is damaged.")) from None
        return self.book

    def __exit__(self, *_error):
        self.book._archive = None  # closing the book would close the stream


def _cell_without_value(book, sheet):
    """Return the name of a cell with a formula whose value was never computed, ``None`` if there is none.

    Programs that write workbooks leave the values to Excel. A formula that gives an empty text has the type ``str``.
    """
    rest = b""
    with book._archive.open(sheet._worksheet_path) as part:
        while chunk := part.read(2**20):
            text = rest + chunk
            if b"<f" in text and (found := _NO_VALUE.search(text)):
                return found[1].decode()
            rest = text[-1000:]
    return None


def _workbook_cell(cell):
    """Return the value of a cell of a workbook as it is shown: 0.95 in the format 95 % is 95."""
    value = cell.value
    if type(value) in (int, float) and "%" in (cell.number_format or ""):
        return round(value * 100, 10)
    return value


def _plain_cell(cell):
    """Return a cell without blanks around it, ``None`` if it is empty; a whole number of a workbook is an ``int``.

    >>> [_plain_cell(cell) for cell in (" \xa0a \u200b", "", " \xa0", 3.0, 1.5, True, None)]
    ['a', None, None, 3, 1.5, 'yes', None]
    >>> _plain_cell(datetime(2026, 1, 31)), _plain_cell(timedelta(hours=1))
    (datetime.date(2026, 1, 31), '1:00:00')
    """
    kind = type(cell)
    if kind is str:
        text = cell.strip()
        if text.isascii():
            return text[:LONGEST_CELL] or None
        # A no-break space is white to strip(); the others are not.
        return text.strip(" \t\r\n\xa0\u200b\u2060\ufeff").strip()[:LONGEST_CELL] or None
    if kind is bool:
        return "yes" if cell else "no"
    if kind is float:
        return int(cell) if cell.is_integer() else cell
    if kind is datetime:
        return cell.date()
    if cell is None or kind is int or isinstance(cell, date):
        return cell
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return str(cell)
