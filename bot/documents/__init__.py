"""Reads a folder of files into documents, and documents into passages."""
