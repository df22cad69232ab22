//! What is wrong with a text, where, and what to do.
//!
//! Owns: [`Span`], [`Diagnostic`] and turning byte places into lines, columns and UTF-16 offsets.
//! Does not own: finding faults (`manifest`), or the words of our own hints (`i18n`).

/// A range of bytes of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A real API server (or kubectl) refuses this.
    Rejected,
    /// Accepted, but the API server warns or users are surprised.
    Surprising,
    /// Accepted by Kubernetes, and not simulated here.
    NotSimulated,
}

/// Who says it, which decides the language it is said in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Kubernetes' own words: English everywhere, because that is what a terminal prints.
    Kubernetes(String),
    /// Ours: `i18n` has the words.
    Ours(Finding),
}

/// Our own messages; `i18n` words each in every language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The text is not YAML here; the detail is the scanner's.
    Syntax(String),
    /// The text is longer than the limit, in bytes.
    TextTooLong {
        /// Bytes given.
        bytes: usize,
        /// Bytes read.
        limit: usize,
    },
    /// Aliases expand to more nodes than the limit.
    TooManyAliases {
        /// Nodes allowed.
        limit: usize,
    },
    /// Collections are nested deeper than the limit.
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// More documents or items than the limit.
    TooManyObjects {
        /// Objects read.
        limit: usize,
    },
    /// An alias (`*name`) without its anchor.
    UnknownAlias(String),
    /// A key stands twice in one mapping; the last one counts.
    DuplicateKey(String),
    /// This kind of object exists in Kubernetes and is not simulated yet.
    KindNotSimulated(String),
    /// This field is accepted by Kubernetes and has no effect here.
    FieldNotSimulated(String),
    /// More than one Scenario document; the first counts.
    SecondScenario,
    /// A field of the Scenario document that does not exist.
    UnknownScenarioField(String),
    /// A value of the Scenario document that cannot be read, and what is expected.
    BadScenarioValue {
        /// What was written.
        value: String,
        /// What can be written instead.
        expected: &'static str,
    },
    /// A command of the Scenario that is not understood.
    UnknownCommand(String),
    /// The chosen Kubernetes version does not know this field yet.
    FieldNewerThanVersion {
        /// The field.
        field: String,
        /// The release that brought it.
        since: String,
    },
    /// Nothing to simulate in the text.
    NothingHere,
}

/// What to do about it; `i18n` words each in every language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Write this name instead.
    DidYouMean(String),
    /// Indentation is made of spaces, never of tabs.
    UseSpaces,
    /// Quote the value so that it stays text.
    QuoteIt(String),
    /// Ends in a unit such as `s`, `m`, `h`.
    GiveAUnit,
    /// Put the field in another place.
    BelongsTo(String),
    /// One of these words.
    OneOf(Vec<String>),
    /// Split the text, or shorten it.
    MakeItSmaller,
}

/// One finding about the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Where, in bytes of the text.
    pub span: Span,
    /// The field as the API server names it, or nothing.
    pub field: String,
    /// What is wrong.
    pub message: Message,
    /// What to do.
    pub hint: Option<Hint>,
}

/// A text cut into lines: bytes to line and column, and to the editor's UTF-16.
#[derive(Clone, Debug)]
pub struct LineIndex {
    line_starts: Vec<usize>,
}

/// A place as people count it: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl LineIndex {
    /// Finds the lines of a text.
    pub fn new(text: &str) -> Self {
        let mut line_starts = vec![0];
        line_starts
            .extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
        Self { line_starts }
    }

    /// Line and column of a byte; a byte inside a character counts as that character.
    pub fn place(&self, text: &str, byte: usize) -> Place {
        let byte = floor_char_boundary(text, byte);
        let line = self.line_starts.partition_point(|start| *start <= byte).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        Place { line, column: text[start..byte].chars().count() + 1 }
    }
}

/// The number of UTF-16 units before a byte, as CodeMirror and JavaScript strings count.
pub fn utf16_offset(text: &str, byte: usize) -> usize {
    text[..floor_char_boundary(text, byte)].encode_utf16().count()
}

/// The byte of a UTF-16 offset; past the end it is the end.
pub fn byte_offset(text: &str, utf16: usize) -> usize {
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        if units >= utf16 {
            return byte;
        }
        units += character.len_utf16();
    }
    text.len()
}

fn floor_char_boundary(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_utf16_and_back() {
        let text = "# 中文 🐳\nkind: Pod\n";
        let kind = text.find("kind").unwrap();
        assert_eq!(utf16_offset(text, kind), 8);
        assert_eq!(byte_offset(text, 8), kind);
        assert_eq!(LineIndex::new(text).place(text, kind), Place { line: 2, column: 1 });
        assert_eq!(LineIndex::new(text).place(text, 3), Place { line: 1, column: 3 });
        assert_eq!(utf16_offset(text, 999), text.encode_utf16().count());
    }
}
