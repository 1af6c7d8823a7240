"""Optimisation that proves itself: candidates are made, measured beside fp32, and judged."""
