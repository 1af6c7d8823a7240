"""
Simulation: rollouts that never happened, to learn how often the judge is wrong, and how late.

The judge and the decision are the very ones that run on AWS; only traffic and the alias are made
up. It needs numpy, so nothing that runs in a small function imports it.
"""
