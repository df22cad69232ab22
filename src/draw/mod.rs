//! Views as SVG: one drawing for the page, for files and for tests.
//!
//! Owns: where and how large everything is, and the shapes of the marks. Does not own: colours
//! (`static/tokens.css` by way of the classes in `static/timeline.css`), what is drawn (`view`),
//! its words (`i18n`), or the browser (`ui`). Every text of a user is escaped here.

mod anatomy;
mod autoscaling;
mod glyph;
mod label;
mod lane;
mod layout;
mod nodes;
mod picture;
mod small;
mod svg;
mod termination;
mod timeline;

pub use anatomy::{Press, Pressable, anatomy};
pub use autoscaling::{autoscaling, autoscaling_layout};
pub use glyph::{Glyph, glyph, of_now, of_what};
pub use label::text_width;
pub use layout::Layout;
pub use nodes::nodes;
pub use picture::{Hand, Knob, Picture, Spot};
pub use small::{MINI_X, mini_lane, strip, thumbnail};
pub use svg::Short;
pub use termination::{Ending, termination};
pub use timeline::timeline;
