"""Batch prediction, measured: `make bench ARGS="batch"` fills docs/batch-performance.md."""
