"""
Carry connections from docker's bridge to the emulator on loopback: `relay.py HOST PORT`.

Docker on Linux has no way from a container to the host's loopback (podman has). This listens on the
bridge's own address, which only this machine and its containers can reach, so that the emulator
itself need not listen anywhere but on loopback.
"""

import asyncio
import sys
from contextlib import suppress

CHUNK = 65536


async def serve(host: str, port: int, to: tuple[str, int]) -> asyncio.Server:
    """Listen on `host:port`, and join every connection to a new one to `to`."""

    async def join(inward: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            outward, forth = await asyncio.open_connection(*to)
        except OSError:
            back.close()
            return
        await asyncio.gather(_pump(inward, forth), _pump(outward, back))

    return await asyncio.start_server(join, host, port)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()
    with suppress(OSError, RuntimeError):
        sink.close()


async def _main(host: str, port: int) -> None:
    server = await serve(host, port, ("127.0.0.1", port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
