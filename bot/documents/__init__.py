"""A folder of files becomes documents, and documents become passages."""
