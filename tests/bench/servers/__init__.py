"""
The servers that `wherry serve` is measured against: each serves iris in its own idiom.

They run in environments of their own, where nothing of Wherry can be imported. Each is told the
model's file and the port by its command line, and answers one row of four numbers.
"""
