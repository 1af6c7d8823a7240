"""
A gRPC server on one port, without TLS: for this machine, or beside the caller as a sidecar.

Messages are bounded. The limit that has advice in its answer is the app's; this one, higher, keeps
memory.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from grpc import aio

from wherry.errors import ToolError
from wherry_control.grpc.front import Ask, handler

MESSAGE_BYTES = 16 * 1024 * 1024  # API Gateway takes 10 MB
GRACE = 5.0  # seconds for calls that are under way when it is stopped
OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),  # else two servers share a port, and neither knows
)


@asynccontextmanager
async def answering(ask: Ask, host: str, port: int) -> AsyncIterator[str]:
    """Answer calls until the context ends; yield the address."""
    server = aio.server(options=OPTIONS)
    server.add_generic_rpc_handlers((handler(ask),))
    shown = f"[{host}]" if ":" in host else host
    try:
        bound = server.add_insecure_port(f"{shown}:{port}")
    except RuntimeError as error:
        raise ToolError(
            f"{host}:{port}",
            "cannot listen there",
            "Choose another port or host.",
        ) from error
    await server.start()
    try:
        yield f"{shown}:{bound}"
    finally:
        await server.stop(GRACE)
