"""A headless Chromium, driven over the DevTools protocol: just enough to take pictures."""

import base64
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import requests
import websocket

from devtools import programs
from devtools.console import Trouble

START_SECONDS = 30
ANSWER_SECONDS = 60


class Browser:
    """One page of one Chromium. Use it as a context manager: the process and its profile go with it."""

    def __init__(self):
        programs.CHROMIUM.ensure()
        self.profile = Path(tempfile.mkdtemp(prefix="pictures-"))
        command = [
            programs.CHROMIUM.find(),
            "--headless",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--no-proxy-server",
            "--lang=en-GB",
            "--remote-debugging-port=0",
            f"--user-data-dir={self.profile}",
            "about:blank",
        ]
        if os.geteuid() == 0:  # Chromium's sandbox refuses root
            command.insert(1, "--no-sandbox")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.numbers = itertools.count(1)
        try:
            self.socket = websocket.create_connection(
                self._page_address(), timeout=ANSWER_SECONDS, suppress_origin=True
            )
            self.call("Page.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        """End the process and delete its profile."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _page_address(self):
        """The address of the page's socket: Chromium writes the port it took into its profile."""
        session = requests.Session()
        session.trust_env = False  # a proxy in the environment knows nothing of this port
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError, IndexError, StopIteration):
                port = (self.profile / "DevToolsActivePort").read_text().splitlines()[0]
                targets = session.get(f"http://127.0.0.1:{port}/json", timeout=5).json()
                return next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
            time.sleep(0.1)
        raise Trouble("Chromium does not start", "try it by hand: chromium --headless about:blank")

    def call(self, method, **params):
        """Send one command and return its result; events that arrive in between are dropped."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                break
        if "error" in answer:
            raise Trouble(f"Chromium refused {method}: {answer['error']['message']}")
        return answer["result"]

    def evaluate(self, expression):
        """The value of a JavaScript expression on the page; None where it throws."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return result["result"].get("value")

    def wait_for(self, expression, what, seconds=ANSWER_SECONDS):
        """Return once the expression is true on the page."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise Trouble(f"{what} did not appear within {seconds} s")
            time.sleep(0.1)

    def set_screen(self, width, height, *, scale=1, phone=False):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=phone,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)

    def set_cookies(self, url, cookies):
        """Replace all cookies by these, a dict."""
        self.call("Network.clearBrowserCookies")
        for name, value in cookies.items():
            self.call("Network.setCookie", name=name, value=value, url=url)

    def open(self, url):
        """Open a page afresh, even where only its fragment differs."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)

    def show(self, html):
        """Show this text as the page."""
        self.open("about:blank")
        frame = self.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.call("Page.setDocumentContent", frameId=frame, html=html)

    def picture(self):
        """What the screen shows, as the bytes of a PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
