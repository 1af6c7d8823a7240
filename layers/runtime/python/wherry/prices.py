"""
List prices of AWS in dollars, for what is told about costs: us-east-1, x86_64, no free tier.

As public pages tell them; a region may differ by a fifth, and AWS changes them: whoever plans by
them looks them up.
https://aws.amazon.com/lambda/pricing/ · …/api-gateway/pricing/ · …/sqs/pricing/ ·
…/dynamodb/pricing/on-demand/ · …/s3/pricing/ · …/step-functions/pricing/ · …/cloudwatch/pricing/
"""

LISTED_ON = "2026-11-26"

GB_SECOND = 0.0000166667  # of Lambda
INVOCATION = 0.20 / 1_000_000
TRANSITION = 0.025 / 1_000  # of Step Functions' standard workflows
REST_REQUEST = 3.50 / 1_000_000  # of API Gateway
QUEUE_REQUEST = 0.40 / 1_000_000  # of SQS; FIFO 0.50
TABLE_WRITE = 0.625 / 1_000_000  # of DynamoDB on demand, up to 1 KB
OBJECT_WRITE = 0.005 / 1_000  # of S3 standard
OBJECT_READ = 0.0004 / 1_000
LOG_GB = 0.50  # of CloudWatch Logs, taken in
