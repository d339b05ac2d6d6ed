"""The console blocks of a page: commands, and what each prints."""

import re
import socket


def blocks(page, kind):
    """The code blocks of a kind, such as `console`, in their order."""
    return [text for each, text in all_blocks(page) if each == kind]


def all_blocks(page):
    return re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def commands(block):
    """Each command of a console block, and the lines below it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def free_ports(text):
    """The text with every port it names replaced by one that nobody listens on."""
    with_ports = text
    holders = []
    for port in sorted(set(re.findall(r"\b90\d\d\b", text))):
        holders.append(socket.create_server(("127.0.0.1", 0)))
        with_ports = with_ports.replace(port, str(holders[-1].getsockname()[1]))
    for each in holders:
        each.close()
    return with_ports
