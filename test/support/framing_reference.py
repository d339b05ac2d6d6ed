"""The framings once more, written from their documentation, to compare the library with.

Everything here is simple and slow on purpose: whole streams, unbounded integers, no state between calls. Each class has

    valid           whether the options make sense
    encode(m)       the bytes of one message, or raises Refused
    decode(stream)  (messages, error or None, position), the stream being complete
"""

MEBIBYTE = 1 << 20
LARGEST_NUMBER = (1 << 64) - 1


class Refused(Exception):
    """Why bytes or messages are not accepted: "truncated", "message_too_large" or "malformed"."""


class Framing:
    def decode(self, stream):
        messages = []
        position = 0
        try:
            while position < len(stream):
                try:
                    message, position = self.next_message(stream, position)
                except Skipped as skipped:
                    position = skipped.position
                    if skipped.cut:
                        raise Refused("truncated")
                    continue
                messages.append(message)
        except Refused as refused:
            return messages, str(refused), position
        return messages, None, position


class Skipped(Exception):
    def __init__(self, position, cut):
        super().__init__()
        self.position = position
        self.cut = cut


class LengthPrefixed(Framing):
    def __init__(self, width=4, little=False, offset=0, includes=False, adjustment=0, keep=False, max=None,
                 discard=False):
        self.width = width
        self.order = "little" if little else "big"
        self.offset = offset
        self.includes = includes
        self.adjustment = adjustment
        self.keep = keep
        self.discard = discard
        self.valid = 1 <= width <= 8 and 0 <= offset <= 65535
        if not self.valid:
            return
        self.header = offset + width
        sizes = [self.message_size(0), self.message_size((1 << 8 * width) - 1)]
        smallest = self.header if keep else 0
        if sizes[1] < smallest:
            self.valid = False
            return
        self.max = min(MEBIBYTE, sizes[1]) if max is None else max
        self.valid = 1 <= self.max <= sizes[1] and self.max >= sizes[0] and self.max >= smallest

    def body_size(self, length):
        return length + self.adjustment - (self.header if self.includes else 0)

    def message_size(self, length):
        return self.body_size(length) + (self.header if self.keep else 0)

    def next_message(self, stream, start):
        body = start + self.header
        if body > len(stream):
            raise Refused("truncated")
        length = int.from_bytes(stream[start + self.offset:body], self.order)
        if self.body_size(length) < 0:
            raise Refused("malformed")
        end = body + self.body_size(length)
        if end - start > LARGEST_NUMBER:
            raise Refused("message_too_large")
        if self.message_size(length) > self.max:
            if not self.discard:
                raise Refused("message_too_large")
            raise Skipped(min(end, len(stream)), end > len(stream))
        if end > len(stream):
            raise Refused("truncated")
        return stream[start if self.keep else body:end], end

    def encode(self, message):
        if len(message) > self.max:
            raise Refused("message_too_large")
        if self.keep:
            if self.decode(message) != ([message], None, len(message)):
                raise Refused("malformed")
            return message
        length = len(message) - self.adjustment + (self.header if self.includes else 0)
        if length < 0:
            raise Refused("malformed")
        return bytes(self.offset) + length.to_bytes(self.width, self.order) + message


class VarintPrefixed(Framing):
    def __init__(self, max=MEBIBYTE):
        self.max = max
        self.valid = max >= 1

    def next_message(self, stream, start):
        digits = []
        for byte in stream[start:start + 10]:
            digits.append(byte % 128)
            if byte < 128:
                break
        else:
            raise Refused("malformed" if len(digits) == 10 else "truncated")
        length = sum(digit << 7 * i for i, digit in enumerate(digits))
        if length > LARGEST_NUMBER or bytes(stream[start:start + len(digits)]) != self.number(length):
            raise Refused("malformed")
        if length > self.max:
            raise Refused("message_too_large")
        body = start + len(digits)
        if body + length > len(stream):
            raise Refused("truncated")
        return stream[body:body + length], body + length

    @staticmethod
    def number(value):
        digits = []
        while True:
            value, digit = divmod(value, 128)
            digits.append(digit + (128 if value else 0))
            if not value:
                return bytes(digits)

    def encode(self, message):
        if len(message) > self.max:
            raise Refused("message_too_large")
        return self.number(len(message)) + message


class Delimited(Framing):
    def __init__(self, delimiters, keep=False, unterminated=False, max=MEBIBYTE):
        self.delimiters = delimiters
        self.keep = keep
        self.unterminated = unterminated
        self.max = max
        self.valid = bool(delimiters) and all(delimiters) and len(set(delimiters)) == len(delimiters)
        # A delimiter is of use only if a stream that consists of it alone is ended by all of it.
        self.valid = self.valid and all(self.first_end(d, 0)[0] == len(d) for d in delimiters)
        self.valid = self.valid and max >= (self.longest() if keep else 1)

    def longest(self):
        return max(map(len, self.delimiters))

    def first_end(self, stream, start):
        """Where the first delimiter is complete and how long the longest is that ends there."""
        for end in range(start + 1, len(stream) + 1):
            sizes = [len(d) for d in self.delimiters if stream[start:end].endswith(d)]
            if sizes:
                return end, max(sizes)
        return None, 0

    def next_message(self, stream, start):
        end, size = self.first_end(stream, start)
        if end is None:
            rest = stream[start:]
            if len(rest) >= self.max + (0 if self.keep else self.longest()):
                raise Refused("message_too_large")
            if not self.unterminated:
                raise Refused("truncated")
            if len(rest) > self.max:
                raise Refused("message_too_large")
            return rest, len(stream)
        message = stream[start:end if self.keep else end - size]
        if len(message) > self.max:
            raise Refused("message_too_large")
        return message, end

    def encode(self, message):
        if len(message) > self.max:
            raise Refused("message_too_large")
        frame = message if self.keep else message + self.delimiters[0]
        end, size = self.first_end(frame, 0)
        if end != len(frame) or frame[:end if self.keep else end - size] != message:
            raise Refused("malformed")
        return frame


class Line(Delimited):
    def __init__(self, unterminated=False, max=16 * 1024):
        super().__init__([b"\n", b"\r\n"], unterminated=unterminated, max=max)


class FixedSize(Framing):
    def __init__(self, size):
        self.size = size
        self.valid = size >= 1

    def next_message(self, stream, start):
        if start + self.size > len(stream):
            raise Refused("truncated")
        return stream[start:start + self.size], start + self.size

    def encode(self, message):
        if len(message) != self.size:
            raise Refused("malformed")
        return message


class Raw:
    """Where messages are divided means nothing, so the whole stream is one."""

    def __init__(self, max=MEBIBYTE):
        self.max = max
        self.valid = max >= 1

    def decode(self, stream):
        return [stream] if stream else [], None, len(stream)

    def encode(self, message):
        if len(message) > self.max:
            raise Refused("message_too_large")
        return message
