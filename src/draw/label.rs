//! How wide a text is, and where there is room for it.

/// The width of a text in the page's sans or mono font, a little on the safe side.
///
/// Nobody measures: the same picture is drawn where there is no font. The classes are those of
/// common system fonts (Segoe UI, SF, Roboto, Inter), the widest of each.
pub fn text_width(text: &str, size: f64, mono: bool) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|character| match character {
            c if is_wide(c) => 1.0,
            _ if mono => 0.61,
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | 'I' | '·' => 0.29,
            'f' | 't' | 'r' | ' ' | '(' | ')' | '/' | '-' | '[' | ']' => 0.38,
            'm' | 'w' | 'M' | 'W' | '@' | '%' | '→' | '↻' | '…' | '×' => 0.92,
            c if c.is_ascii_uppercase() => 0.69,
            _ => 0.6,
        })
        .sum();
    ems * size
}

/// CJK and full-width characters.
fn is_wide(character: char) -> bool {
    matches!(
        u32::from(character),
        0x1100..=0x115f
            | 0x2e80..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1faff
            | 0x20000..=0x3fffd
    )
}

/// A text cut in its middle to a width: `web-7b8c…zc9nb`. Names differ most at their ends.
pub(super) fn cut_middle(text: &str, size: f64, room: f64) -> String {
    if text_width(text, size, false) <= room {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let mut kept = characters.len().saturating_sub(1);
    while kept > 2 {
        let tail = kept.div_ceil(2);
        let head = kept - tail;
        let cut: String = characters[..head]
            .iter()
            .chain(&['…'])
            .chain(&characters[characters.len() - tail..])
            .collect();
        if text_width(&cut, size, false) <= room {
            return cut;
        }
        kept -= 1;
    }
    characters.iter().take(1).chain(&['…']).collect()
}

/// Where something stands already on a line.
#[derive(Debug, Default)]
pub(super) struct Taken(Vec<(f64, f64)>);

impl Taken {
    /// Takes a stretch.
    pub fn take(&mut self, from: f64, to: f64) {
        self.0.push((from, to));
    }

    /// Whether nothing stands there.
    pub fn is_free(&self, from: f64, to: f64) -> bool {
        self.0.iter().all(|(a, b)| to <= *a || from >= *b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(cut_middle("nginx", 13.0, 90.0), "nginx");
        let cut = cut_middle("web-7b8c99f6c7-zc9nb", 13.0, 90.0);
        assert!(cut.starts_with("web") && cut.ends_with("9nb") && cut.contains('…'), "{cut}");
        assert!(text_width(&cut, 13.0, false) <= 90.0);
        assert_eq!(cut_middle("中文名字", 13.0, 1.0), "中…");
    }

    #[test]
    fn chinese_is_as_wide_as_it_is_high() {
        assert!((text_width("退避", 10.0, false) - 20.0).abs() < 1e-9);
        assert!((text_width("退避", 10.0, true) - 20.0).abs() < 1e-9);
    }
}
