"""The console blocks of a page: commands, and what each prints."""

import re

from .programs import held_port


def blocks(page, kind):
    """The code blocks of a kind, such as `console`, in their order."""
    return [text for each, text in all_blocks(page) if each == kind]


def all_blocks(page):
    return re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def commands(block):
    """Each command of a console block, and the lines below it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def free_ports(test, text):
    """The text with every port it names replaced by one where nobody but a program of the test can listen."""
    named = sorted(set(re.findall(r"\b90\d\d\b", text)))
    ports = {port: str(held_port(test)) for port in named}
    return re.sub("|".join(named), lambda found: ports[found[0]], text) if named else text
