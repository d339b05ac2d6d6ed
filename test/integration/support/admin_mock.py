"""A stand-in for the admin endpoint of a server, for tests of the live page and for looking at it: see admin_traffic.py."""

import base64
import copy
import hashlib
import http.server
import json
import pathlib
import re
import threading
import time
import urllib.parse

PAGE = pathlib.Path(__file__).resolve().parents[3] / "src/admin/page"
CAUSES = ("peer handler stop cut_off system truncated message_too_large malformed handler_failed first_message_timeout "
          "message_timeout idle_timeout write_timeout handler_timeout otherwise").split()
COUNTERS = ("accepted active tls_handshakes tls_handshake_failures held_for_handshakes messages_in messages_out bytes_in "
            "bytes_out held_back send_queue_full held_for_memory handlers_overdue blocked buffered_bytes accept_failures "
            "accept_pauses held_for_sessions held_for_rate refused_for_address refused_for_memory refused_for_proxy "
            "buffer_budget suppressed_log_lines lost_log_lines").split()
TIMES = [step * 10 ** power for power in range(-6, 1) for step in (1, 2, 5)]
HOSTILE = ("<img src=x onerror=alert(1)>", "\u202egnp.exe\u2066", "\x1b[2J\0\x07", "x" * 4000,
           "</td></table><script>alert(2)</script>", "'\"&amp;\u200b\u00ad", "Z\u0335\u0321" * 50, "javascript:alert(3)")


def page_and_policy():
    """What embed_page.cmake makes of the page."""
    page = (PAGE / "page.html").read_text("utf-8")
    page = re.sub("@([a-z]+[.](?:css|js))@", lambda mark: (PAGE / mark[1]).read_text("utf-8"), page)
    parts = [page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0] for tag in ("script", "style")]
    hashes = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in parts]
    return page.encode(), ("default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; connect-src 'self'; "
                           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'" % tuple(hashes))


def listener(url, active=0, most=10_000, accepted=0, is_open=True):
    return {"listener": url, "open": is_open, "accepted": accepted, "active": active, "max_sessions": most}


def session(number, **fields):
    return {"id": number, "listener": "tcp://0.0.0.0:9000", "remote": "tcp://10.0.0.%d:%d" % (number % 250, 30000 + number),
            "transport": "tcp", "tls": None, "age": 1.0, "state": "receiving", "waits_for": "message", "queued": 0,
            "messages_in": 0, "messages_out": 0, "bytes_in": 0, "bytes_out": 0, **fields}


def first_state():
    return {"time": time.time(), "uptime": 1.0, "version": "0.1.0", "phase": "serving", "counters": dict.fromkeys(COUNTERS, 0),
            "closed": dict.fromkeys(CAUSES, 0), "listeners": [listener("tcp://0.0.0.0:9000")],
            "shards": [{"index": i, "active": 0, "blocked_for": 0.0, "blocked_by": ""} for i in range(2)],
            "histograms": [{"name": name, "labels": {}, "limits": TIMES, "counts": [0] * (len(TIMES) + 1), "sum": 0.0}
                           for name in ("fairlead_handler_seconds", "fairlead_loop_seconds")]}


class AdminMock:
    """Serves the page, /events, /state and /sessions on a port that it keeps when it is stopped and started again.

    A test sets `state` and `sessions`. Each event moves the time of the server on by `step` seconds, whatever the pace.
    """

    def __init__(self, port=0, pace=0.1, step=1, tick=lambda mock: None):
        self.state, self.sessions = first_state(), []
        self.pace, self.port, self._step, self._tick = pace, port, step, tick
        self.silent = False   # its streams stay open and say nothing
        self.refuses = False  # one more stream
        self.open_streams = set()  # their threads; none once it is stopped
        self.start()

    @property
    def url(self):
        return "http://127.0.0.1:%d/" % self.port

    def start(self):
        self._stopping = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), type("Bound", (_Request,), {"mock": self}))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()  # first, so that a page whose stream has ended finds no other
        self._stopping.set()
        while self.open_streams:
            time.sleep(0.001)

    def next_state(self):
        self.state["time"] += self._step
        self.state["uptime"] += self._step
        self._tick(self)
        return copy.deepcopy(self.state)

    def is_stopped(self):
        return self._stopping.is_set()

    def wait(self):
        self._stopping.wait(self.pace)

    def find(self, query):
        matched = [each for each in self.sessions
                   if all(query.get(name, "") in each[name] for name in ("remote", "listener", "state", "transport"))]
        matched.sort(key=lambda each: each[query.get("sort", "id")], reverse=query.get("order") == "desc")
        return {"total": len(self.sessions), "matched": len(matched), "sessions": matched[:int(query.get("limit", 100))],
                "blocked_shards": [each["index"] for each in self.state["shards"] if each["blocked_for"]]}


class _Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle(self):
        try:
            super().handle()
        except OSError:  # the browser left
            pass

    def do_GET(self):
        if self.mock.is_stopped():  # the browser asks on a connection that it kept
            self.close_connection = True
            return
        path, _, query = self.path.partition("?")
        if path == "/":
            page, policy = page_and_policy()
            self._answer("text/html; charset=utf-8", page, policy)
        elif path == "/events" and self.mock.refuses:
            self.send_error(503)
        elif path == "/events":
            self._stream()
        elif path == "/state":
            self._answer("application/json", json.dumps(self.mock.state).encode())
        elif path == "/sessions":
            found = self.mock.find(dict(urllib.parse.parse_qsl(query)))
            self._answer("application/json", json.dumps(found).encode())
        else:
            self.send_error(404)

    def _answer(self, kind, body, policy="default-src 'none'"):
        self.send_response(200)
        for name, value in (("Content-Type", kind), ("Content-Length", len(body)), ("Content-Security-Policy", policy),
                            ("Cache-Control", "no-store")):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.mock.open_streams.add(threading.current_thread())
        try:
            while not self.mock.is_stopped():
                if not self.mock.silent:
                    self.wfile.write(b"event: state\ndata: %s\n\n" % json.dumps(self.mock.next_state()).encode())
                self.mock.wait()
        finally:
            self.mock.open_streams.remove(threading.current_thread())

    def log_message(self, *_):
        pass
