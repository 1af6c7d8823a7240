"""
Wherry's data plane: what serves a prediction.

Copied into the inference image, so it knows ONNX Runtime, and nothing of training, the CDK, boto3
or terminals.
"""

__version__ = "0.1.0"
