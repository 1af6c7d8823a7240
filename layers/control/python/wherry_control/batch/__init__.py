"""
Batch runs as people ask for them: on this machine by a process pool, on AWS by a state machine.

Both do the very partitions that `wherry.batch` plans, and leave the same folder behind: receipts
say what is done, so that a run which was stopped at any point goes on where it was.
"""
