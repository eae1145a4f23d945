"""The tests, in rooms like the product's."""
