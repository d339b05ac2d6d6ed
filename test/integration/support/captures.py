"""Writes capture files, pcap and pcapng, with connections whose segments are cut, repeated and out of order."""

import functools
import ipaddress
import random
import struct

SYN, ACK, FIN, RST = 0x02, 0x10, 0x01, 0x04
ETHERNET, NULL, RAW, LOOP, LINUX_SLL, LINUX_SLL2 = 1, 0, 101, 108, 113, 276  # as in files
MODULUS = 1 << 32


@functools.cache
def address_bytes(text):
    return ipaddress.ip_address(text).packed


def ip_packet(source, target, protocol, content):
    addresses = address_bytes(source) + address_bytes(target)
    if len(addresses) == 32:
        return struct.pack(">IHBB", 6 << 28, len(content), protocol, 64) + addresses + content
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(content), 1, 0, 64, protocol, 0) + addresses + content


def ip_fragments(packet, size, number=7):
    """The fragments of a packet of IPv4; `size` is a multiple of 8."""
    content = packet[20:]
    for at in range(0, len(content), size):
        part = content[at:at + size]
        place = at // 8 | (0x2000 if at + size < len(content) else 0)
        yield packet[:2] + struct.pack(">HHH", 20 + len(part), number, place) + packet[8:20] + part


def udp_packet(source, target, payload):
    header = struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0)
    return ip_packet(source[0], target[0], 17, header + payload)


def tcp_packet(source, target, sequence, acknowledged, flags, payload=b""):
    header = struct.pack(">HHIIBBHHH", source[1], target[1], sequence % MODULUS, acknowledged % MODULUS, 5 << 4, flags,
                         0xFFFF, 0, 0)
    return ip_packet(source[0], target[0], 6, header + payload)


def link_header(link, packet):
    version6 = packet[0] >> 4 == 6
    ethertype = 0x86DD if version6 else 0x0800
    if link == ETHERNET:
        return bytes(12) + struct.pack(">H", ethertype)
    if link == NULL:
        return struct.pack("<I", 30 if version6 else 2)
    if link == LOOP:
        return struct.pack(">I", 30 if version6 else 2)
    if link == LINUX_SLL:
        return struct.pack(">HHH8xH", 0, 1, 6, ethertype)
    if link == LINUX_SLL2:
        return struct.pack(">HHIHBB8x", ethertype, 0, 1, 1, 0, 6)
    return b""


class Capture:
    """Packets in their order, a millisecond apart."""

    def __init__(self):
        self.packets = []

    def connect(self, client, server, seed=1):
        return Connection(self, client, server, random.Random(seed))

    def add(self, packet):
        self.packets.append(packet)

    def pcap(self, link=ETHERNET, order="<", nanoseconds=False, snapshot=262144):
        """The bytes of a classic file."""
        magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
        out = bytearray(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snapshot, link))
        for i, packet in enumerate(self.packets):
            packet = link_header(link, packet) + packet
            fraction = i % 1000 * (1_000_000 if nanoseconds else 1000)
            out += struct.pack(order + "IIII", 1_700_000_000 + i // 1000, fraction, min(snapshot, len(packet)), len(packet))
            out += packet[:snapshot]
        return bytes(out)

    def pcapng(self, link=ETHERNET, order="<"):
        def block(kind, body):
            body += bytes(-len(body) % 4)
            return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))

        out = bytearray(block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)))
        out += block(1, struct.pack(order + "HHI", link, 0, 262144))
        for i, packet in enumerate(self.packets):
            packet = link_header(link, packet) + packet
            time = 1_700_000_000_000_000 + i * 1000
            out += block(6, struct.pack(order + "IIIII", 0, time >> 32, time % MODULUS, len(packet), len(packet)) + packet)
        return bytes(out)


class Connection:
    """One TCP connection; its sequence numbers wrap early."""

    def __init__(self, capture, client, server, choices):
        self.capture, self.choices = capture, choices
        self.ends = {"client": (client, server), "server": (server, client)}
        self.next = {side: (MODULUS - choices.randrange(1, 60)) for side in self.ends}
        for side, flags in (("client", SYN), ("server", SYN | ACK)):
            self.segment(side, self.next[side], flags)
            self.next[side] += 1

    def segment(self, side, sequence, flags=ACK, payload=b""):
        acknowledged = self.next["server" if side == "client" else "client"] if flags & ACK else 0
        self.capture.add(tcp_packet(*self.ends[side], sequence, acknowledged, flags, payload))

    def send(self, side, stream, largest=1400):
        """In segments of random sizes: one comes twice, and one behind its successor."""
        segments = []
        while stream:
            size = min(len(stream), self.choices.randint(1, max(1, min(largest, len(stream) // 2))))
            segments.append((self.next[side], stream[:size]))
            self.next[side] += size
            stream = stream[size:]
        if len(segments) > 3:
            at = self.choices.randrange(len(segments) - 1)
            segments[at:at + 2] = segments[at + 1], segments[at]
            at = self.choices.randrange(len(segments))
            segments.insert(at + 1, segments[at])
        for sequence, payload in segments:
            self.segment(side, sequence, payload=payload)

    def close(self):
        for side in self.ends:
            self.segment(side, self.next[side], FIN | ACK)
            self.next[side] += 1
