//! Links: the whole scenario, cursor and view in an address.
