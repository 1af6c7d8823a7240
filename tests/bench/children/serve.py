"""
`wherry serve` of the release that the environment describes, without a checkout to find it in.

`python -m tests.bench.children.serve PORT auto|off`
"""

import os
import sys

from wherry_control.serve import Extras, serve

if __name__ == "__main__":
    serve(
        os.environ,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        ready=lambda _: None,
        extras=Extras(batching=sys.argv[2] == "auto"),
    )
