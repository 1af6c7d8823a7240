"""
What a run costs on AWS, about: from the seconds that its workers were busy.

Storage and its requests are not in it, nor is the free tier, nor what was tried again.
"""

from wherry.prices import GB_SECOND, INVOCATION, TRANSITION

MB_OF_GB = 1024
STATES_OF_PARTITION = 2  # its own execution, and the step in it
STATES_OF_RUN = 5


def cost(busy_seconds: float, partitions: int, memory_mb: int) -> float:
    """Dollars."""
    seconds = busy_seconds * memory_mb / MB_OF_GB * GB_SECOND
    calls = (partitions + 2) * INVOCATION  # and one to plan, and one to finish
    return seconds + calls + (partitions * STATES_OF_PARTITION + STATES_OF_RUN) * TRANSITION
