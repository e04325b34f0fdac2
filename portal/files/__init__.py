"""Files that patients send: looked at whole, then kept behind the Files door under random names (S-56, C-03)."""
