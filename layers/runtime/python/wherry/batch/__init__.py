"""
Batch prediction: whole data sets through the one core, part by part, each written once.

It refuses to schedule, retry or share out work: AWS Step Functions does that, or a process pool.
"""
