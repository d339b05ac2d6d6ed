"""Visitors of a chat who connect again by themselves, number what they say, and note what they hear."""

import asyncio
import contextlib
import itertools
import time

from .programs import PATIENCE

GAP = ("may be missing", "from other servers")


async def until(condition, what, limit=4 * PATIENCE):
    """Fails with `what`, or with what it gives, at the limit."""
    give_up = time.monotonic() + limit
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(what() if callable(what) else what)
        await asyncio.sleep(0.02)


class Visit(asyncio.Protocol):
    """One connection. It says `KEY 1`, `KEY 2`, … and hears those of others in the same form."""

    def __init__(self, key):
        self.key = key
        self.is_open = False
        self.ended = asyncio.get_running_loop().create_future()
        self.said = 0
        self.last = {}  # the number heard last, by key
        self.missing = []  # (key, first, last), where a number was heard that was not the next
        self.twice = []
        self.heard = 0
        self.gaps = 0  # notices that lines may be missing
        self.complaints = []  # other notices that a crowd should not cause
        self._rest = b""
        self._transport = None

    def say(self):
        self.said += 1
        self._transport.write(f"{self.key} {self.said}\n".encode())

    def leave(self):
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport):
        self._transport = transport

    def connection_lost(self, _):
        self.is_open = False
        if not self.ended.done():
            self.ended.set_result(None)

    def data_received(self, data):
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"* "):
                self._take_notice(line[2:].decode())
            else:
                key, _, number = line.partition(b": ")[2].decode().partition(" ")
                self._take_line(key, int(number))

    def _take_notice(self, notice):
        if notice.startswith("welcome"):
            self.is_open = True
        elif any(part in notice for part in GAP):
            self.gaps += 1
        elif not notice.endswith((" joined lobby", " left")):
            self.complaints.append(notice)

    def _take_line(self, key, number):
        self.heard += 1
        before = self.last.get(key)
        if before is not None and number <= before:
            self.twice.append((key, number))
            return
        if before is not None and number != before + 1:
            self.missing.append((key, before + 1, number - 1))
        self.last[key] = number


class Crowd:
    """Visitors of one room, over whichever connection they have."""

    def __init__(self, port, size):
        self._port = port
        self._visits = [[] for _ in range(size)]
        self._tasks = []
        self._speaking = None
        self._excused = {}  # key: (first, last), numbers that may be missing

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(self._stay(number)) for number in range(len(self._visits))]
        return self

    async def __aexit__(self, *_):
        self.be_quiet()
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for each in self.all_visits():
            each.leave()

    def all_visits(self):
        return list(itertools.chain.from_iterable(self._visits))

    def open_visits(self):
        return [each[-1] for each in self._visits if each and each[-1].is_open]

    def is_complete(self):
        return len(self.open_visits()) == len(self._visits)

    def speak(self, lines_a_second, speakers=None):
        """The first so many say a line in turn, from now on."""
        self.be_quiet()
        self._speaking = asyncio.create_task(self._speak(1 / lines_a_second, speakers or len(self._visits)))

    def be_quiet(self):
        if self._speaking:
            self._speaking.cancel()
            self._speaking = None

    def all_know_all(self):
        """Whether each has heard each of those that are there now."""
        there = self.open_visits()
        keys = {each.key for each in there}
        return self.is_complete() and all(keys <= each.last.keys() for each in there)

    def all_heard(self, numbers):
        """Whether each has heard that number of each key, or a later one."""
        return self.is_complete() and all(each.last.get(key, 0) >= number for each in self.open_visits()
                                          for key, number in numbers.items())

    async def settle(self):
        """All say one more line; until each has heard those of all."""
        self.be_quiet()
        for each in self.open_visits():
            each.say()
        numbers = {each.key: each.said for each in self.open_visits()}
        await until(lambda: self.all_heard(numbers), self.describe)

    def excuse(self, first):
        """What was said after these numbers, by key, and before now may be missing."""
        for each in self.open_visits():
            self._excused[each.key] = (first[each.key] + 1, each.said)

    def unexcused(self):
        """(hearer, key, first, last): numbers in between that were not heard."""
        for visit in self.all_visits():
            for key, first, last in visit.missing:
                excused = self._excused.get(key, (1, 0))
                if first < excused[0] or last > excused[1]:
                    yield visit.key, key, first, last

    def untold(self):
        """(hearer, key, number): the last lines of those who left, which they heard themselves and another one did not."""
        own = {each.key: each.last.get(each.key, 0) for each in self.all_visits()}
        for visit in self.open_visits():
            for key, number in visit.last.items():
                if number < own[key]:
                    yield visit.key, key, own[key]

    def twice(self):
        return [(visit.key, *each) for visit in self.all_visits() for each in visit.twice]

    def complaints(self):
        return [each for visit in self.all_visits() for each in visit.complaints]

    def describe(self):
        there = self.open_visits()
        return (f"{len(there)} of {len(self._visits)} are there; said {sum(each.said for each in self.all_visits())}, "
                f"heard {sum(each.heard for each in self.all_visits())}, complaints {self.complaints()[:5]}")

    async def _stay(self, number):
        while True:
            visit = Visit(f"v{number}.{len(self._visits[number]) + 1}")
            with contextlib.suppress(OSError):
                await asyncio.get_running_loop().create_connection(lambda visit=visit: visit, "127.0.0.1", self._port)
                self._visits[number].append(visit)
                await visit.ended
            await asyncio.sleep(0.05)

    async def _speak(self, pause, speakers):
        begin, spoken = time.monotonic(), 0
        while True:
            for visits in self._visits[:speakers]:
                if visits and visits[-1].is_open:
                    visits[-1].say()
                spoken += 1
                await asyncio.sleep(max(0, begin + spoken * pause - time.monotonic()))
