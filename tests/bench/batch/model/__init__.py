"""The model whose rows are predicted: its folder, as a user would write it."""
