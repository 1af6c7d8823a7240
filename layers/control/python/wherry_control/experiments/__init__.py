"""Experiments, as they are declared, drawn up and locked; what answers them is `wherry`'s."""
