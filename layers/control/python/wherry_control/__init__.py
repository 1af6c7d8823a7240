"""The control plane: targets, releases, rollouts, deployments. Never in the served image."""
