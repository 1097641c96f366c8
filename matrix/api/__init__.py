"""REST of the matrix: where segments stand, why, and how that was reckoned."""
