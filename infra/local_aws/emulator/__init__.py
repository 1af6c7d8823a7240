"""
MiniStack with some of its answers corrected to be AWS's. `python -m infra.local_aws.emulator` runs
inside MiniStack's own environment, so this imports MiniStack and the standard library only.

Each fix is one function, whose docstring says what AWS does. A fix replaces functions of the
running process and edits no file. The emulator refuses to start on any version but the one that the
fixes were written for, and on a function that is not there: a fix that quietly did nothing would
let tests pass that prove nothing.
"""
