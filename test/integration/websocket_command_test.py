"""WebSocket in the command, and with clients and servers that others wrote: Debian's python3-websockets, and Chromium.

`serve` and `talk` speak to each other too. Without python3-websockets its cases are skipped.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.browser import MISSING, Browser
from support.process import wait_until
from support.programs import PATIENCE, SYSTEM_PYTHON, Server, address_of, run

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "support", "websockets_peer.py")
ZLIB = os.environ.get("FAIRLEAD_ZLIB") == "ON"


def has_websockets():
    probe = subprocess.run([SYSTEM_PYTHON, "-c", "import websockets"], capture_output=True, check=False)
    return probe.returncode == 0


@contextlib.contextmanager
def page_server(*options):
    """A server of ws://127.0.0.1:…/talk that also serves an empty page."""
    with tempfile.TemporaryDirectory() as directory:
        pathlib.Path(directory, "index.html").write_text("<!doctype html>", encoding="utf-8")
        with Server("serve", "uppercase", "--listen", "ws://127.0.0.1:0/talk", "--ws-files", directory, *options) as server:
            yield server


class Command(unittest.TestCase):
    def test_talk_and_serve_speak_text(self):
        with Server("serve", "uppercase", "--listen", "ws://127.0.0.1:0/shout", "--ws-text") as server:
            self.assertTrue(server.url.endswith("/shout"), server.url)
            done = run("talk", server.url, input=b"hello\nworld\n")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"HELLO\nWORLD\n", b""))
            self.assertEqual(server.stop(), 0)

    def test_talk_tells_the_answer_of_a_server_that_has_no_such_path(self):
        with Server("serve", "echo", "--listen", "ws://127.0.0.1:0/echo") as server:
            done = run("talk", server.url.replace("/echo", "/"), input=b"hello\n")
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"404 Not Found: there is no WebSocket at this path", done.stderr)
            self.assertNotIn(b"/echo", done.stderr)
            wait_until(lambda: "served: /echo" in server.log(), server.log)
            self.assertIn(b"the server did not accept WebSocket", done.stderr)

    def test_a_handler_is_served_by_several_paths(self):
        with Server("serve", "uppercase", "--listen", "ws://127.0.0.1:0/a", "--listen", "ws://127.0.0.1:0/b",
                    "--ws-text", listeners=2) as server:
            self.assertEqual(*(address_of(each) for each in server.urls))
            for each in server.urls:
                self.assertEqual(run("talk", each, input=b"hello\n").stdout, b"HELLO\n")

    def test_load_counts_messages(self):
        with Server("serve", "echo", "--listen", "ws://127.0.0.1:0/") as server:
            done = run("load", server.url, "--connections", "4", "--duration", "3s", "--warm-up", "0ms", "--check")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(b"framing websocket", done.stdout)

    def test_a_framing_is_refused_where_websocket_has_its_own(self):
        done = run("serve", "echo", "--listen", "ws://127.0.0.1:0/", "--framing", "line")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--framing does not go with WebSocket, which divides messages by itself", done.stderr)

    def test_options_of_websocket_need_its_urls(self):
        done = run("serve", "echo", "--listen", "tcp://127.0.0.1:0", "--ws-files", ".")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--ws-files is for WebSocket, and tcp://127.0.0.1:0 is not; write ws://", done.stderr)


@unittest.skipUnless(has_websockets(), "python3-websockets is missing")
class OtherPeers(unittest.TestCase):
    def run_peer(self, *arguments):
        done = subprocess.run([SYSTEM_PYTHON, PEER, *arguments], capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_client_of_websockets_is_served(self):
        with Server("serve", "echo", "--listen", "ws://127.0.0.1:0/", "--ws-protocol", "b,a") as server:
            said = self.run_peer("client", server.url)
            self.assertEqual(said, {"subprotocol": "b", "extensions": [], "same": True, "pong": True, "closed": 1000})
            self.assertEqual(server.stop(), 0)

    @unittest.skipUnless(ZLIB, "this build has no zlib")
    def test_a_client_of_websockets_that_compresses_is_served(self):
        with Server("serve", "echo", "--listen", "ws://127.0.0.1:0/", "--ws-deflate") as server:
            said = self.run_peer("client", server.url, "deflate")
            self.assertEqual(said, {"subprotocol": None, "extensions": ["permessage-deflate"], "same": True, "pong": True,
                                    "closed": 1000})
            self.assertEqual(server.stop(), 0)

    def test_a_stop_of_the_server_goes_away(self):
        with Server("serve", "echo", "--listen", "ws://127.0.0.1:0/") as server:
            with subprocess.Popen([SYSTEM_PYTHON, PEER, "stay", server.url], stdout=subprocess.PIPE,
                                  text=True) as peer:
                self.assertEqual(peer.stdout.readline(), "open\n")
                self.assertEqual(server.stop(), 0)
                self.assertEqual(peer.communicate(timeout=PATIENCE)[0], "closed 1001\n")

    def talk(self, kind, lines, *arguments):
        with subprocess.Popen([SYSTEM_PYTHON, PEER, kind], stdout=subprocess.PIPE, stdin=subprocess.PIPE,
                              text=True) as peer:
            try:
                return run("talk", peer.stdout.readline().strip(), *arguments, input=lines)
            finally:
                peer.kill()

    def test_talk_speaks_to_a_server_of_websockets(self):
        done = self.talk("server", b"hello\n")
        self.assertEqual((done.returncode, done.stdout), (0, b"you said hello\n"), done.stderr)

    @unittest.skipUnless(ZLIB, "this build has no zlib")
    def test_talk_speaks_compressed_to_a_server_of_websockets(self):
        line = b"tide " * 1000
        done = self.talk("server", line + b"\n", "--framing", "websocket:text:deflate")
        self.assertEqual((done.returncode, done.stdout), (0, b"you said " + line + b"\n"), done.stderr)

    def test_talk_closes_after_a_silence(self):
        done = self.talk("server-of-one-answer", b"hello\nand bye\n", "--timeout", "5s")
        self.assertEqual((done.returncode, done.stdout), (0, b"you said hello\n"), done.stderr)


@unittest.skipIf(MISSING or os.environ.get("FAIRLEAD_SANITIZE"), "Chromium is missing, or no build changes what it does")
class InABrowser(unittest.TestCase):
    def test_the_page_of_the_guide_shows_the_replies_and_survives_idle_times(self):
        guide = pathlib.Path(__file__).parents[2] / "docs" / "websocket.md"
        page = re.search(r"```html\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL).group(1)
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "index.html").write_text(page, encoding="utf-8")
            with Server("serve", "uppercase", "--listen", "ws://127.0.0.1:0/shout", "--ws-text", "--ws-files", directory,
                        "--idle-timeout", "5s") as server, Browser() as browser:
                browser.open("http://%s:%d/" % address_of(server.url))
                for said in ("ahoy", "äöü <b>", "again"):
                    browser.run("document.querySelector('input').value = arguments[0]", said)
                    browser.run("document.querySelector('button').click()")
                    wait_until(lambda: said.upper() in [each.upper() for each in browser.texts("li")], "no reply")
                wait_until(lambda: browser.run("return performance.now()") > 10_000, "the page is not old enough")
                self.assertEqual(browser.run("return socket.readyState"), 1, "pings keep the tab connected")
                self.assertEqual(browser.texts("li"), ["AHOY", "äöü <B>", "AGAIN"])
                self.assertEqual([each for each in browser.complaints() if "favicon" not in each], [])
                self.assertEqual(server.stop(), 0)
                wait_until(lambda: browser.run("return socket.readyState") == 3, "the socket is not closed")

    @unittest.skipUnless(ZLIB, "this build has no zlib")
    def test_a_page_speaks_compressed(self):
        with page_server("--ws-text", "--ws-deflate") as server, Browser() as browser:
            browser.open("http://%s:%d/" % address_of(server.url))
            browser.run("socket = new WebSocket(arguments[0]); socket.onmessage = event => reply = event.data;"
                        "socket.onopen = () => socket.send('tide '.repeat(20000));", server.url)
            wait_until(lambda: browser.run("return window.reply") == "TIDE " * 20000, "no reply")
            self.assertIn("permessage-deflate", browser.run("return socket.extensions"))

    def test_a_page_of_another_origin_is_kept_out(self):
        with page_server() as one, Server("serve", "echo", "--listen", "ws://127.0.0.1:0/") as other, Browser() as browser:
            browser.open("http://%s:%d/" % address_of(one.url))
            browser.run("socket = new WebSocket(arguments[0]); socket.onclose = event => code = event.code;", other.url)
            wait_until(lambda: browser.run("return window.code") == 1006, "the page is connected")
            wait_until(lambda: "may not connect here" in other.log(), other.log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
