"""Engines find passages that share terms with a query. Each file is the home of one of them."""
