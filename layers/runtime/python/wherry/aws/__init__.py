"""
What the data plane asks of AWS beside artifacts: queues, tables, which release is live.

The only modules of the data plane that import boto3, and each function imports the one that it
needs. The path of a prediction imports none of them.
"""
