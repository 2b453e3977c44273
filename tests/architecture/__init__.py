"""What the source must look like: the ladder of imports, tidiness, the glossary."""
