"""What the document says of feedback: as strict as `wherry.http.feedback` is."""

from wherry.experiments.spec import METRIC
from wherry.http.feedback import GREATEST, MOST
from wherry.http.openapi.schema import JSON, Schema, array, content, exact, open_object

_OUTCOME: Schema = {
    **exact(
        {
            "prediction_id": {
                "type": "string",
                "pattern": "^[0-9a-f]{32}$",
                "description": "What `x-wherry-prediction-id` said.",
            },
            "metric": {"type": "string", "pattern": f"^{METRIC}$"},
            "value": {"type": "number", "minimum": -GREATEST, "maximum": GREATEST, "default": 1},
        }
    ),
    "required": ["prediction_id", "metric"],
}


def feedback_operation(refused: Schema) -> Schema:
    """`refused` are the answers to what is no feedback."""
    many = {**array(_OUTCOME), "minItems": 1, "maxItems": MOST}
    accepted = content(JSON, open_object({"accepted": {"type": "integer"}}))
    return {
        "description": "What became of predictions, by their ids: whether somebody clicked, what "
        "was bought, what turned out to be true. It may come late, and twice.",
        "requestBody": {"required": True, "content": content(JSON, {"anyOf": [_OUTCOME, many]})},
        "responses": {
            "202": {"description": "How many were taken.", "content": accepted},
            **refused,
        },
    }
