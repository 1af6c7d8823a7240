"""Queues, seen from one machine: what is in them, and a worker of one's own."""
