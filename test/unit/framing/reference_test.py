"""Compares the library's framings with framing_reference.py on random options, messages and streams.

    reference_test.py PATH_OF_FRAMING_TOOL

Environment: FAIRLEAD_LONG=1 tries a million messages instead of 20,000; FAIRLEAD_SEED repeats an earlier run.
"""

import os
import pathlib
import random
import subprocess
import sys

sys.dont_write_bytecode = True  # leaves nothing in the source tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import framing_reference as reference  # noqa: E402

MESSAGES_PER_FRAMING = 10
FRAMINGS_PER_RUN = 500


def to_hex(data):
    return data.hex() or "-"


def random_length(rng):
    options = {"width": rng.randint(1, 8), "little": rng.random() < 0.5, "offset": rng.choice([0, 0, 1, 5]),
               "includes": rng.random() < 0.3, "adjustment": rng.choice([0, 0, 0, 1, 7, -1, -7, 300, -70000]),
               "keep": rng.random() < 0.3, "discard": rng.random() < 0.3}
    if rng.random() < 0.5:
        options["max"] = rng.choice([0, 1, 5, 20, 255, 256, 70000])
    return reference.LengthPrefixed(**options), "length", options


def random_varint(rng):
    options = {"max": rng.choice([0, 1, 20, 127, 128, 300, reference.MEBIBYTE])}
    return reference.VarintPrefixed(**options), "varint", options


def random_delimited(rng):
    alphabet = rng.choice([b"ab", b"\r\n", b"abc", bytes(range(256))])
    delimiters = [bytes(rng.choices(alphabet, k=rng.choice([1, 1, 2, 2, 3, 5]))) for _ in range(rng.choice([1, 1, 2, 3]))]
    if rng.random() < 0.02:
        delimiters.append(b"")
    options = {"keep": rng.random() < 0.3, "unterminated": rng.random() < 0.3, "max": rng.choice([0, 1, 5, 20, 300])}
    return reference.Delimited(delimiters, **options), "delimited", {**options, "delimiter": delimiters}


def random_line(rng):
    options = {"unterminated": rng.random() < 0.3, "max": rng.choice([1, 5, 20, 300])}
    return reference.Line(**options), "line", options


def random_fixed(rng):
    options = {"size": rng.choice([0, 1, 2, 7, 16])}
    return reference.FixedSize(**options), "fixed", options


def random_raw(rng):
    options = {"max": rng.choice([0, 1, 20, reference.MEBIBYTE])}
    return reference.Raw(**options), "raw", options


def command_for(kind, options):
    words = ["framing", kind]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            words.append(f"{name}={to_hex(one) if isinstance(one, bytes) else int(one)}")
    return " ".join(words)


def random_message(rng, framing):
    size = rng.choice([0, 1, 2, rng.randint(0, 20), rng.randint(0, 20), rng.randint(0, 300)])
    if isinstance(framing, reference.FixedSize) and rng.random() < 0.8:
        size = framing.size
    alphabet = bytes(range(256))
    if isinstance(framing, reference.Delimited):
        alphabet = rng.choice([alphabet, b"xyz", b"".join(framing.delimiters) + b"x"])
        ended = framing.delimiters[0] if framing.keep and rng.random() < 0.8 else b""
        return bytes(rng.choices(alphabet, k=size)) + ended
    message = bytes(rng.choices(alphabet, k=size))
    if isinstance(framing, reference.LengthPrefixed) and framing.keep and rng.random() < 0.8:
        stated = size - framing.message_size(0)
        if size >= framing.header and 0 <= stated < 1 << 8 * framing.width:
            field = stated.to_bytes(framing.width, framing.order)
            message = message[:framing.offset] + field + message[framing.header:]
    return message


def oversize_frame(options, message):
    """The frame that a peer with a higher limit would send, if there can be one."""
    peer = reference.LengthPrefixed(**{**options, "max": None})
    try:
        return peer.encode(message)
    except reference.Refused:
        return b""


def damaged(rng, stream):
    choice = rng.random()
    if choice < 0.4 or not stream:
        return stream
    if choice < 0.6:
        return stream[:rng.randrange(len(stream))]
    if choice < 0.9:
        at = rng.randrange(len(stream))
        return stream[:at] + bytes(rng.choices(range(256), k=rng.randint(0, 3))) + stream[at + rng.randint(0, 2):]
    alphabet = rng.choice([bytes(256), bytes(range(256)), b"\xff\x80\x01\x02", stream])
    return bytes(rng.choices(alphabet, k=rng.randint(0, 60)))


def in_pieces(rng, stream):
    cuts = sorted(rng.randint(0, len(stream)) for _ in range(rng.choice([0, 1, 2, 5, len(stream)])))
    return [stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)])]


def encode_answer(framing, message):
    try:
        return "bytes " + to_hex(framing.encode(message))
    except reference.Refused as refused:
        return f"error {refused}"


def decode_answer(outcome):
    messages, error, position = outcome
    return " ".join([f"error {error}" if error else "ok", str(position), *map(to_hex, messages)])


def joined(answer):
    """Makes the answers about raw streams comparable, however the messages were divided."""
    words = answer.split()
    return " ".join(words[:2] + (["".join(words[2:])] if words[2:] else []))


class Comparison:
    """Commands for the tool, and what it must answer."""

    def __init__(self):
        self.expected = []

    def add(self, framing, command, answer):
        self.expected.append((framing, command, answer))

    def run(self, tool):
        commands = "".join(command + "\n" for _, command, _ in self.expected)
        answers = subprocess.run([tool], input=commands, capture_output=True, text=True, check=True).stdout.splitlines()
        assert len(answers) == len(self.expected), "the tool did not answer every command"
        configured = ""
        for (framing, command, expected), actual in zip(self.expected, answers):
            if command.startswith("framing"):
                configured = command
            if isinstance(framing, reference.Raw) and command.startswith("decode"):
                actual, expected = joined(actual), joined(expected)
            if actual != expected:
                sys.exit(f"{configured}\n{command}\n  reference: {expected}\n  library:   {actual}")


def compare_one(rng, comparison):
    make = rng.choice([random_length, random_length, random_varint, random_delimited, random_delimited, random_line,
                       random_fixed, random_raw])
    framing, kind, options = make(rng)
    comparison.add(framing, command_for(kind, options), "ok" if framing.valid else "refused")
    if not framing.valid:
        return 0
    stream = b""
    for _ in range(MESSAGES_PER_FRAMING):
        message = random_message(rng, framing)
        answer = encode_answer(framing, message)
        comparison.add(framing, "encode " + to_hex(message), answer)
        if answer.startswith("bytes"):
            frame = framing.encode(message)
            expected = [message] if frame else []
            assert framing.decode(frame) == (expected, None, len(frame)), "the reference contradicts itself"
            stream += frame
        elif answer == "error message_too_large" and isinstance(framing, reference.LengthPrefixed):
            stream += oversize_frame(options, message)
    for bytes_ in (stream, damaged(rng, stream)):
        pieces = " ".join(to_hex(piece) for piece in in_pieces(rng, bytes_))
        comparison.add(framing, "decode " + pieces, decode_answer(framing.decode(bytes_)))
    return MESSAGES_PER_FRAMING


def main():
    tool = sys.argv[1]
    total = 1_000_000 if os.environ.get("FAIRLEAD_LONG") == "1" else 20_000
    seed = int(os.environ.get("FAIRLEAD_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}: repeat with FAIRLEAD_SEED={seed}", flush=True)
    rng = random.Random(seed)
    tried = 0
    while tried < total:
        comparison = Comparison()
        for _ in range(FRAMINGS_PER_RUN):
            tried += compare_one(rng, comparison)
        comparison.run(tool)
    print(f"{tried} messages, the same both ways")


if __name__ == "__main__":
    main()
