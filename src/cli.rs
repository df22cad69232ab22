//! The command line: trace, get, lint, link. Native only.
