"""Chromium, steered by the W3C WebDriver protocol through chromedriver."""

import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

from .process import wait_until
from .programs import PATIENCE, port_holder

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = [name for name, found in (("chromium", CHROMIUM), ("chromedriver", CHROMEDRIVER)) if not found]

# As root it has no sandbox; a container may have little shared memory and no graphics.
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
         "--disable-background-networking", "--disable-extensions", "--hide-scrollbars", "--window-size=1280,900")


class Browser:
    """One window; ended with the `with` block."""

    def __init__(self, *flags):
        self._home = tempfile.TemporaryDirectory(prefix="fairlead-browser-", ignore_cleanup_errors=True)
        self._holder = port_holder()
        port = self._holder.getsockname()[1]
        self._base = "http://127.0.0.1:%d" % port
        self._driver = subprocess.Popen([CHROMEDRIVER, "--port=%d" % port, "--silent"], start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, "HOME": self._home.name, "TMPDIR": self._home.name})
        try:
            wait_until(self._ready, "chromedriver did not start")
            wanted = {"browserName": "chrome", "unhandledPromptBehavior": "ignore", "goog:loggingPrefs": {"browser": "ALL"},
                      "goog:chromeOptions": {"binary": CHROMIUM, "args": [*FLAGS, *flags]}}
            session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, 2 * PATIENCE)
        except BaseException:
            self._end()
            raise
        self._base += "/session/" + session["sessionId"]

    def _ready(self):
        try:
            return self._call("GET", "/status")["ready"]
        except OSError:
            return False

    def _call(self, method, path, body=None, limit=PATIENCE):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=limit) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {json.load(error)['value']['message']}") from None

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value that a script returns."""
        return self._call("POST", "/execute/sync", {"script": script, "args": arguments})

    def command(self, name, **parameters):
        """One of the DevTools protocol."""
        return self._call("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector):
        return self.run("return Array.from(document.querySelectorAll(arguments[0]), each => each.textContent)", selector)

    def element(self, selector):
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        return "/element/" + next(iter(found.values()))

    def click(self, selector):
        self._call("POST", self.element(selector) + "/click")

    def type(self, selector, text):
        self._call("POST", self.element(selector) + "/value", {"text": text})

    def press(self, *keys):
        """On whatever has the focus; keys of WebDriver, such as \\ue014 for the right arrow."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def complaints(self):
        """What the browser has written to its console since the last call."""
        return [each["message"] for each in self._call("POST", "/se/log", {"type": "browser"})]

    def has_dialog(self):
        try:
            self._call("GET", "/alert/text")
        except AssertionError:
            return False
        return True

    def screenshot(self):
        """PNG in base64."""
        return self._call("GET", "/screenshot")

    def _end(self):
        self._driver.terminate()
        self._driver.wait(PATIENCE)
        self._holder.close()
        self._home.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._call("DELETE", "")
        finally:
            self._end()
