"""Models that MLflow keeps: its folders, read here as data, and its registry, by its own client."""
