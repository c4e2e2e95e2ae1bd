"""What people add to the facts: overrides, read strictly, merged into a Schema, and counted."""
