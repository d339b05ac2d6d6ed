"""A network of the test's own, so that it may fill and flood what it likes."""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import time

from support.namespaces import start_again

INSIDE = "FAIRLEAD_TEST_NETWORK"
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, TUNSETIFF = 0x8914, 0x8916, 0x891C, 0x400454CA
IFF_UP_AND_RUNNING, IFF_TUN_WITHOUT_HEADER = 0x41, 0x1001


def enter():
    """Starts this program once more in a network namespace; gives why that cannot be, or nothing once inside."""
    if os.environ.get(INSIDE):
        _configure("lo", SIOCSIFFLAGS, struct.pack("h", IFF_UP_AND_RUNNING))
        return ""
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    return start_again(unshare, ["true"], INSIDE)


def limit_backlogs(size):
    with open("/proc/sys/net/core/somaxconn", "w", encoding="ascii") as file:
        file.write(str(size))


class Tunnel:
    """An interface on whose other end we are: 10.99.0.1 is the server's side, all other addresses of 10.99 are ours."""

    SERVER = "10.99.0.1"

    def __init__(self):
        self._descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self._descriptor, TUNSETIFF, struct.pack("16sh22x", b"flood", IFF_TUN_WITHOUT_HEADER))
        for request, address in ((SIOCSIFADDR, self.SERVER), (SIOCSIFNETMASK, "255.255.0.0")):
            _configure("flood", request, struct.pack("hH4s8x", socket.AF_INET, 0, socket.inet_aton(address)))
        _configure("flood", SIOCSIFFLAGS, struct.pack("h", IFF_UP_AND_RUNNING))

    def send_syn(self, source, source_port, port):
        """The beginning of a connection that nobody will go on with."""
        addresses = socket.inet_aton(source) + socket.inet_aton(self.SERVER)
        tcp = struct.pack(">HHIIHHHH", source_port, port, source_port * 1000, 0, 5 << 12 | 2, 65535, 0, 0)
        tcp = tcp[:16] + _checksum(addresses + struct.pack(">HH", socket.IPPROTO_TCP, len(tcp)) + tcp) + tcp[18:]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0) + addresses
        os.write(self._descriptor, ip[:10] + _checksum(ip) + ip[12:] + tcp)

    def send_datagram(self, source, source_port, port, payload):
        os.write(self._descriptor, datagram((source, source_port), (self.SERVER, port), payload))

    def datagrams_answered(self):
        """The payloads of the datagrams that the server's side has sent since the last time."""
        payloads = []
        try:
            while packet := os.read(self._descriptor, 70_000):
                if packet[9] == socket.IPPROTO_UDP:
                    payloads.append(packet[28:])
        except BlockingIOError:
            pass
        return payloads

    def count_answers(self):
        """How many packets the server's side has sent since the last time."""
        count = 0
        try:
            while os.read(self._descriptor, 2000):
                count += 1
        except BlockingIOError:
            return count

    def close(self):
        os.close(self._descriptor)


class Forger:
    """Sends datagrams that say they come from an address of our choice."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def send(self, source, target, payload):
        self._socket.sendto(datagram(source, target, payload), (target[0], 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()


class Neighbour:
    """Another machine, as far as the network goes: an interface `near` here has a cable to its `far`."""

    HERE, HERE_TOO, THERE = "10.2.0.1", "10.2.0.3", "10.2.0.2"
    LINK_HERE, LINK_THERE = "fe80::1", "fe80::2"

    def __init__(self):
        self._process = subprocess.Popen(["unshare", "--net", "sleep", "86400"])
        with open("/proc/self/ns/net", encoding="ascii") as ours:
            while os.path.samestat(os.stat(f"/proc/{self._process.pid}/ns/net"), os.fstat(ours.fileno())):
                time.sleep(0.001)
        ip("link add near type veth peer name far netns", str(self._process.pid))
        self._set_up("near", self.HERE, self.LINK_HERE)
        ip(f"addr add {self.HERE_TOO}/24 dev near")
        self._there(lambda: self._set_up("far", self.THERE, self.LINK_THERE))
        self.far_index = self._there(lambda: socket.if_nametoindex("far"))

    @staticmethod
    def _set_up(name, four, six):
        ip(f"link set {name} addrgenmode none")
        ip(f"link set {name} up")
        ip(f"addr add {four}/24 dev {name}")
        ip(f"addr add {six}/64 dev {name} nodad")
        ip(f"route add 224.0.0.0/4 dev {name}")

    def socket(self, family=socket.AF_INET):
        """A UDP socket of the other machine."""
        return self._there(lambda: socket.socket(family, socket.SOCK_DGRAM))

    def _there(self, work):
        set_network = ctypes.CDLL(None, use_errno=True).setns
        with open("/proc/self/ns/net", "rb") as here, open(f"/proc/{self._process.pid}/ns/net", "rb") as there:
            if set_network(there.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return work()
            finally:
                set_network(here.fileno(), 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()


def ip(words, *more):
    """A change made by ip(8)."""
    subprocess.run(["ip", *words.split(), *more], check=True, capture_output=True)


def datagram(source, target, payload):
    """A whole packet of IPv4, of which a raw socket or an interface needs no checksum for UDP."""
    udp = struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0)
    header = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(payload), 0, 0, 64, socket.IPPROTO_UDP, 0)
    header += socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    return header[:10] + _checksum(header) + header[12:] + udp + payload


def _configure(interface, request, value):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, request, struct.pack("16s24s", interface.encode(), value))


def _checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)
