"""Proving who one is, beyond being signed in: service «Электронный медицинский полис» (R-075…R-079, R-087)."""
