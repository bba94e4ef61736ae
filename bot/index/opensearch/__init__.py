"""An index on OpenSearch that several bots share."""
