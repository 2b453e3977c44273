"""What each fact does to the floor. Compiled; `apply` is the only way in."""
