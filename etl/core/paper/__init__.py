"""紙: what stands on the sheets and lists that people read. Who draws them is ``edge.paper`` and ``edge.pdf``."""
