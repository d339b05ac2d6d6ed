"""A client or a server of the library websockets.

client URL [deflate]  sends messages of many sizes, a ping and a close, and prints what came of it as JSON; deflate: it offers
             compression
stay URL     prints "open", and "closed CODE" when the server ends the connection
server       prints its URL, and answers each message until it is killed
server-of-one-answer  the same for the first message of each connection
"""

import asyncio
import json
import sys

import websockets


async def client(url, compression=None):
    async with websockets.connect(url, subprotocols=["a", "b"], max_size=None, compression=compression) as peer:
        same = True
        for size in (0, 1, 125, 126, 65535, 65536, 1_000_000):
            message = bytes(i % 251 for i in range(size))
            await peer.send(message)
            same = same and await peer.recv() == message
            await peer.send([message[:size // 3], message[size // 3:]])  # two fragments
            same = same and await peer.recv() == message
        await peer.send("text äöü")
        same = same and await peer.recv() == "text äöü".encode()
        await asyncio.wait_for(await peer.ping(), 20)
        agreed = {"subprotocol": peer.subprotocol, "extensions": [each.name for each in peer.extensions]}
    print(json.dumps({**agreed, "same": same, "pong": True, "closed": peer.close_code}))


async def stay(url):
    async with websockets.connect(url) as peer:
        print("open", flush=True)
        await peer.wait_closed()
        print("closed", peer.close_code)


async def answer(peer):
    async for message in peer:
        await peer.send("you said " + message)


async def answer_once(peer):
    await peer.send("you said " + await peer.recv())
    await peer.wait_closed()


async def server(handler=answer):
    async with websockets.serve(handler, "127.0.0.1", 0) as serving:
        print("ws://127.0.0.1:%d/" % serving.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


WORK = {"client": client, "stay": stay, "server": server, "server-of-one-answer": lambda: server(answer_once)}
asyncio.run(WORK[sys.argv[1]](*sys.argv[2:]))
