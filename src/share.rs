//! Links: the whole scenario, the cursor and the view in the fragment of an address.
//!
//! Owns: the parameters of the fragment and what is said of a damaged one. Does not own: packing
//! the text (`codec`), the address bar (`ui`), or the query, which holds presentation.
//!
//! ```text
//! g  gallery scenario @ revision        d  version digit + packed text (an edit of g, if given)
//! a  version digit + packed text that it is compared with, as an edit of the text itself
//! t  cursor in seconds                  v  view        f  focus       ro read only
//! x  first four hex digits of the digest that the author saw, and -release
//! ```
//! Links live for ever: parameters may be added, those above keep their meaning, unknown ones are
//! ignored. A link is untrusted input: reading one never panics and never makes more than
//! [`TEXT_LIMIT`] bytes of text.

mod codec;

use crate::gallery;
use crate::i18n::Lang;
use crate::time::Instant;

pub use codec::TEXT_LIMIT;

/// The payload version that is written.
const VERSION: char = '1';
/// Names in a link are cut here: no view or container has a longer one.
const NAME_LIMIT: usize = 300;

/// All that a link says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedState {
    /// The gallery scenario that it started from: id and revision.
    pub gallery: Option<(String, u32)>,
    /// The text; nothing when it is the gallery's, unchanged.
    pub text: Option<String>,
    /// The text that it is compared with.
    pub against: Option<String>,
    /// The cursor.
    pub cursor: Option<Instant>,
    /// The view that is open.
    pub view: Option<String>,
    /// The container, lane or question that is looked at.
    pub focus: Option<String>,
    /// The first 16 bits of the digest of the trace that the author saw.
    pub digest: Option<u16>,
    /// The release that the author used, `0.3.0`.
    pub release: Option<String>,
    /// The text cannot be edited.
    pub read_only: bool,
}

impl SharedState {
    /// The text that the link stands for: its own, or the gallery's.
    pub fn full_text(&self) -> Option<&str> {
        match (&self.text, &self.gallery) {
            (Some(text), _) => Some(text),
            (None, Some((id, revision))) => gallery::find(id, *revision),
            (None, None) => None,
        }
    }

    /// Whether the link holds nothing at all, as an address without a fragment does.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A character that no link has.
    NotBase64,
    /// The end is missing.
    Truncated,
    /// Something in it was changed.
    Corrupt,
    /// The text is longer than [`TEXT_LIMIT`].
    TooLarge,
    /// Written by a later Podarium.
    UnknownVersion,
    /// A gallery scenario, or a revision of one, that does not exist here.
    UnknownScenario(String),
}

impl Damage {
    /// Why the link cannot be read, as one sentence.
    pub fn explain(&self, lang: Lang) -> String {
        let words = match (self, lang) {
            (Self::NotBase64, Lang::En) => "It holds characters that no link has",
            (Self::NotBase64, Lang::Zh) => "里面有链接不会用到的字符",
            (Self::Truncated, Lang::En) => "Its end is missing",
            (Self::Truncated, Lang::Zh) => "结尾缺了一段",
            (Self::Corrupt, Lang::En) => "Something in it was changed on the way",
            (Self::Corrupt, Lang::Zh) => "内容在途中被改动过",
            (Self::TooLarge, Lang::En) => "Its text is longer than 1 MiB",
            (Self::TooLarge, Lang::Zh) => "里面的文本超过 1 MiB",
            (Self::UnknownVersion, Lang::En) => "It was made by a later version of Podarium",
            (Self::UnknownVersion, Lang::Zh) => "它来自更新版本的 Podarium",
            (Self::UnknownScenario(name), Lang::En) => {
                return format!("It builds on the scenario {name}, which does not exist here");
            }
            (Self::UnknownScenario(name), Lang::Zh) => {
                return format!("它基于场景 {name}，而这里没有这个场景");
            }
        };
        words.to_owned()
    }
}

/// A link that cannot be read as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedLink {
    /// What is wrong.
    pub damage: Damage,
    /// The text as far as it could be read; not to be trusted, and perhaps empty.
    pub readable: String,
    /// Everything else that the link says; its text is `None`.
    pub state: SharedState,
}

/// Writes the fragment of a link, without `#`.
///
/// A text longer than [`TEXT_LIMIT`] makes a link that [`decode`] refuses.
pub fn encode(state: &SharedState) -> String {
    let mut parts = Vec::new();
    let base = state.gallery.as_ref().and_then(|(id, revision)| {
        let base = gallery::find(id, *revision)?;
        parts.push(format!("g={}@{revision}", escape(id)));
        Some(base)
    });
    if let Some(text) = state.text.as_deref().filter(|text| base != Some(text)) {
        parts.push(format!("d={VERSION}{}", codec::pack(base.unwrap_or_default(), text)));
    }
    if let Some(against) = &state.against {
        let text = state.full_text().unwrap_or_default();
        parts.push(format!("a={VERSION}{}", codec::pack(text, against)));
    }
    if let Some(cursor) = state.cursor {
        parts.push(format!("t={}", seconds(cursor)));
    }
    for (name, value) in [("v", &state.view), ("f", &state.focus)] {
        if let Some(value) = value {
            parts.push(format!("{name}={}", escape(value)));
        }
    }
    if let Some(digest) = state.digest {
        let release = state.release.as_deref().map(escape);
        let release = release.map(|release| format!("-{release}")).unwrap_or_default();
        parts.push(format!("x={digest:04x}{release}"));
    }
    if state.read_only {
        parts.push("ro".to_owned());
    }
    parts.join("&")
}

/// Writes the fragment of a link to a text alone, without `#`.
pub fn encode_text(text: &str) -> String {
    encode(&SharedState { text: Some(text.to_owned()), ..SharedState::default() })
}

/// Reads the fragment of a link, with or without `#`.
pub fn decode(fragment: &str) -> Result<SharedState, Box<DamagedLink>> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let mut state = SharedState::default();
    let (mut payload, mut against) = (None, None);
    let mut damage = None;
    for part in fragment.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name {
            "g" => match scenario(&unescape(value)) {
                Ok(found) => state.gallery = Some(found),
                Err(name) => damage = Some(Damage::UnknownScenario(name)),
            },
            "d" => payload = Some(unescape(value)),
            "a" => against = Some(unescape(value)),
            "t" => state.cursor = instant(value),
            "v" => state.view = name_of(value),
            "f" => state.focus = name_of(value),
            "x" => {
                let value = unescape(value);
                let (digest, release) = value.split_once('-').unwrap_or((&value, ""));
                state.digest =
                    if digest.len() == 4 { u16::from_str_radix(digest, 16).ok() } else { None };
                let known = state.digest.is_some() && !release.is_empty();
                state.release = known.then(|| cut(release));
            }
            "ro" => state.read_only = value != "0",
            _ => {}
        }
    }
    let mut readable = String::new();
    if let Some(payload) = payload {
        let base = state.full_text().unwrap_or_default();
        match unpack(base, &payload) {
            // Without its scenario an edit says something else than was written.
            Ok(text) if damage.is_none() => state.text = Some(text),
            Ok(text) => readable = text,
            Err((found, text)) => {
                damage = damage.or(Some(found));
                readable = text;
            }
        }
    }
    if let (Some(against), None) = (against, &damage) {
        match unpack(state.full_text().unwrap_or_default(), &against) {
            Ok(text) => state.against = Some(text),
            Err((found, _)) => {
                damage = Some(found);
                readable = state
                    .text
                    .take()
                    .or_else(|| state.full_text().map(str::to_owned))
                    .unwrap_or_default();
            }
        }
    }
    match damage {
        None => Ok(state),
        Some(damage) => Err(Box::new(DamagedLink { damage, readable, state })),
    }
}

/// Reads a payload of any version.
fn unpack(base: &str, payload: &str) -> Result<String, (Damage, String)> {
    match payload.strip_prefix(VERSION) {
        Some(packed) => codec::unpack(base, packed),
        None if payload.is_empty() => Err((Damage::Truncated, String::new())),
        None => Err((Damage::UnknownVersion, String::new())),
    }
}

/// Reads `id@revision`; without a revision the newest is meant. `Err` has the name.
fn scenario(value: &str) -> Result<(String, u32), String> {
    let found = match value.split_once('@') {
        Some((id, revision)) => revision
            .parse()
            .ok()
            .filter(|revision| gallery::find(id, *revision).is_some())
            .map(|revision| (id.to_owned(), revision)),
        None => gallery::entry(value).map(|entry| (entry.id.to_owned(), entry.revision)),
    };
    found.ok_or_else(|| cut(value))
}

/// Prints seconds with as many decimals as are needed: `42.5`.
fn seconds(cursor: Instant) -> String {
    let micros = cursor.as_micros().max(0);
    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
    if part == 0 {
        return whole.to_string();
    }
    format!("{whole}.{}", format!("{part:06}").trim_end_matches('0'))
}

/// Reads seconds; nothing for anything else.
fn instant(value: &str) -> Option<Instant> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(part) {
        return None;
    }
    let micros: i64 = part
        .bytes()
        .chain([b'0'; 6])
        .take(6)
        .fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'));
    Some(Instant::from_micros(whole.parse::<i64>().ok()? * 1_000_000 + micros))
}

/// A name from a link: unescaped, cut, nothing when empty.
fn name_of(value: &str) -> Option<String> {
    let name = unescape(value);
    (!name.is_empty()).then(|| cut(&name))
}

/// At most [`NAME_LIMIT`] characters.
fn cut(text: &str) -> String {
    text.chars().take(NAME_LIMIT).collect()
}

/// Percent-encodes what would end a value or not survive in an address.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// Undoes [`escape`]; what is no escape stays, as chats and mail programs escape as they please.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex =
            |place: usize| bytes.get(at + place).and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_short_and_exact() {
        for (micros, text) in
            [(0, "0"), (42_500_000, "42.5"), (1, "0.000001"), (177_000_000, "177"), (10, "0.00001")]
        {
            assert_eq!(seconds(Instant::from_micros(micros)), text);
            assert_eq!(instant(text), Some(Instant::from_micros(micros)), "{text}");
        }
        assert_eq!(instant("1.23456789"), Some(Instant::from_micros(1_234_567)));
        for text in ["", ".5", "-1", "1e3", "x", "1.x", "9999999999999", "１"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn names_survive_every_character() {
        for name in ["nginx", "why is it not ready?", "a&b=c#d%e", "容器 🐳", "%41"] {
            assert_eq!(unescape(&escape(name)), name);
        }
        assert_eq!(unescape("%zz%4"), "%zz%4");
        assert_eq!(unescape("%ff"), "\u{fffd}");
    }
}
