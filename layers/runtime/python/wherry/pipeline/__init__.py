"""Several models in one call: what a manifest says of them, and what runs them."""
