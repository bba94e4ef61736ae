"""The index on OpenSearch, shared by several bots."""
