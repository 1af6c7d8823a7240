"""Composites: models that are made of other, prepared models, and learn nothing themselves."""
