"""
What is measured in an interpreter of its own. Each takes a file of what to do, and writes one JSON
document to stderr: its stdout is the handler's, which logs there.
"""
