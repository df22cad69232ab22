//! What kubectl prints as of a moment, byte for byte.
