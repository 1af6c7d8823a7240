"""Slices: a model cut into parts that run one after another, each small enough for a function."""
