"""What the business wants, and what it hears when it cannot have it."""
