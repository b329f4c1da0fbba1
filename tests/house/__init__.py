"""The habits of the house, checked: migrations, texts, diagrams, images."""
