"""Bodies on their way through a REST API: which are handed on as the bytes that they are."""

from types import ModuleType

from infra.local_aws.emulator.wrapping import wrap


def take_untyped_bodies_for_json(apigateway_v1: ModuleType) -> None:
    """
    AWS takes a request that names no media type for application/json, which `*/*` matches as all
    others. MiniStack matches it with nothing, and spoils bytes that come without a type.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    says so of Content-Type; that it holds for Accept too is our inference.
    """
    wrap(
        apigateway_v1,
        "_media_type_matches",
        lambda original: lambda told, binary: original(told or "application/json", binary),
    )
