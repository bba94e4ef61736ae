"""What the documents did not answer, and what editors teach: a loop that generates nothing."""
