"""The console: a page on this machine's loopback that shows rollouts, and acts on them if told."""
