"""Files that nobody has vouched for: checked before anything reads them, opened only in a child."""
