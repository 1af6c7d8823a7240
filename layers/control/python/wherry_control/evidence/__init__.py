"""Evidence: what releases did, minute by minute, as counts that add exactly."""
