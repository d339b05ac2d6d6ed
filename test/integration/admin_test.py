#!/usr/bin/env python3
"""The admin endpoint of `fairlead serve`: what it shows and does, and that it answers when the server has no room left."""

import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import stat
import subprocess
import tempfile
import unittest
import urllib.request

from support import tls
from support.process import Process, wait_until
from support.programs import PATIENCE, Server, address_of, connect, frame, held_port, read_to_end, run

ANY_PORT = ("--listen", "tcp://127.0.0.1:0")
ADMIN = ("--admin", "tcp://127.0.0.1:0")
HELLO = frame(b"hello")
TOKEN = "0123456789abcdef0123456789abcdef"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self):
        self.sock = connect(self._path)


def connection_to(url):
    address = address_of(url)
    if isinstance(address, str):
        return UnixConnection(address)
    return http.client.HTTPConnection(*address, timeout=PATIENCE)


def ask(url, path, method="GET", **headers):
    """Status, headers and body of one answer."""
    connection = connection_to(url)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def ask_json(url, path, method="GET", **headers):
    status, _, body = ask(url, path, method, **headers)
    return status, json.loads(body)


def serve(*arguments, **options):
    return Server("serve", "echo", *arguments, *ANY_PORT, *ADMIN, **options)


class Case(unittest.TestCase):
    def connect(self, address):
        peer = connect(address)
        self.addCleanup(peer.close)
        return peer

    def peers_of(self, server, number):
        """Peers that were answered once, and whose sessions wait for the next message."""
        peers = [self.connect(server.address) for _ in range(number)]
        for peer in peers:
            peer.sendall(HELLO)
            self.assertEqual(peer.recv(100), HELLO)

        def wait_for_more():
            sessions = ask_json(server.admin[0], "/sessions")[1]["sessions"]
            return sum(each["waits_for"] == "message" and each["messages_out"] == 1 for each in sessions) == number

        wait_until(wait_for_more, server.log)
        return peers


class Answers(Case):
    def test_each_page(self):
        with serve() as server:
            [url] = server.admin
            peers = self.peers_of(server, 3)
            self.assertEqual(ask(url, "/healthz")[::2], (200, "ok\n"))
            self.assertEqual(ask(url, "/readyz")[::2], (200, "ready\n"))
            self.assertIn("fairlead_sessions_active 3\n", ask(url, "/metrics")[2])
            status, headers, page = ask(url, "/")
            self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            self.assertTrue(page.endswith("</html>\n"))

            state = ask_json(url, "/state")[1]
            self.assertEqual(state["phase"], "serving")
            self.assertEqual(state["counters"]["active"], 3)
            self.assertEqual(state["counters"]["messages_in"], 3)
            self.assertEqual(state["listeners"][0]["listener"], server.url)
            self.assertEqual(sum(shard["active"] for shard in state["shards"]), 3)

            sessions = {}

            def all_threads_answer():  # which take some time on a busy machine
                sessions.update(ask_json(url, "/sessions?sort=id&order=desc&limit=2")[1])
                return not sessions["blocked_shards"]

            wait_until(all_threads_answer, lambda: f"{sessions}")
            self.assertEqual((sessions["total"], sessions["matched"], sessions["blocked_shards"]), (3, 3, []))
            ids = [each["id"] for each in sessions["sessions"]]
            self.assertEqual((len(ids), ids), (2, sorted(ids, reverse=True)))
            one = sessions["sessions"][0]
            self.assertEqual({key: one[key] for key in ("listener", "transport", "tls", "state", "waits_for", "queued",
                                                        "messages_in", "messages_out", "bytes_in", "bytes_out")},
                             {"listener": server.url, "transport": "tcp", "tls": None, "state": "receiving",
                              "waits_for": "message", "queued": 0, "messages_in": 1, "messages_out": 1, "bytes_in": 9,
                              "bytes_out": 9})
            port = peers[0].getsockname()[1]
            found = ask_json(url, f"/sessions?remote=:{port}")[1]
            self.assertEqual([each["remote"] for each in found["sessions"]], [f"tcp://127.0.0.1:{port}"])
            self.assertEqual(server.stop(), 0)

    def test_head_unknown_paths_garbage_and_other_hosts(self):
        with serve() as server:
            [url] = server.admin
            status, headers, body = ask(url, "/metrics", "HEAD")
            self.assertEqual((status, body), (200, ""))
            self.assertGreater(int(headers["Content-Length"]), 1000)
            self.assertEqual(ask(url, "/nothing")[0], 404)
            self.assertEqual(ask(url, "/state", "POST")[0], 405)
            self.assertEqual(ask(url, "/state", Host="evil.example")[0], 421)
            for garbage in (os.urandom(8).replace(b"\n", b"x") + b"\n\n", HELLO + b"\r\n\r\n", b"\x16\x03\x01\0\0\r\n\r\n"):
                with connect(address_of(url)) as peer:
                    peer.sendall(garbage)
                    self.assertRegex(read_to_end(peer), rb"^HTTP/1.1 400 ")
            self.assertEqual(ask(url, "/healthz")[0], 200)

    def test_its_connections_count_for_nothing(self):
        with serve("--max-sessions", "1") as server:
            [url] = server.admin
            for _ in range(3):
                self.assertEqual(ask_json(url, "/state")[1]["counters"]["accepted"], 0)
            self.assertEqual(ask_json(url, "/sessions")[1]["total"], 0)
            self.assertEqual(server.stop(), 0)
            self.assertIn("stopped: 0 sessions finished, 0 cut off", server.log())


@unittest.skipUnless(os.environ["FAIRLEAD_TLS"] == "ON" and not tls.why_not(), "there is no TLS, or no openssl(1)")
class Secure(Case):
    def test_sessions_over_tls_say_what_was_negotiated(self):
        with tls.Certificates() as certificates:
            listening = ("--listen", "tls://127.0.0.1:0", *certificates.server.options(), "--tls-alpn", "echo")
            with Server("serve", "echo", *listening, *ADMIN) as server:
                context = certificates.client_context()
                context.set_alpn_protocols(["other", "echo"])
                with context.wrap_socket(self.connect(server.address), server_hostname="localhost") as peer:
                    peer.sendall(HELLO)
                    self.assertEqual(peer.recv(100), HELLO)
                    [session] = ask_json(server.admin[0], "/sessions")[1]["sessions"]
                    self.assertEqual((session["listener"], session["transport"]), (server.url, "tcp"))
                    self.assertEqual(session["tls"], {"version": "TLSv1.3", "cipher": peer.cipher()[0],
                                                      "server_name": "localhost", "alpn": "echo"})


class Full(Case):
    """It answers when the server does not."""

    def test_at_the_limit_of_sessions(self):
        with serve("--max-sessions", "2") as server:
            peers = self.peers_of(server, 2)
            with connect(server.address) as waiting:
                waiting.sendall(HELLO)
                state = ask_json(server.admin[0], "/state")[1]
                self.assertEqual((state["listeners"][0]["active"], state["listeners"][0]["max_sessions"]), (2, 2))
                self.assertEqual(ask_json(server.admin[0], "/sessions")[1]["total"], len(peers))

    def test_at_the_budget(self):
        with serve("--buffer-budget", "256KiB", "--max-message", "200KiB", "--threads", "1") as server:
            for peer in self.peers_of(server, 4):  # all are there before the first takes memory
                peer.sendall((200 * 1024).to_bytes(4, "big") + b"x" * 120_000)
            url = server.admin[0]
            wait_until(lambda: ask_json(url, "/state")[1]["counters"]["held_for_memory"] > 0, server.log)
            self.assertGreater(ask_json(url, "/state")[1]["counters"]["buffered_bytes"], 128 * 1024)
            self.assertEqual(ask(url, "/metrics")[0], 200)
            self.assertEqual(ask_json(url, "/sessions")[1]["total"], 4)

    def test_without_a_descriptor(self):
        with serve() as server:
            peers = self.peers_of(server, 2)
            pid = server.process.pid
            most = len(Process(pid).descriptors())
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, before[1]))
            with connect(server.address) as waiting:
                waiting.sendall(HELLO)
                wait_until(lambda: "Too many open files" in server.log(), server.log)
            self.assertGreater(most, 0)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (max(Process(pid).descriptors()) + 1, before[1]))
            for _ in range(8):  # more often than it has spare descriptors: these come back
                self.assertEqual(ask(server.admin[0], "/healthz")[::2], (200, "ok\n"))
            # The peer that has left is accepted and ended when there is a descriptor.
            wait_until(lambda: ask_json(server.admin[0], "/sessions")[1]["total"] == len(peers), server.log)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

    def test_with_all_its_own_connections_taken_others_wait(self):
        with serve() as server:
            idle = [self.connect(address_of(server.admin[0])) for _ in range(16)]
            connection = connection_to(server.admin[0])
            connection.request("GET", "/healthz")
            idle.pop().close()
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()


class Changes(Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.token = os.path.join(self.folder.name, "token")
        with open(os.open(self.token, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(TOKEN + "\n")

    def test_over_tcp_need_the_token(self):
        with serve("--admin-token", self.token) as server:
            url = server.admin[0]
            peer = self.peers_of(server, 1)[0]
            [session] = ask_json(url, "/sessions")[1]["sessions"]
            for wrong in ({}, {"Authorization": "Bearer " + TOKEN[:-1]}, {"Authorization": TOKEN}):
                status, answer = ask_json(url, f"/sessions/{session['id']}/close", "POST", **wrong)
                self.assertEqual(status, 401)
                self.assertIn("--admin-token", answer["error"])
            right = {"Authorization": "Bearer " + TOKEN}
            status, answer = ask_json(url, f"/sessions/{session['id']}/close", "POST", **right)
            self.assertEqual((status, answer), (200, {"done": f"session {session['id']} is closed"}))
            self.assertEqual(read_to_end(peer), b"")
            self.assertEqual(ask_json(url, f"/sessions/{session['id']}/close", "POST", **right)[0], 404)
            self.assertEqual(ask_json(url, "/drain", "POST", **right)[0], 200)
            self.assertEqual(server.wait(), 0)

    def test_are_refused_over_tcp_without_a_token(self):
        with serve() as server:
            self.assertEqual(ask(server.admin[0], "/drain", "POST")[0], 403)
            self.assertEqual(ask(server.admin[0], "/readyz")[0], 200)

    def test_over_a_unix_socket_need_the_rights_to_its_file(self):
        path = os.path.join(self.folder.name, "admin")
        with Server("serve", "echo", *ANY_PORT, "--admin", f"unix://{path}") as server:
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertEqual(ask_json(f"unix://{path}", "/drain", "POST")[0], 200)
            self.assertEqual(server.wait(), 0)
            self.assertFalse(os.path.exists(path))
        with Server("serve", "echo", *ANY_PORT, "--admin", f"unix://{path}", "--admin-unix-mode", "660"):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)

    def test_wrong_usage_is_refused(self):
        os.chmod(self.token, 0o644)
        for arguments, code, said in (
                ([*ADMIN, "--admin-token", self.token], 2, "chmod o="),
                (["--admin-token", self.token], 2, "add --admin"),
                (["--admin", "udp://127.0.0.1:0"], 2, "plain HTTP"),
                (["--admin", "tls://127.0.0.1:0"], 2, "plain HTTP"),
                (["--admin", "tcp://192.0.2.1:0"], 1, "192.0.2.1")):
            with self.subTest(arguments=arguments):
                refused = run("serve", "echo", *ANY_PORT, *arguments)
                self.assertEqual(refused.returncode, code, refused.stderr)
                self.assertIn(said, refused.stderr.decode())

    def test_an_endpoint_for_other_machines_is_warned_of(self):
        with Server("serve", "echo", *ANY_PORT, "--admin", "tcp://0.0.0.0:0") as server:
            wait_until(lambda: "can be reached from other machines" in server.log(), server.log)


class End(Case):
    def test_a_stop_is_announced_while_connections_are_accepted(self):
        with serve("--drain-notice", "1m") as server:
            url = server.admin[0]
            server.send_signal()
            wait_until(lambda: ask(url, "/readyz")[0] == 503, server.log)
            self.assertEqual(ask_json(url, "/state")[1]["phase"], "drain_announced")
            self.assertEqual(ask(url, "/healthz")[0], 200)
            peers = self.peers_of(server, 1)
            server.send_signal()  # the second cuts off
            self.assertEqual(read_to_end(peers[0]), b"")
            self.assertEqual(server.wait(), 3)

    def test_the_stop_begins_after_the_notice(self):
        with serve("--drain-notice", "300ms") as server:
            [peer] = self.peers_of(server, 1)
            server.send_signal()
            self.assertEqual(read_to_end(peer), b"")
            peer.close()
            self.assertEqual(server.wait(), 0)
            self.assertIn("stopping in 300 ms", server.log())

    def test_it_answers_until_the_server_has_drained_and_streams_of_events_end(self):
        with serve() as server:
            url = server.admin[0]
            peer = self.connect(server.address)
            peer.sendall(HELLO[:5])
            events = connection_to(url)
            events.request("GET", "/events")
            stream = events.getresponse()
            self.assertEqual(stream.headers["Content-Type"], "text/event-stream")
            self.assertEqual(stream.readline(), b"event: state\n")
            self.assertEqual(json.loads(stream.readline().removeprefix(b"data: "))["phase"], "serving")
            server.send_signal()
            rest = stream.read()  # up to the end, which is no error
            self.assertEqual(rest[:1], b"\n")
            self.assertEqual(server.wait(), 0)
            events.close()


class Page(Case):
    """docs/admin.md shows what the commands print; `…` stands for anything."""

    def test_the_commands_print_what_is_shown(self):
        text = (pathlib.Path(__file__).parents[2] / "docs" / "admin.md").read_text(encoding="utf-8")
        shown = re.findall(r"^\$ (curl .*)\n((?:(?!\$ |```).*\n)*)", text, re.MULTILINE)
        self.assertGreater(len(shown), 4)
        with serve() as server:
            for command, output in shown:
                with self.subTest(command):
                    host, port = address_of(server.admin[0])
                    done = run("-c", command.replace("127.0.0.1:9901", f"{host}:{port}"), program="sh")
                    expected = re.escape(output).replace("…", "(.|\n)*")
                    self.assertRegex(done.stdout.decode(), f"^{expected}$")

    def test_each_path_of_the_answer_to_unknown_ones_is_described(self):
        text = (pathlib.Path(__file__).parents[2] / "docs" / "admin.md").read_text(encoding="utf-8")
        with serve() as server:
            paths = re.findall(r" (/[\w/]+)", ask_json(server.admin[0], "/nothing")[1]["error"])
        self.assertGreater(len(paths), 6)
        for path in paths:
            self.assertIn(path, text)


@unittest.skipUnless(shutil.which("prometheus") and shutil.which("promtool"), "no Prometheus here")
class Scraped(Case):
    def test_promtool_has_nothing_to_say(self):
        with serve() as server:
            self.peers_of(server, 2)
            checked = run("check", "metrics", program="promtool", input=ask(server.admin[0], "/metrics")[2].encode())
            self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b""))
            openmetrics = ask(server.admin[0], "/metrics", Accept="application/openmetrics-text; version=1.0.0")
            self.assertEqual(openmetrics[1]["Content-Type"],
                             "application/openmetrics-text; version=1.0.0; charset=utf-8")
            self.assertTrue(openmetrics[2].endswith("# EOF\n"))

    def test_prometheus_reads_it(self):
        with serve() as server, tempfile.TemporaryDirectory() as folder:
            self.peers_of(server, 2)
            port = held_port(self)
            configuration = os.path.join(folder, "prometheus.yml")
            host, admin_port = address_of(server.admin[0])
            with open(configuration, "w", encoding="ascii") as file:
                file.write("scrape_configs:\n- job_name: fairlead\n  scrape_interval: 1s\n  scrape_timeout: 1s\n"
                           f"  static_configs:\n  - targets: ['{host}:{admin_port}']\n")
            prometheus = subprocess.Popen(
                ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"], stderr=subprocess.DEVNULL)
            try:
                def has_read():
                    try:
                        with urllib.request.urlopen(
                                f"http://127.0.0.1:{port}/api/v1/query?query=fairlead_sessions_active", timeout=5) as got:
                            found = json.load(got)["data"]["result"]
                    except OSError:
                        return False
                    return bool(found) and found[0]["value"][1] == "2"

                wait_until(has_read, "Prometheus to have read it")
            finally:
                prometheus.terminate()
                prometheus.wait(PATIENCE)


if __name__ == "__main__":
    unittest.main()
