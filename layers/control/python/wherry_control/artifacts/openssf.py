"""
Export: a signature of a folder in the format of OpenSSF's model-signing, for whoever checks those.

That library brings sigstore and some thirty packages, so it runs in an environment of its own. A
passphrase goes there by the environment, since a command line is seen by everybody on the machine.
"""

import os
import subprocess
from pathlib import Path

from wherry.errors import ToolError, UsageError
from wherry_control.signing.keys import PASSPHRASE, read_key

SIGNATURE = "model.sig"
TOOL = "source-model-signing"
INSTALL = f"Run `make {TOOL}`."
SCRIPT = f"""
import os, sys
from model_signing import signing
folder, key = sys.argv[1:]
config = signing.Config().use_elliptic_key_signer(
    private_key=key, password=os.environ.get({PASSPHRASE!r}) or None
)
config.sign(folder, os.path.join(folder, {SIGNATURE!r}))
"""


class OpenSSF:
    """`tools` is the folder with the environments of tools; `key` is a private key's file."""

    def __init__(self, tools: Path, key: Path) -> None:
        self._python = tools / TOOL / "bin" / "python"
        self._key = key
        if str(key).startswith("awskms:"):
            raise UsageError(str(key), "model-signing takes a key file", "Name a file.")
        if not self._python.is_file():
            raise ToolError("model-signing", "it is not installed", INSTALL)
        read_key(key, os.environ)

    def __call__(self, folder: Path) -> None:
        """Write model.sig into the folder."""
        command = [str(self._python), "-c", SCRIPT, str(folder), str(self._key.absolute())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ToolError("model-signing", last, INSTALL)
