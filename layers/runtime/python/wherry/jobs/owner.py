"""
Whose a job is: the caller whom the front has verified, kept only as a hash.

Behind API Gateway that is a key's id or an IAM principal, and nothing that a caller can say. A
front that verifies nobody passes a key on as a header at best; who has it is the owner then. No
key, and no name, is ever written down.
"""

from hashlib import sha256

from wherry.http.wire import Request

KEY = "x-api-key"


def owner_of(request: Request) -> str:
    """A hash of who asks; all of whom nothing is known are one."""
    key = request.headers.get(KEY, "")
    if request.caller:
        told = f"caller {request.caller}"
    elif key:
        told = f"key {key}"
    else:
        told = "anybody"
    return sha256(f"wherry job owner: {told}".encode(errors="surrogatepass")).hexdigest()
