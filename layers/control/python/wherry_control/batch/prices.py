"""
What a run costs on AWS, about: from the seconds that its workers were busy.

Prices are those of us-east-1 for x86_64, as AWS listed them on 2026-11-26; a region may differ by a
fifth. Storage and its requests are not in it, nor is the free tier, nor what was tried again.
https://aws.amazon.com/lambda/pricing/ · https://aws.amazon.com/step-functions/pricing/
"""

GB_SECOND = 0.0000166667  # dollars; of Lambda on x86_64
INVOCATION = 0.20 / 1_000_000
TRANSITION = 0.025 / 1000  # of Step Functions' standard workflows

MB_OF_GB = 1024
STATES_OF_PARTITION = 2  # its own execution, and the step in it
STATES_OF_RUN = 5


def cost(busy_seconds: float, partitions: int, memory_mb: int) -> float:
    """Dollars."""
    seconds = busy_seconds * memory_mb / MB_OF_GB * GB_SECOND
    calls = (partitions + 2) * INVOCATION  # and one to plan, and one to finish
    return seconds + calls + (partitions * STATES_OF_PARTITION + STATES_OF_RUN) * TRANSITION
