"""A network of the test's own, so that it may fill and flood what it likes."""

import fcntl
import os
import socket
import struct
import subprocess
import sys

INSIDE = "FAIRLEAD_TEST_NETWORK"
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, TUNSETIFF = 0x8914, 0x8916, 0x891C, 0x400454CA
IFF_UP_AND_RUNNING, IFF_TUN_WITHOUT_HEADER = 0x41, 0x1001


def enter():
    """Starts this program once more in a network namespace; gives why that cannot be, or nothing once inside."""
    if os.environ.get(INSIDE):
        _configure("lo", SIOCSIFFLAGS, struct.pack("h", IFF_UP_AND_RUNNING))
        return ""
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    try:
        tried = subprocess.run([*unshare, "true"], capture_output=True)
    except FileNotFoundError:
        return "there is no unshare"
    if tried.returncode:
        return tried.stderr.decode().strip()
    sys.stdout.flush()
    os.execvpe("unshare", [*unshare, sys.executable, *sys.argv], dict(os.environ, **{INSIDE: "1"}))


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


def _configure(interface, request, value):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, request, struct.pack("16s24s", interface.encode(), value))


def _checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)
