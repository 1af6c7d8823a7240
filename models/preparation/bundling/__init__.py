"""
Bundles: a published artifact as a folder that answers without AWS and without Wherry.

`edge` is for a machine with Python, `web` for a browser. Both hold the artifact's own bytes and pin
them; both are made of the artifact alone, so the same artifact makes the same bundle, to the byte.
Nothing here asks a store: the artifact is handed in, verified.
"""
