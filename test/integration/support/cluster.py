"""Runs the files of apps/examples/cluster, each part a process, on free ports of the loopback."""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

from .process import wait_until
from .programs import FAIRLEAD, PATIENCE

HERE = pathlib.Path(os.environ["SOURCE"]) / "apps" / "examples" / "cluster"
INSTANCES = (1, 2, 3)


def program(name):
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def why_not():
    """Why there can be no cluster, or nothing."""
    missing = [each for each in ("haproxy", "nats-server", "bash") if not program(each)]
    return f"{' and '.join(missing)}: not installed" if missing else ""


def free_ports(count):
    """Ports that the system gives to nobody, so that they are free again after a restart."""
    found = []
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


class Part:
    """One process that cluster.sh starts."""

    def __init__(self, words, environment):
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([HERE / "cluster.sh", *words], env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self._log, stderr=self._log)

    def log(self):
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    def end(self, number=signal.SIGTERM):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def close(self):
        try:
            self.end(signal.SIGKILL)
        finally:
            self._log.close()


class Cluster:
    """Broker, balancer and instances; `service` has the words after `fairlead serve`, {nats} being the URL of the broker."""

    def __init__(self, service="echo", notice="300ms"):
        self.port, self.nats_port, *ports = free_ports(8)
        self._admin = dict(zip(INSTANCES, ports[3:]))
        service = service.format(nats=f"nats://127.0.0.1:{self.nats_port}")
        self._environment = {**os.environ, "FAIRLEAD": FAIRLEAD, "CLUSTER_SERVICE": service, "CLUSTER_NOTICE": notice,
                             "CLUSTER_PORT": str(self.port), "CLUSTER_NATS_PORT": str(self.nats_port)}
        for each in INSTANCES:
            self._environment[f"CLUSTER_INSTANCE_{each}"] = str(ports[each - 1])
            self._environment[f"CLUSTER_ADMIN_{each}"] = str(self._admin[each])
        self.url = f"tcp://127.0.0.1:{self.port}"
        self.instances = {}
        self._parts = []

    def __enter__(self):
        try:
            self.start_broker()
            for each in INSTANCES:
                self.start_instance(each)
            self.balancer = self._start("balancer")
            wait_until(lambda: self._answers(self.port), self.balancer.log)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for each in reversed(self._parts):
            each.close()

    def start_broker(self):
        self.broker = self._start("broker")
        wait_until(lambda: self.banner().startswith(b"INFO {"), self.broker.log)

    def start_instance(self, number):
        self.instances[number] = self._start("instance", str(number))
        wait_until(lambda: self.ready(number), self.instances[number].log)

    def restart_instance(self, number):
        """Drains it, as a roll-out does, and gives the exit code of the old one."""
        code = self.instances[number].end()
        self.start_instance(number)
        return code

    def ready(self, number):
        return self._get(number, "/readyz") is not None

    def metric(self, number, name):
        for line in (self._get(number, "/metrics") or "").splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None

    def banner(self):
        """The first bytes that the broker sends."""
        try:
            with socket.create_connection(("127.0.0.1", self.nats_port), timeout=PATIENCE) as connection:
                return connection.recv(4096)
        except OSError:
            return b""

    def _get(self, number, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._admin[number]}{path}", timeout=PATIENCE) as reply:
                return reply.read().decode()
        except (urllib.error.URLError, OSError):
            return None

    @staticmethod
    def _answers(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def _start(self, *words):
        part = Part(words, self._environment)
        self._parts.append(part)
        return part
