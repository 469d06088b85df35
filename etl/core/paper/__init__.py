"""紙: the content of the sheets and lists that people read. ``edge.paper`` and ``edge.pdf`` draw them."""
