"""Pre- and post-processing, declared in model.toml and folded into the model's own graph."""
