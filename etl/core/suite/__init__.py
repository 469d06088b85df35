"""検証: what is acceptable, as checks, verdicts and findings. Which tool runs them is known to ``edge.suites``."""
