"""Log lines as functions and Lambda write them, and deliveries of them."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
GROUP, STREAM = "/aws/lambda/wherry-dev-iris", "2026/11/26/[7]abcdef"
REQUEST = "11111111-2222-3333-4444-555555555555"


def prediction(**told: Any) -> str:
    """A line of `wherry.evidence`; give only what the test is about."""
    line = {
        "message": "prediction", "model": "iris", "release": "7", "status": 200, "Rows": 1,
        "Slow": 0, "Latency": 3.5, "prediction_id": "0" * 32, "timestamp": NOON.isoformat(),
    }  # fmt: skip
    return json.dumps({**line, **told})


def report(status: str = "", request: str = REQUEST) -> str:
    """The platform's last line of a request, in the text format."""
    told = f"REPORT RequestId: {request}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t"
    told += "Memory Size: 128 MB\tMax Memory Used: 128 MB"
    return f"{told}\t{status}\n" if status else told


def delivery(
    *lines: str | tuple[int, str], group: str = GROUP, stream: str = STREAM,
    filters: tuple[str, ...] = ("evidence",), kind: str = "DATA_MESSAGE",
) -> dict[str, Any]:  # fmt: skip
    """The event of a subscriber; a line may have its second after noon before it."""
    timed = [each if isinstance(each, tuple) else (0, each) for each in lines]
    told = {
        "messageType": kind,
        "owner": "123456789012",
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": filters,
        "logEvents": [
            {"id": f"{number:056}", "timestamp": _milliseconds(second), "message": line}
            for number, (second, line) in enumerate(timed)
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(told).encode()))
    return {"awslogs": {"data": data.decode()}}


def _milliseconds(second: int) -> int:
    return int((NOON + timedelta(seconds=second)).timestamp() * 1000)
