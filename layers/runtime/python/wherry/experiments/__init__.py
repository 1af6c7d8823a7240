"""Experiments in one release: who is in which arm, and which artifact answers them."""
