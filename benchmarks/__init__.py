"""The project's speed claims, measured: ratios of things that ran side by side in one run."""
