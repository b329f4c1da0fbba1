"""The second reader of linli."""
