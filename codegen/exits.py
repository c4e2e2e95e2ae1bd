"""The exit codes of ``python -m codegen``: 0 fine, 1 findings, 2 the tool could not do its work."""

FINE, FINDINGS, FAILED = 0, 1, 2
