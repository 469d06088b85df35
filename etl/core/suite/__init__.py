"""検証: acceptance as checks, verdicts and findings. Only ``edge.suites`` knows the tool that runs them."""
