//! Quotes and parentheses of a line, character by character.
//!
//! Owns: [`Scan`]. Does not own: what is cut where (`line`, `loops`).

/// Where one is inside a line.
#[derive(Default)]
pub(super) struct Scan {
    single: bool,
    double: bool,
    depth: usize,
}

impl Scan {
    /// Goes over a character; whether it stands outside of quotes and parentheses.
    pub(super) fn step(&mut self, character: char, escaped: bool) -> bool {
        match character {
            _ if escaped && !self.single => false,
            '\'' if !self.double => {
                self.single = !self.single;
                false
            }
            '"' if !self.single => {
                self.double = !self.double;
                false
            }
            '(' if !self.single => {
                self.depth += 1;
                false
            }
            ')' if !self.single => {
                self.depth = self.depth.saturating_sub(1);
                false
            }
            _ => !self.single && !self.double && self.depth == 0,
        }
    }
}
