"""Runs the programs under test and talks to them over plain sockets. Every wait has an end."""

import os
import queue
import signal
import socket
import struct
import subprocess
import tempfile
import threading

FAIRLEAD = os.environ["FAIRLEAD"]
SYSTEM_PYTHON = "/usr/bin/python3"  # whose packages are Debian's
PATIENCE = 60  # seconds, for what takes a moment unless something is broken; the machine may be busy
OVER_TLS = os.environ.get("FAIRLEAD_TEST_OVER_TLS")  # see over_tls.py


def run(*arguments, program=FAIRLEAD, **options):
    """A finished program: returncode, stdout and stderr (bytes). Its input is empty unless `input` or `stdin` says."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    if "stdin" not in options:
        options.setdefault("input", b"")
    return subprocess.run([program, *arguments], timeout=PATIENCE, **options)


def over_tls(arguments):
    """Arguments of a server; in a run over TLS with a certificate, and tls:// in place of tcp:// for a free port."""
    if not OVER_TLS:
        return arguments
    return [*(str(each).replace("tcp://127.0.0.1:0", "tls://127.0.0.1:0") for each in arguments),
            "--tls-certificate", OVER_TLS + "/server.pem", "--tls-key", OVER_TLS + "/server.key"]


class DidNotStart(AssertionError):
    """A server ended, with `code` and `log`, before it had said where it listens."""

    def __init__(self, code, log):
        super().__init__(f"it ended with {code}; {log}")
        self.code, self.log = code, log


class Server:
    """A program that prints `listening URL` once for each listener; stopped at the end of the `with` block. The URLs of its
    admin endpoint, which it prints before, are in `admin`."""

    def __init__(self, *arguments, program=FAIRLEAD, listeners=1, **options):
        self._stderr = tempfile.TemporaryFile()
        options.setdefault("stderr", self._stderr)
        self.process = subprocess.Popen([program, *over_tls(arguments)], stdout=subprocess.PIPE, **options)
        self._lines = queue.Queue()
        self.admin = []
        threading.Thread(target=self._collect, daemon=True).start()
        try:
            self.urls = [self._next_url() for _ in range(listeners)]
        except Exception:
            self.process.kill()
            self.close()
            raise
        self.url = self.urls[0]
        self.address = address_of(self.url)

    def _collect(self):
        for line in self.process.stdout:
            self._lines.put(line.decode())
        self._lines.put("")

    def _next_url(self):
        line = self._lines.get(timeout=PATIENCE)
        while line.startswith("admin "):
            self.admin.append(line.removeprefix("admin ").strip())
            line = self._lines.get(timeout=PATIENCE)
        if not line:
            raise DidNotStart(self.wait(), self.log())
        schemes = tuple(f"listening {each}://" for each in ("tcp", "udp", "unix", "tls", "tls+unix", "ws", "wss"))
        assert line.startswith(schemes), f"unexpected: {line!r}; {self.log()}"
        return line.removeprefix("listening ").strip()

    def next_line(self):
        """The next line on stdout behind the listening lines; "" once the server has ended."""
        return self._lines.get(timeout=PATIENCE)

    def more_output(self):
        """What came on stdout behind the listening lines; to be called once the server has ended."""
        return "".join(iter(lambda: self._lines.get(timeout=PATIENCE), ""))

    def log(self):
        # Read without moving the offset, which the server shares.
        descriptor = self._stderr.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    def send_signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        return self.process.wait(PATIENCE)

    def stop(self, number=signal.SIGTERM):
        """Ends the server and gives its exit code."""
        if self.process.poll() is None:
            self.send_signal(number)
        return self.wait()

    def close(self):
        try:
            if self.process.poll() is None:
                self.send_signal(signal.SIGCONT)  # a test that failed may have left it standing still
            self.stop()
        except subprocess.TimeoutExpired:
            self.stop(signal.SIGKILL)
            raise
        finally:
            self.process.stdout.close()
            self._stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class PlainServer:
    """A server of a few lines, as a user might write it: `answer(connection)` is called for one connection."""

    def __init__(self, answer):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self.url = "tcp://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._answer = answer
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(PATIENCE)
            self._answer(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
        self._thread.join(PATIENCE)


def port_holder(host="127.0.0.1"):
    """A socket whose port nobody else gets while it is open. A server with SO_REUSEADDR can listen there."""
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind((host, 0))
    return holder


def held_port(test, host="127.0.0.1"):
    """A port that is held until the end of the test."""
    holder = port_holder(host)
    test.addCleanup(holder.close)
    return holder.getsockname()[1]


def address_of(url):
    """What `connect` takes: host and port, or the path or name of a Unix socket."""
    if url.startswith(("unix://", "tls+unix://")):
        path = url.removeprefix("tls+").removeprefix("unix://")
        return "\0" + path[1:] if path.startswith("@") else path
    host, port = url.split("://")[1].split("/")[0].rsplit(":", 1)
    return host.strip("[]"), int(port)


def connect(address, source=None):
    """A connection to a server; over TCP from the address `source`, if given."""
    if isinstance(address, str):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    connection = socket.create_connection(address, timeout=PATIENCE, source_address=source and (source, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def frame(message):
    return struct.pack(">I", len(message)) + message


# A line with every byte that a line can have, and how `talk` shows it.
ALL_BYTES = bytes(byte for byte in range(256) if byte not in b"\n\r")
ALL_SHOWN = b"".join(rb"\x%02X" % byte if byte < 0x20 or byte >= 0x7F else bytes([byte]) for byte in ALL_BYTES)
ALL_SHOWN = ALL_SHOWN.replace(rb"[\]", rb"[\\]").replace(rb"\x09", rb"\t")


def read_to_end(connection):
    return b"".join(iter(lambda: connection.recv(65536), b""))


def ask(address, request):
    """What comes back when the request is followed by the end of our side."""
    with connect(address) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return read_to_end(connection)


def reset(connection):
    """Ends a connection with an RST. No thread may be reading from it, or it would not end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def talk_until_the_reader_leaves(url):
    """The first reply, and the exit code of `talk` when nobody reads on; the server echoes."""
    talk = subprocess.Popen([FAIRLEAD, "talk", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with talk:
        talk.stdin.write(b"one\n")
        talk.stdin.flush()
        first = talk.stdout.readline()
        talk.stdout.close()
        talk.stdin.write(b"two\n")
        talk.stdin.flush()
        return first, talk.wait(PATIENCE)
