"""Checks of data files that oca-checks-odoo-module leaves open: ids, layout, and files that are not listed.

It compares ids of XML with those of XML only, and not between data and demo, where Odoo has one
namespace for a module; it looks for unlisted files one folder deep, and ours lie deeper; it reads the
files of the manifest, and not those of the web client; and it knows no indentation.
"""

import ast
import contextlib
import csv
import re
import xml.parsers.expat

INDENT = 4
# Files below these are no data: templates of the web client, fixtures of tests.
NOT_DATA = {"static", "tests", "migrations", "upgrades"}
TAGS_WITH_ID = {"record", "template", "menuitem", "act_window", "report", "asset"}


def check(addon):
    """Findings in the addon at this path, one line each."""
    files = sorted(path for path in addon.rglob("*.xml") if "__pycache__" not in path.parts)
    seen = {}
    findings = []
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        findings += [f"{path}:{line}: {what}" for line, what in check_text(text)]
        if _is_data(path, addon):
            findings += _check_ids(path, _xml_ids(text), addon.name, seen)
    for path in sorted(addon.rglob("*.csv")):
        if _is_data(path, addon):
            findings += _check_ids(path, _csv_ids(path), addon.name, seen)
    return [*findings, *_check_manifest(addon)]


def check_text(text):
    """Line and finding of each flaw in the layout of one XML text.

    >>> list(check_text("<odoo>\\n  <record/>\\n</odoo>\\n"))
    [(2, 'indented by 2: use steps of 4 spaces')]
    >>> list(check_text("<odoo>"))
    [(1, 'not well-formed: no element found'), (1, 'no newline at the end of the file')]
    """
    try:
        xml.parsers.expat.ParserCreate().Parse(text.encode(), True)
    except xml.parsers.expat.ExpatError as error:
        yield error.lineno, f"not well-formed: {xml.parsers.expat.ErrorString(error.code)}"
    for number, line in enumerate(text.splitlines(), 1):
        indent = len(line) - len(line.lstrip(" "))
        if "\t" in line:
            yield number, "tab: use spaces"
        elif line != line.rstrip():
            yield number, "spaces at the end of the line"
        elif line.lstrip().startswith("<") and indent % INDENT:
            yield number, f"indented by {indent}: use steps of {INDENT} spaces"
    if text and not text.endswith("\n"):
        yield len(text.splitlines()), "no newline at the end of the file"


def _xml_ids(text):
    """Ids that a data file gives, with their lines."""
    ids = []
    parser = xml.parsers.expat.ParserCreate()

    def start(tag, attributes):
        if tag in TAGS_WITH_ID and "id" in attributes:
            ids.append((attributes["id"], parser.CurrentLineNumber))

    parser.StartElementHandler = start
    with contextlib.suppress(xml.parsers.expat.ExpatError):  # told by check_text
        parser.Parse(text.encode(), True)
    return ids


def _csv_ids(path):
    with open(path, newline="", encoding="utf-8") as stream:
        return [
            (row["id"], number)
            for number, row in enumerate(csv.DictReader(stream), 2)
            if row.get("id")
        ]


def _check_ids(path, ids, module, seen):
    for identifier, line in ids:
        owner, _dot, name = identifier.rpartition(".")
        if owner not in ("", module):
            continue  # a change to another addon's record
        where = f"{path}:{line}"
        if name in seen:
            yield f"{where}: id {name} is given before, at {seen[name]}"
        seen.setdefault(name, where)


def _check_manifest(addon):
    """Yield the data files that the manifest does not list."""
    path = addon / "__manifest__.py"
    manifest = ast.literal_eval(path.read_text())
    listed = [*manifest.get("data", ()), *manifest.get("demo", ())]
    on_disk = {
        str(found.relative_to(addon))
        for pattern in ("*.xml", "*.csv")
        for found in addon.rglob(pattern)
        if _is_data(found, addon)
    }
    # Files that code reads, not Odoo's loader, are named nowhere in the manifest.
    read_by_code = "\n".join(source.read_text() for source in addon.rglob("*.py") if source != path)
    for name in sorted(on_disk - set(listed)):
        if not re.search(re.escape(name.rsplit("/", 1)[-1]), read_by_code):
            yield f"{path}:1: {name} is not listed"


def _is_data(path, addon):
    return path.relative_to(addon).parts[0] not in NOT_DATA
