"""The Chromium on the machine, driven by Playwright."""

import contextlib

from playwright.sync_api import Error, sync_playwright

from devtools import programs
from devtools.console import Trouble

SECONDS = 60  # for anything that a page is waited for
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def chromium():
    """Start the browser, and end it with all its pages."""
    programs.CHROMIUM.ensure()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=programs.CHROMIUM.find(), args=[*FLAGS]
            )
        except Error as error:
            raise Trouble(
                f"Chromium does not start: {error.message.splitlines()[0]}",
                "try it by hand: chromium --headless about:blank",
            ) from None
        with contextlib.closing(browser):
            yield browser


@contextlib.contextmanager
def page_of(browser, *, width, height, scale=1, phone=False):
    """Open a page on a screen of this size, with cookies and storage of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        is_mobile=phone,
        has_touch=phone,
        locale="en-GB",
    )
    context.set_default_timeout(SECONDS * 1000)
    with contextlib.closing(context):
        yield context.new_page()
