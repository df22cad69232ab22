//! A writer of SVG text: numbers to the hundredth, every text escaped.

use std::fmt::{self, Write as _};

/// SVG text in the making.
#[derive(Debug, Default)]
pub(super) struct Svg {
    out: String,
}

/// Where a text is anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// An `<svg>` of this size; `label` makes it a picture for screen readers, without one it is
    /// hidden from them.
    pub fn new(class: &str, width: f64, height: f64, label: Option<&str>) -> Self {
        let mut svg = Self::default();
        svg.out.push_str("<svg class=\"");
        svg.out.push_str(class);
        svg.number("\" width=\"", width);
        svg.number("\" height=\"", height);
        svg.number("\" viewBox=\"0 0 ", width);
        svg.number(" ", height);
        match label {
            Some(label) => {
                svg.out.push_str("\" role=\"img\" aria-label=\"");
                escape(&mut svg.out, label);
            }
            None => svg.out.push_str("\" aria-hidden=\"true"),
        }
        svg.out.push_str("\">");
        svg
    }

    /// An `<svg>` that stretches to its box.
    pub fn stretched(class: &str, width: f64, height: f64) -> Self {
        let mut svg = Self::new(class, width, height, None);
        svg.out.pop();
        svg.out.push_str(" preserveAspectRatio=\"none\">");
        svg
    }

    /// Ends the picture.
    pub fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }

    /// What was written into a drawing that is not ended.
    pub fn fragment(self) -> String {
        self.out
    }

    /// Adds what was drawn beside it.
    pub fn append(&mut self, other: Self) {
        self.out.push_str(&other.out);
    }

    /// The diagonal stripes of Terminating, under this id.
    pub fn stripes(&mut self, id: &str, size: f64) {
        self.out.push_str("<defs><pattern id=\"");
        self.out.push_str(id);
        self.number("\" width=\"", size);
        self.number("\" height=\"", size);
        self.out.push_str("\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">");
        self.number("<rect class=\"tl-st1\" width=\"", size);
        self.number("\" height=\"", size);
        self.number("\"/><rect class=\"tl-st2\" width=\"", size * 0.37);
        self.number("\" height=\"", size);
        self.out.push_str("\"/></pattern></defs>");
    }

    /// The thin diagonal hatching of what the API does not show yet, under this id.
    pub fn hatching(&mut self, id: &str) {
        self.out.push_str("<defs><pattern id=\"");
        self.out.push_str(id);
        self.out.push_str(
            "\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect class=\"tl-hatch\" width=\"1.1\" height=\"5\"/>\
             </pattern></defs>",
        );
    }

    /// The red hatching of what was lost, under this id.
    pub fn loss(&mut self, id: &str) {
        self.out.push_str("<defs><pattern id=\"");
        self.out.push_str(id);
        self.out.push_str(
            "\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(-45)\"><rect class=\"tm-loss\" width=\"2.2\" height=\"7\"/>\
             </pattern></defs>",
        );
    }

    /// A rectangle.
    pub fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4], radius: f64, title: &str) {
        self.begin("rect", class);
        self.number("\" x=\"", x);
        self.number("\" y=\"", y);
        self.number("\" width=\"", width.max(0.0));
        self.number("\" height=\"", height);
        if radius > 0.0 {
            self.number("\" rx=\"", radius);
        }
        self.end("rect", title);
    }

    /// A rectangle filled with a pattern.
    pub fn patterned(
        &mut self,
        class: &str,
        [x, y, w, h]: [f64; 4],
        radius: f64,
        id: &str,
        title: &str,
    ) {
        self.begin("rect", class);
        self.out.push_str("\" fill=\"url(#");
        self.out.push_str(id);
        self.out.push(')');
        self.number("\" x=\"", x);
        self.number("\" y=\"", y);
        self.number("\" width=\"", w.max(0.0));
        self.number("\" height=\"", h);
        self.number("\" rx=\"", radius);
        self.end("rect", title);
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, [x1, y1, x2, y2]: [f64; 4]) {
        self.begin("line", class);
        self.number("\" x1=\"", x1);
        self.number("\" y1=\"", y1);
        self.number("\" x2=\"", x2);
        self.number("\" y2=\"", y2);
        self.end("line", "");
    }

    /// A circle.
    pub fn circle(&mut self, class: &str, x: f64, y: f64, radius: f64, title: &str) {
        self.begin("circle", class);
        self.number("\" cx=\"", x);
        self.number("\" cy=\"", y);
        self.number("\" r=\"", radius);
        self.end("circle", title);
    }

    /// A path: letters and numbers, as in `M 0 0 L 5 5`.
    pub fn path(&mut self, class: &str, path: &Path, title: &str) {
        self.begin("path", class);
        self.out.push_str("\" d=\"");
        self.out.push_str(&path.0);
        self.end("path", title);
    }

    /// A line of text.
    pub fn text(&mut self, class: &str, x: f64, y: f64, anchor: Anchor, text: &str, title: &str) {
        self.begin("text", class);
        self.number("\" x=\"", x);
        self.number("\" y=\"", y);
        match anchor {
            Anchor::Start => {}
            Anchor::Middle => self.out.push_str("\" text-anchor=\"middle"),
            Anchor::End => self.out.push_str("\" text-anchor=\"end"),
        }
        self.out.push_str("\">");
        self.title(title);
        escape(&mut self.out, text);
        self.out.push_str("</text>");
    }

    fn begin(&mut self, tag: &str, class: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push_str(" class=\"");
        self.out.push_str(class);
    }

    fn end(&mut self, tag: &str, title: &str) {
        if title.is_empty() {
            self.out.push_str("\"/>");
            return;
        }
        self.out.push_str("\">");
        self.title(title);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    fn title(&mut self, title: &str) {
        if !title.is_empty() {
            self.out.push_str("<title>");
            escape(&mut self.out, title);
            self.out.push_str("</title>");
        }
    }

    fn number(&mut self, before: &str, number: f64) {
        self.out.push_str(before);
        push_number(&mut self.out, number);
    }
}

/// The data of a path.
#[derive(Clone, Debug, Default)]
pub(super) struct Path(String);

impl Path {
    /// Moves the pen.
    pub fn to(mut self, x: f64, y: f64) -> Self {
        self.step('M', &[x, y]);
        self
    }

    /// Draws a line.
    pub fn line(mut self, x: f64, y: f64) -> Self {
        self.step('L', &[x, y]);
        self
    }

    /// Closes the figure.
    pub fn close(mut self) -> Self {
        self.0.push('Z');
        self
    }

    /// Adds a line in place.
    pub fn push_line(&mut self, x: f64, y: f64) {
        self.step('L', &[x, y]);
    }

    fn step(&mut self, letter: char, numbers: &[f64]) {
        self.0.push(letter);
        for (index, number) in numbers.iter().enumerate() {
            if index > 0 {
                self.0.push(' ');
            }
            push_number(&mut self.0, *number);
        }
    }
}

/// A length to the hundredth, without zeros at the end. The standard library's own way to print so
/// many decimals is five kilobytes.
#[derive(Clone, Copy, Debug)]
pub struct Short(pub f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0 * 100.0).round() as i64;
        if hundredths < 0 {
            f.write_char('-')?;
        }
        let (whole, part) = (hundredths.abs() / 100, hundredths.abs() % 100);
        match part {
            0 => write!(f, "{whole}"),
            part if part % 10 == 0 => write!(f, "{whole}.{}", part / 10),
            part => write!(f, "{whole}.{part:02}"),
        }
    }
}

fn push_number(out: &mut String, number: f64) {
    // Writing into a string cannot fail.
    let _ = write!(out, "{}", Short(number));
}

/// Text as it may stand in an element or a quoted attribute; control characters become spaces.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(if c == '\n' { '\n' } else { ' ' }),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        let mut svg = Svg::new("tl", 10.0, 5.0, Some("a\"b"));
        svg.text("x", 1.0, -0.5, Anchor::End, "<script>'\u{7}", "&");
        assert_eq!(
            svg.finish(),
            "<svg class=\"tl\" width=\"10\" height=\"5\" viewBox=\"0 0 10 5\" role=\"img\" \
             aria-label=\"a&quot;b\"><text class=\"x\" x=\"1\" y=\"-0.5\" text-anchor=\"end\">\
             <title>&amp;</title>&lt;script&gt;&#39; </text></svg>"
        );
    }

    #[test]
    fn numbers_are_short() {
        let mut out = String::new();
        for number in [1.0, 1.5, 1.05, 1.004, -0.25, 1234.567] {
            push_number(&mut out, number);
            out.push(' ');
        }
        assert_eq!(out, "1 1.5 1.05 1 -0.25 1234.57 ");
    }
}
