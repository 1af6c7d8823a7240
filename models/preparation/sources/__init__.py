"""Where trained models come from: one module a kind of file or framework, one contract for all."""
