"""Text to ids in the graph, one encoder each."""
