"""The pages, and what keeps them true: `docs/build.py` is the one entry."""
