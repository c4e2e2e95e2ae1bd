"""What is added by hand to the facts: overrides, read strictly, merged into a Schema, and counted."""
