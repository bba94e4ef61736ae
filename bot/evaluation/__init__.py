"""How many questions of a set a corpus answers rightly."""
