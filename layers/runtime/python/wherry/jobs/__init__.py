"""
Jobs: answers that take longer, or are larger, than one request may be.

A job is taken by the app (202), done by a worker, kept for a while, and its owner's alone.
"""
