"""What an artifact tells of itself beside its bytes: baselines for drift, the ML-BOM, the card."""
