"""Shadows: a share of the requests also goes to a candidate, and its answers go to nobody."""
