"""What a store holds: one version looked at, two compared, all of one checked, or fetched."""
