"""The pages of the documentation link to what exists."""

import re
import unittest

from devtools import paths

PAGES = sorted([*paths.ROOT.glob("*.md"), *(paths.ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# A path in backquotes that starts at the top of the repository
PATH = re.compile(r"`((?:customer_success|devtools|bench|docs)[a-z_]*/[\w./-]*)`")


def anchors(text):
    """Return the anchors of a page's headings, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(text)
    }


class TestPages(unittest.TestCase):
    def test_links_lead_to_pages_pictures_and_headings(self):
        followed = 0
        for page in PAGES:
            for link in LINK.findall(page.read_text(encoding="utf-8")):
                if "://" in link:
                    continue
                target, _hash, anchor = link.partition("#")
                path = page.parent / target if target else page
                with self.subTest(page=page.name, link=link):
                    self.assertTrue(path.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(path.read_text(encoding="utf-8")))
                followed += 1
        self.assertGreater(followed, 20)

    def test_paths_in_backquotes_exist(self):
        named = {
            (page.name, path)
            for page in PAGES
            if page.name != "extending.md"  # it names files that its reader adds
            for path in PATH.findall(page.read_text(encoding="utf-8"))
        }
        self.assertGreater(len(named), 10)
        for page, path in sorted(named):
            with self.subTest(page=page, path=path):
                self.assertTrue((paths.ROOT / path).exists())
