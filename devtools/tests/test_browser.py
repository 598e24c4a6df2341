"""The browser of ./dev pictures: Playwright drives the Chromium on the machine."""

import subprocess
import unittest

from devtools import console, paths, venv

CODE = """
import sys
sys.path[:0] = [{root!r}, {scripts!r}]
import browser
with browser.chromium() as chromium:
    for screen in ({{}}, {{"scale": 2, "phone": True}}):
        with browser.page_of(chromium, width=320, height=200, **screen) as page:
            page.set_content("<p>Hello</p>")
            png = page.screenshot()
            size = [int.from_bytes(png[at : at + 4], "big") for at in (16, 20)]
            print(png[1:4].decode(), *size, page.evaluate("document.body.innerText"),
                  page.evaluate("navigator.maxTouchPoints > 0"))
"""


class TestBrowser(unittest.TestCase):
    def test_a_page_is_shown_and_pictured_on_a_desk_and_on_a_phone(self):
        with console.locked():
            venv.ensure()
        code = CODE.format(root=str(paths.ROOT), scripts=str(paths.SCRIPTS))
        done = subprocess.run(
            [paths.PYTHON, "-c", code], capture_output=True, text=True, env=venv.environment()
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            done.stdout.splitlines()[-2:], ["PNG 320 200 Hello False", "PNG 640 400 Hello True"]
        )
