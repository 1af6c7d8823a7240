"""
The only door to ONNX Runtime: every module of Wherry that needs it imports it from here.

ONNX Runtime 1.29 and later write files under HOME and start a thread to report usage, unless told
not to before the import; a served model must do neither. So the switch is set here, whatever the
environment says, and a guard refuses any other import of `onnxruntime`.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
