"""
The Open Inference Protocol V2: bytes to tensors, and back.

Knows the protocol and the manifest, and neither HTTP nor ONNX Runtime, so that a queue, a batch and
a gRPC front read and write the same messages. Here tensors travel as JSON.
"""
