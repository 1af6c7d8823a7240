"""Containers under docker reach the emulator by the relay."""

import asyncio
import socket

from infra.local_aws.relay import serve


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def echo(inward: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    back.write((await inward.readline()).upper())
    await back.drain()
    back.close()


async def say(port: int, text: bytes) -> bytes:
    inward, forth = await asyncio.open_connection("127.0.0.1", port)
    forth.write(text)
    answer = await inward.read()
    forth.close()
    await forth.wait_closed()
    return answer


def test_it_carries_words_both_ways() -> None:
    async def story() -> bytes:
        entry = free_port()
        emulator = await asyncio.start_server(echo, "127.0.0.1", 0)
        behind = emulator.sockets[0].getsockname()[:2]
        async with emulator, await serve("127.0.0.1", entry, behind):
            return await say(entry, b"hello\n")

    assert asyncio.run(story()) == b"HELLO\n"


def test_it_hangs_up_when_nobody_is_behind() -> None:
    async def story() -> bytes:
        entry, nobody = free_port(), free_port()
        async with await serve("127.0.0.1", entry, ("127.0.0.1", nobody)):
            return await say(entry, b"hello\n")

    assert asyncio.run(story()) == b""
