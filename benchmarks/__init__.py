"""What the project calls fast, measured: ratios of things that ran side by side in one run."""
