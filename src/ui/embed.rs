//! The page inside another page: a title, play, the picture and a way out.
//!
//! Owns: that frame. Does not own: the picture.
