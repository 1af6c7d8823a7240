"""
gRPC, for callers who have its clients: the Open Inference Protocol's service in front of the HTTP
one.

API Gateway carries no gRPC to Lambda. So a call becomes the HTTP request that a V2 client would
send, with binary tensors, and its reply becomes the call's answer: there is one truth about limits,
checks, errors and evidence, and it is the app's. `wherry serve --grpc` asks the app in its own
process, `wherry grpc-proxy` a deployed one. No function imports this.
"""
