"""Each flaw in a data file is found, with file and line."""

import tempfile
import unittest
from pathlib import Path

from devtools import xml_checks

GOOD = '<odoo>\n    <record id="a" model="x"/>\n</odoo>\n'


class TestXmlChecks(unittest.TestCase):
    def findings(self, files, data):
        with tempfile.TemporaryDirectory() as directory:
            addon = Path(directory) / "customer_success"
            for name, text in files.items():
                (addon / name).parent.mkdir(parents=True, exist_ok=True)
                (addon / name).write_text(text)
            (addon / "__manifest__.py").write_text(repr({"data": data}))
            return [line.removeprefix(f"{addon}/") for line in xml_checks.check(addon)]

    def test_good_files_have_no_findings(self):
        files = {
            "views/a.xml": GOOD,
            "security/x.csv": "id,name\nb,B\n",
            "static/src/t.xml": "<t/>\n",
        }
        self.assertEqual(self.findings(files, ["views/a.xml", "security/x.csv"]), [])

    def test_a_file_that_is_not_listed(self):
        self.assertEqual(
            self.findings({"views/a.xml": GOOD}, []),
            ["__manifest__.py:1: views/a.xml is not listed"],
        )

    def test_an_id_given_twice_in_two_files(self):
        files = {"a.xml": GOOD, "security/x.csv": "id,name\ncustomer_success.a,B\n"}
        found = self.findings(files, list(files))
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], r"^security/x.csv:2: id a is given before, at .*a.xml:2$")

    def test_records_of_other_addons_may_be_changed_twice(self):
        text = GOOD.replace('id="a"', 'id="base.main_company"')
        self.assertEqual(self.findings({"a.xml": text, "b.xml": text}, ["a.xml", "b.xml"]), [])

    def test_layout(self):
        text = '<odoo>\n\t<record id="a" model="x"/>\n</odoo> \n'
        self.assertEqual(
            self.findings({"a.xml": text}, ["a.xml"]),
            ["a.xml:2: tab: use spaces", "a.xml:3: spaces at the end of the line"],
        )

    def test_xml_that_is_not_well_formed(self):
        found = self.findings({"a.xml": "<odoo>\n    <record>\n</odoo>\n"}, ["a.xml"])
        self.assertEqual(found, ["a.xml:3: not well-formed: mismatched tag"])
