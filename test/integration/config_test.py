#!/usr/bin/env python3
"""`fairlead serve --config`, `check` and `reload`, and the log in JSON: the page docs/configuration.md, and what goes wrong."""

import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from support import tls
from support.console import all_blocks, blocks, commands, free_ports
from support.process import wait_until
from support.programs import FAIRLEAD, PATIENCE, Server, address_of, ask, connect, frame, read_to_end, run
from support.successors import take_sockets

PAGE = (pathlib.Path(os.environ["SOURCE"]) / "docs/configuration.md").read_text(encoding="utf-8")
HAS_TLS = os.environ.get("FAIRLEAD_TLS") == "ON" and not tls.why_not()
ECHO = 'listen = "tcp://127.0.0.1:0"\nhandler = "echo"\n'
HELLO = frame(b"hello")


def table(url, handler="echo"):
    return f"[[listen]]\nurl = {json.dumps(url)}\nhandler = {json.dumps(handler)}\n"


def web(path, handler="echo"):
    return table("ws://127.0.0.1:0/" + path, handler) + "ws-text = true\n"


STAYS = table("tcp://127.0.0.1:0")


def refuses(address):
    try:
        connect(address).close()
    except ConnectionRefusedError:
        return True
    return False


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fairlead-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, text, name="echo.toml"):
        """As an editor does: another file takes the name."""
        with open(self.path("new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.path("new"), self.path(name))
        return self.path(name)

    def serve(self, text=ECHO, *arguments, listeners=1, **options):
        """A server without a controlling terminal."""
        server = Server("serve", "--config", self.write(text), *arguments, listeners=listeners, start_new_session=True,
                        **options)
        self.addCleanup(server.close)
        return server

    def wait_for_log(self, server, part, times=1):
        wait_until(lambda: server.log().count(part) >= times, lambda: f"{part!r} is not in {server.log()!r}")

    def reload(self, server, text=None, says="reloaded: "):
        times = server.log().count(says) + 1
        if text is not None:
            self.write(text)
        server.send_signal(signal.SIGHUP)
        self.wait_for_log(server, says, times)


class Page(Folder):
    def test_every_block_is_of_a_kind_that_is_tested(self):
        self.assertEqual({kind for kind, _ in all_blocks(PAGE)}, {"console", "ini", "sh", "toml"})

    @unittest.skipUnless(HAS_TLS, "no TLS here")
    def test_every_file_is_as_it_says_and_every_command_prints_what_is_shown(self):
        with tls.Certificates() as certificates:
            shutil.copy(certificates.server.chain, self.path("chain.pem"))
            shutil.copy(certificates.server.key, self.path("key.pem"))
        page = free_ports(self, PAGE)
        for block in blocks(page, "toml"):
            name = re.match(r"# (\w+\.toml)\n", block)[1]
            self.write(block, name)
            self.assertEqual(run("check", name, cwd=self.folder).returncode, 2 if name == "wrong.toml" else 0, name)
        environment = dict(os.environ, PATH=os.path.dirname(FAIRLEAD) + ":" + os.environ["PATH"])
        for block in blocks(page, "console"):
            for command, shown in commands(block):
                with self.subTest(command):
                    if command.endswith("&"):
                        server = Server("-c", "exec " + command[:-1], program="/bin/sh", listeners=shown.count("\n"),
                                        cwd=self.folder, env=environment)
                        self.addCleanup(server.close)
                        self.assertEqual("".join(f"listening {url}\n" for url in server.urls), shown)
                    else:
                        done = subprocess.run(command, shell=True, cwd=self.folder, env=environment, timeout=PATIENCE,
                                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                        self.assertEqual(done.stdout.decode(), shown)


class Listeners(Folder):
    def test_each_has_its_own_handler_framing_and_limits(self):
        server = self.serve("""
            [[listen]]
            url = "tcp://127.0.0.1:0"
            handler = "uppercase"
            framing = "line"
            [[listen]]
            url = "unix://SOCKET"
            handler = "reply"
            text = "closed"
            max-message = 10
            """.replace("SOCKET", self.path("socket")), listeners=2)
        self.assertEqual(ask(address_of(server.urls[0]), b"ahoy\n"), b"AHOY\n")
        self.assertEqual(ask(address_of(server.urls[1]), frame(b"0123456789")), frame(b"closed"))
        self.assertEqual(ask(address_of(server.urls[1]), frame(b"0123456789x")), b"")
        self.assertEqual(server.stop(), 0)

    def test_the_command_line_wins(self):
        server = self.serve(ECHO + "max-message = 4\n", "--max-message", "5")
        self.assertEqual(ask(server.address, HELLO), HELLO)
        self.assertEqual(ask(server.address, frame(b"hello!")), b"")

    def test_the_handler_may_be_on_the_command_line(self):
        name = self.write("framing = 'line'\nlisten = 'tcp://127.0.0.1:0'\n")
        with Server("serve", "uppercase", "--config", name) as server:
            self.assertEqual(ask(server.address, b"ahoy\n"), b"AHOY\n")


class Wrong(Folder):
    """Each fault has its line and column, in `check` as in `serve`, which does not start."""

    def expect(self, text, *faults):
        name = self.write(text)
        for arguments in (("check", name), ("serve", "--config", name)):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            lines = done.stderr.decode().splitlines()
            self.assertEqual(len(lines), len(faults), lines)
            for line, fault in zip(lines, faults):
                self.assertTrue(line.startswith(f"fairlead: {name}:{fault}"), line)

    def test_keys_and_values(self):
        self.expect(ECHO + "max_sesions = 5\nthreads = 'many'\nmax-sessions = 1.5\n",
                    "3:1: there is no option 'max_sesions'; did you mean max-sessions?",
                    "4:11: threads: ",
                    "5:16: max-sessions: '1.5' is not a number from 0 to 1000000000")

    def test_toml(self):
        self.expect("handler = echo\n", "1:11: this is no TOML: ")
        self.expect("", "1:1: the handler is missing; write handler = \"NAME\", one of echo")
        self.expect("# nothing but words\n", "1:1: the handler is missing")

    def test_a_key_of_a_hostile_name_is_shown_as_text(self):
        self.expect(ECHO + '"\\u001b[2J" = 1\n', r"3:1: there is no option '\x1B[2J'")

    def test_files_that_are_none(self):
        self.write("#" * 10_000_000, "large.toml")
        os.mkdir(self.path("directory"))
        for name, says in (("missing", "No such file or directory"), ("directory", "Is a directory"),
                           ("large.toml", "is larger than 1 MiB"), ("", "")):
            for arguments in (("check", self.path(name)), ("serve", "--config", self.path(name))):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertRegex(done.stderr.decode(), rf"\Afairlead: [^\n]*{says}[^\n]*--help\n\Z")
        self.assertIn(b"the name of the configuration file is empty", run("serve", "--config", "").stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_file_that_may_not_be_read(self):
        name = self.write(ECHO)
        os.chmod(name, 0)
        os.chmod(self.folder, 0o755)
        done = run("check", name, user="nobody")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"Permission denied", done.stderr)

    def test_a_name_of_several_lines_is_one_line(self):
        done = run("check", "no\nsuch")
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (2, 1))
        name = self.write("x", "a\nb")
        self.assertEqual(run("check", name).stderr.count(b"\n"), 1)

    def test_what_is_not_there_is_found_by_check(self):
        done = run("check", self.write('handler = "files"\ndirectory = "/nowhere"\nlisten = "tcp://127.0.0.1:0"\n'))
        self.assertEqual(done.returncode, 2)
        self.assertIn(b":2:13: cannot receive files in /nowhere", done.stderr)

    @unittest.skipUnless(HAS_TLS, "no TLS here")
    def test_a_key_of_another_certificate_is_found_by_check(self):
        with tls.Certificates() as certificates:
            name = self.write(f'handler = "echo"\nlisten = "tls://127.0.0.1:0"\ntls-certificate = "{certificates.server.chain}"\n'
                              f'tls-key = "{certificates.root.key}"\n')
            done = run("check", name)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.decode(), rf"\Afairlead: {name}:[34]:\d+: ")


class Reload(Folder):
    def test_limits_change_while_sessions_stay(self):
        server = self.serve(ECHO + "max-sessions = 1\n")
        with connect(server.address) as first:
            first.sendall(HELLO)
            self.assertEqual(first.recv(100), HELLO)
            self.reload(server, ECHO + "max-sessions = 2\n")
            self.assertIn("max-sessions: 1 -> 2", server.log())
            self.assertEqual(ask(server.address, HELLO), HELLO)
            first.sendall(HELLO)
            self.assertEqual(first.recv(100), HELLO)
        self.assertEqual(server.stop(), 0)

    def test_is_refused_while_another_process_takes_the_sockets(self):
        entrance = self.path("entrance")
        server = self.serve(STAYS, "--hand-over", "unix://" + entrance)
        more = STAYS + table("tcp://127.0.0.2:0")
        for _ in range(2):
            peer, kinds = take_sockets(entrance)
            self.assertEqual(kinds, ["listener", "entrance", "end"])
            self.reload(server, more, says="the reload was refused, and all stays as it was: the server hands its sockets over")
            times = server.log().count("this process goes on") + 1
            peer.close()
            self.wait_for_log(server, "this process goes on", times)
        self.reload(server, more)
        added = address_of(server.next_line().removeprefix("listening ").strip())
        self.assertEqual(ask(added, HELLO), HELLO)
        peer, kinds = take_sockets(entrance)
        self.assertEqual(kinds, ["listener", "listener", "entrance", "end"])
        peer.close()

    def test_listeners_come_and_go_while_sessions_stay(self):
        server = self.serve(STAYS)
        self.reload(server, STAYS + table("tcp://127.0.0.2:0", "uppercase"))
        self.assertIn("reload: tcp://127.0.0.2:0: a new listener", server.log())
        added = address_of(server.next_line().removeprefix("listening ").strip())
        with connect(server.address) as first, connect(added) as second:
            for peer, reply in ((first, HELLO), (second, HELLO.upper())):
                peer.sendall(HELLO)
                self.assertEqual(peer.recv(100), reply)
            self.reload(server, STAYS)
            self.assertIn("reload: tcp://127.0.0.2:0: no longer in the file; its sessions continue", server.log())
            wait_until(lambda: refuses(added), server.log)
            for peer, reply in ((first, HELLO), (second, HELLO.upper())):
                peer.sendall(HELLO)
                self.assertEqual(peer.recv(100), reply)
        self.reload(server, table(f"tcp://127.0.0.2:{added[1]}", "echo"))
        self.assertEqual(server.next_line(), f"listening tcp://127.0.0.2:{added[1]}\n")
        self.assertEqual(ask(added, HELLO), HELLO)
        wait_until(lambda: refuses(server.address), server.log)
        self.assertEqual(server.stop(), 0)

    def test_listeners_of_which_one_cannot_be_opened_change_nothing(self):
        with socket.create_server(("127.0.0.2", 0)) as taken, socket.create_server(("127.0.0.3", 0)) as free:
            taken_port, free_port = (each.getsockname()[1] for each in (taken, free))
            free.close()
            server = self.serve(STAYS + table("tcp://127.0.0.4:0"), listeners=2)
            self.reload(server, "max-sessions = 1\n" + STAYS.replace("echo", "uppercase") + table(f"tcp://127.0.0.3:{free_port}") +
                        table(f"tcp://127.0.0.2:{taken_port}"), says="the reload was refused, and all stays as it was: ")
        self.assertIn(f"127.0.0.2:{taken_port}", server.log())
        wait_until(lambda: refuses(("127.0.0.3", free_port)), server.log)
        for each in server.urls:
            with connect(address_of(each)) as first, connect(address_of(each)) as second:
                for peer in (first, second):
                    peer.sendall(HELLO)
                    self.assertEqual(peer.recv(100), HELLO)

    def test_a_list_of_urls_changes_in_part(self):
        server = self.serve(table(["tcp://127.0.0.1:0", "tcp://127.0.0.2:0"]), listeners=2)
        stays, goes = (address_of(each) for each in server.urls)
        with connect(stays) as first, connect(goes) as second:
            for peer in (first, second):
                peer.sendall(HELLO)
                self.assertEqual(peer.recv(100), HELLO)
            self.reload(server, table("tcp://127.0.0.1:0"))
            wait_until(lambda: refuses(goes), server.log)
            for peer in (first, second):
                peer.sendall(HELLO)
                self.assertEqual(peer.recv(100), HELLO)
        self.assertEqual(ask(stays, HELLO), HELLO)

    def test_urls_of_udp_that_change_in_part_stay_as_they_are(self):
        server = self.serve(table(["udp://127.0.0.1:0", "udp://127.0.0.2:0"]), listeners=2)
        self.reload(server, table("udp://127.0.0.1:0"))
        for part in ("needs a restart: udp://127.0.0.1:0, udp://127.0.0.2:0: a part of these URLs is no longer in the file",
                     "needs a restart: udp://127.0.0.1:0: a listener that needs a restart has a part of these URLs"):
            self.assertIn(part, server.log())

    def talk(self, url, text=b"hello\n"):
        done = run("talk", url, input=text)
        return done.stdout if done.returncode == 0 else done.stderr

    def test_paths_of_websocket_come_and_go_at_one_port(self):
        old = web("old")
        server = self.serve(old)
        base = server.url.removesuffix("old")
        with subprocess.Popen([FAIRLEAD, "talk", server.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stays:
            stays.stdin.write(b"hello\n")
            stays.stdin.flush()
            self.assertEqual(stays.stdout.readline(), b"hello\n")
            self.reload(server, old + web("new", "uppercase"))
            self.assertEqual(server.next_line(), f"listening {base}new\n")
            self.assertEqual([self.talk(base + path) for path in ("old", "new")], [b"hello\n", b"HELLO\n"])
            self.reload(server, web("new", "uppercase") + web("third"))
            self.assertIn("reload: ws://127.0.0.1:0/old: no longer in the file; its sessions continue", server.log())
            self.assertEqual(server.next_line(), f"listening {base}third\n")
            self.assertEqual([self.talk(base + path) for path in ("new", "third")], [b"HELLO\n", b"hello\n"])
            self.assertIn(b"404", self.talk(base + "old"))
            stays.stdin.write(b"still here\n")
            stays.stdin.flush()
            self.assertEqual(stays.stdout.readline(), b"still here\n")
            stays.stdin.close()
        self.assertEqual(server.stop(), 0)

    def test_paths_of_a_file_that_is_refused_change_nothing(self):
        old = web("old")
        server = self.serve(old)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.reload(server, web("new") + table("tcp://127.0.0.1:%d" % taken.getsockname()[1]),
                        says="the reload was refused, and all stays as it was: ")
        self.assertEqual(self.talk(server.url), b"hello\n")
        self.assertIn(b"404", self.talk(server.url.replace("/old", "/new")))

    def test_a_port_gets_another_scheme_while_sessions_stay(self):
        server = self.serve(STAYS)
        with connect(server.address) as stays:
            stays.sendall(HELLO)
            self.assertEqual(stays.recv(100), HELLO)
            self.reload(server, web("shout", "uppercase"))
            now = "ws://127.0.0.1:%d/shout" % server.address[1]
            self.assertEqual(server.next_line(), f"listening {now}\n")
            self.assertEqual(self.talk(now), b"HELLO\n")
            stays.sendall(HELLO)
            self.assertEqual(stays.recv(100), HELLO)
        self.assertEqual(server.stop(), 0)

    @unittest.skipUnless(HAS_TLS, "no TLS here")
    def test_a_listener_of_tls_comes_and_goes_with_its_certificate(self):
        with tls.Certificates() as certificates:
            chain, key = self.path("chain.pem"), self.path("key.pem")
            secure = table("tls://127.0.0.2:0") + f'tls-certificate = "{chain}"\ntls-key = "{key}"\n'
            server = self.serve(STAYS)
            self.reload(server, STAYS + secure, says="the reload was refused")
            self.assertIn("chain.pem", server.log())
            shutil.copy(certificates.server.chain, chain)
            shutil.copy(certificates.server.key, key)
            self.reload(server, STAYS + secure)
            added = address_of(server.next_line().removeprefix("listening ").strip())
            with connect(added) as connection:
                context = certificates.client_context()
                context.check_hostname = False
                with context.wrap_socket(connection) as peer:
                    peer.sendall(HELLO)
                    self.assertEqual(peer.recv(100), HELLO)
            os.unlink(chain)
            self.reload(server, STAYS)
            wait_until(lambda: refuses(added), server.log)

    def test_what_needs_a_restart_is_named(self):
        text = 'listen = "udp://127.0.0.1:0"\nhandler = "echo"\n'
        server = self.serve(text)
        self.reload(server, text.replace("echo", "uppercase") + "threads = 3\nmax-message = 5\nlog-level = 'debug'\n")
        log = server.log()
        for part in ("needs a restart: threads: 0 -> 3", 'needs a restart: udp://127.0.0.1:0 handler: "echo" -> "uppercase"',
                     "needs a restart: udp://127.0.0.1:0 max-message: ", 'reload: log-level: "info" -> "debug"'):
            self.assertIn(part, log)
        self.assertEqual(self.talk(server.url), b"hello\n")

    def test_a_table_that_keeps_its_url_changes_while_sessions_stay(self):
        server = self.serve(STAYS + web("path"), listeners=2)
        plain, page = server.urls
        with connect(address_of(plain)) as stays:
            stays.sendall(HELLO)
            self.assertEqual(stays.recv(100), HELLO)
            changed = STAYS.replace("echo", "uppercase") + 'framing = "line"\n'
            self.reload(server, changed + web("path").replace("echo", "reply") + 'text = "closed"\nmax-message = 10\n')
            for part in ('handler: "echo" -> "uppercase"', 'framing: "length" -> "line"', 'text: not set -> "closed"'):
                self.assertIn(part, server.log())
            self.assertNotIn("restart", server.log())
            self.assertEqual(ask(address_of(plain), b"ahoy\n"), b"AHOY\n")
            self.assertEqual(self.talk(page), b"closed\n")
            # The second table is refused, when the first one has changed.
            self.reload(server, STAYS + web("path") + 'max-message = "3GiB"\n', says="the reload was refused")
            self.assertEqual(ask(address_of(plain), b"ahoy\n"), b"AHOY\n")
            self.assertEqual(self.talk(page), b"closed\n")
            stays.sendall(HELLO)
            self.assertEqual(stays.recv(100), HELLO)
        self.assertEqual(server.stop(), 0)

    @unittest.skipUnless(HAS_TLS, "no TLS here")
    def test_a_relay_reads_the_certificates_of_its_target_again(self):
        with tls.Certificates() as certificates, \
                Server("serve", "echo", "--listen", "tls://127.0.0.1:0", *certificates.server.options()) as target:
            issuers = self.path("ca.pem")
            shutil.copy(certificates.make("stranger", authority=True, issuer=None).chain, issuers)
            text = table("tcp://127.0.0.1:0", "relay") + f'to = "{target.url}"\nto-tls-ca = "{issuers}"\n'
            server = self.serve(text)
            with self.assertRaises(ConnectionResetError), connect(server.address) as client:
                client.recv(1)
            shutil.copy(certificates.root.chain, issuers)
            self.reload(server, text)
            with connect(server.address) as client:
                client.sendall(HELLO)
                self.assertEqual(client.recv(100), HELLO)
                self.write("nothing", "ca.pem")
                self.reload(server, text, says="the reload was refused")
                self.assertIn("ca.pem", server.log())
                client.sendall(HELLO)
                self.assertEqual(client.recv(100), HELLO)

    def test_a_broken_file_changes_nothing_and_is_told_of(self):
        server = self.serve(ECHO + "max-sessions = 1\n")
        for text, says in ((ECHO + "max-sessions = 2\nthread = 1\n", ":4:1: there is no option 'thread'; did you mean threads?"),
                           (ECHO + "a = 1\nb = 2\n", ":3:1: there is no option 'a'; " + self.path("echo.toml:4:1: ")),
                           (ECHO + "max-sessions = 1000000000\n", "ulimit -n"), ("[", "this is no TOML")):
            self.reload(server, text, says="the reload was refused, and all stays as it was: ")
            self.assertIn(says, server.log())
        os.unlink(self.path("echo.toml"))
        self.reload(server, says="No such file or directory")
        with connect(server.address) as first, connect(server.address) as second:
            first.sendall(HELLO)
            self.assertEqual(first.recv(100), HELLO)
            second.settimeout(0.3)
            second.sendall(HELLO)
            with self.assertRaises(TimeoutError):  # max-sessions is 1 as before
                second.recv(100)
        self.reload(server, ECHO + "max-sessions = 3\n")
        self.assertIn("max-sessions: 1 -> 3", server.log())

    @unittest.skipUnless(HAS_TLS, "no TLS here")
    def test_a_certificate_changes_while_sessions_stay_and_a_wrong_one_keeps_the_limits(self):
        with tls.Certificates() as certificates:
            renewed = certificates.make("renewed")
            chain, key = self.path("chain.pem"), self.path("key.pem")
            shutil.copy(certificates.server.chain, chain)
            shutil.copy(certificates.server.key, key)
            text = f'handler = "echo"\nlisten = "tls://127.0.0.1:0"\ntls-certificate = "{chain}"\ntls-key = "{key}"\n'
            server = self.serve(text)

            def name_now():
                with connect(server.address) as connection:
                    with certificates.client_context().wrap_socket(connection, server_hostname="localhost") as secure:
                        return dict(pair for (pair,) in secure.getpeercert()["subject"])["commonName"]

            self.assertEqual(name_now(), "server")
            with connect(server.address) as connection:
                with certificates.client_context().wrap_socket(connection, server_hostname="localhost") as stays:
                    shutil.copy(renewed.chain, self.path("other"))
                    os.rename(self.path("other"), chain)  # the key does not belong to it
                    self.reload(server, text + "max-sessions = 1\n", says="the reload was refused")
                    self.assertEqual(name_now(), "server", "the place for a second session is there")
                    shutil.copy(renewed.key, self.path("other"))
                    os.rename(self.path("other"), key)
                    self.reload(server, text)
                    self.assertEqual(name_now(), "renewed")
                    stays.sendall(HELLO)
                    self.assertEqual(stays.recv(100), HELLO)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_after_a_change_of_user(self):
        os.chmod(self.folder, 0o755)
        server = self.serve(ECHO + "max-sessions = 1\nuser = 'nobody'\n")
        self.reload(server, ECHO + "max-sessions = 2\nuser = 'nobody'\n")
        self.assertIn("max-sessions: 1 -> 2", server.log())
        os.chmod(self.path("echo.toml"), 0)
        self.reload(server, says="Permission denied")

    def test_trusted_proxies_change_and_sessions_stay(self):
        announced = b"PROXY TCP4 192.0.2.7 192.0.2.8 5 6\r\n" + HELLO
        server = self.serve(ECHO + "proxy-from = '127.0.0.1'\n")
        with connect(server.address) as stays:
            stays.sendall(announced)
            self.assertEqual(stays.recv(100), HELLO)
            self.reload(server, ECHO + "proxy-from = ['10.0.0.0/8', 'unix:']\n")
            self.assertIn('proxy-from: ["127.0.0.1"] -> ["10.0.0.0/8", "unix:"]', server.log())

            def is_refused():
                with connect(server.address) as peer:
                    peer.shutdown(socket.SHUT_WR)
                    self.assertEqual(read_to_end(peer), b"")
                return "it is not one of the trusted proxies" in server.log()

            wait_until(is_refused, server.log)
            stays.sendall(HELLO)
            self.assertEqual(stays.recv(100), HELLO)
        self.reload(server, ECHO + "proxy-from = 'unix:'\nmax-sessions = 3\n", says="the reload was refused")
        self.assertIn("no trusted proxy can connect to", server.log())
        self.assertNotIn("max-sessions", server.log())
        self.reload(server, ECHO)
        self.assertIn('needs a restart: tcp://127.0.0.1:0 proxy-from: ["10.0.0.0/8", "unix:"] -> not set', server.log())

    def test_without_a_configuration_it_is_still_no_stop(self):
        with Server("serve", "echo", "--listen", "tcp://127.0.0.1:0", start_new_session=True) as server:
            server.send_signal(signal.SIGHUP)
            self.wait_for_log(server, "reloaded: ")
            self.assertEqual(ask(server.address, HELLO), HELLO)


class ReloadCommand(Folder):
    def test_asks_a_server_whose_file_is_right(self):
        server = self.serve(ECHO + "max-sessions = 1\n")
        self.write(ECHO + "max-sessions = 2\n")
        done = run("reload", str(server.process.pid))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"its log has the outcome", done.stdout)
        self.wait_for_log(server, "max-sessions: 1 -> 2")

    def test_a_file_that_is_wrong_is_told_of_and_the_server_is_not_asked(self):
        server = self.serve()
        name = self.write(ECHO + "max-sessions = -2\n")
        done = run("reload", str(server.process.pid))
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(f"{name}:3:16: max-sessions: ", done.stderr.decode())
        self.assertNotIn("reload", server.log())

    def test_reads_a_relative_name_where_the_server_does(self):
        self.write(ECHO)
        with Server("serve", "--config", "echo.toml", cwd=self.folder, start_new_session=True) as server:
            self.assertEqual(run("reload", str(server.process.pid)).returncode, 0)
            self.wait_for_log(server, "reloaded: ")

    def test_asks_no_other_process(self):
        with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
            done = run("reload", str(other.pid))
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(b"is no fairlead serve", done.stderr)
            self.assertIsNone(other.poll())
            other.kill()
        self.assertIn(b"No such process", run("reload", str(2**22 + 1)).stderr)

    def test_asks_none_that_ignores_the_signal(self):
        server = self.serve(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # as nohup does
        done = run("reload", str(server.process.pid))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"ignores SIGHUP", done.stderr)
        server.send_signal(signal.SIGHUP)
        self.assertEqual(ask(server.address, HELLO), HELLO)


class Terminal(Folder):
    def test_a_hangup_stops_there(self):
        name = self.write(ECHO)
        process, terminal = pty.fork()
        if process == 0:
            os.execv(FAIRLEAD, [FAIRLEAD, "serve", "--config", name])
        shown = b""
        while b"listening" not in shown:
            shown += os.read(terminal, 1000)
        done = run("reload", str(process))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"runs on a terminal", done.stderr)
        os.kill(process, signal.SIGHUP)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), 0)
        os.close(terminal)


class Json(Folder):
    def test_every_line_is_an_object_whatever_peers_send(self):
        server = self.serve(ECHO + "log-format = 'json'\n")
        for garbage in (b"GET /\"\\\n\r HTTP", bytes(range(128, 144)), b"\xff" * 16, b"\xe2\x80\xae\xc2\x85\x1b[2J" * 2):
            self.assertEqual(ask(server.address, garbage), b"")
        server.send_signal(signal.SIGUSR1)
        self.wait_for_log(server, "statistics ")
        self.assertEqual(server.stop(), 0)
        lines = [json.loads(line) for line in server.log().splitlines()]
        self.assertTrue(lines)
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(line["level"], ("info", "warning", "error"))
            self.assertTrue(line["message"])
            self.assertTrue(set(line) <= {"time", "level", "subject", "session", "peer", "message"})
        broken = [line for line in lines if line.get("subject") == "framing_broken"]
        self.assertEqual(len(broken), 4)
        for line in broken:
            self.assertIn(f"session {line['session']} from {line['peer']}", line["message"])

    def test_a_reload_changes_the_form(self):
        server = self.serve()
        self.reload(server, ECHO + "log-format = 'json'\n", says='"message":"reloaded: ')
        self.reload(server, ECHO, says="info reloaded: ")

    def test_the_journal_gets_priorities(self):
        reading, writing = os.pipe()
        status = os.fstat(writing)
        with open(reading, encoding="ascii") as journal:
            with open(writing, "w", encoding="ascii") as pipe:
                environment = dict(os.environ, JOURNAL_STREAM=f"{status.st_dev}:{status.st_ino}")
                server = self.serve(stderr=pipe, env=environment)
            self.assertEqual(ask(server.address, b"GET / HTTP/1.1\r\n\r\n"), b"")
            self.assertEqual(server.stop(), 0)
            lines = journal.read().splitlines()
        self.assertIn("<4>", {line[:3] for line in lines})
        self.assertLessEqual({line[:3] for line in lines}, {"<4>", "<6>"})


if __name__ == "__main__":
    unittest.main()
