"""The only door for HTTP: pages, forms and the machinery under them."""
