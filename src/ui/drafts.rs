//! What the visitor wrote, kept on their own machine.
//!
//! Owns: which versions are kept and how they are written down. Does not own: the place where they
//! are kept (`browser`), or when (`app`).

use std::fmt::Write as _;
use std::rc::Rc;

/// How many versions are kept.
const LIMIT: usize = 30;
/// How many bytes they may have together; browsers give a site about five million.
const BYTES: usize = 2_000_000;

/// One text of the visitor's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The visit in which it was written: later versions of one visit replace earlier ones.
    pub visit: u64,
    /// When, in milliseconds since 1970.
    pub saved: u64,
    /// The scenario of the gallery it was made from as `id@revision`, or nothing.
    pub origin: String,
    /// What it is called.
    pub name: String,
    /// The text.
    pub text: Rc<str>,
}

/// The drafts, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts(pub Vec<Draft>);

impl Drafts {
    /// Keeps a draft; no text is kept twice, and the oldest give way.
    pub fn keep(&mut self, draft: Draft) {
        if draft.text.trim().is_empty() || draft.text.len() > BYTES {
            return;
        }
        self.0.retain(|kept| kept.text != draft.text && kept.visit != draft.visit);
        self.0.insert(0, draft);
        self.0.truncate(LIMIT);
        let mut bytes = 0;
        self.0.retain(|kept| {
            bytes += kept.text.len();
            bytes <= BYTES
        });
    }

    /// Forgets the draft with this text.
    pub fn forget(&mut self, text: &str) {
        self.0.retain(|kept| &*kept.text != text);
    }

    /// As it is stored: a line of facts and the text, draft after draft.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for draft in &self.0 {
            let name = draft.name.replace('\n', " ");
            let origin = draft.origin.replace([' ', '\n'], "");
            // Writing into a string cannot fail.
            let _ = writeln!(
                out,
                "{} {} {} {} {name}\n{}",
                draft.visit,
                draft.saved,
                draft.text.len(),
                if origin.is_empty() { "-" } else { &origin },
                draft.text
            );
        }
        out
    }

    /// Reads what was stored; stops at the first thing it does not understand.
    pub fn parse(stored: &str) -> Self {
        let mut drafts = Vec::new();
        let mut rest = stored;
        while let Some((head, tail)) = rest.split_once('\n') {
            let mut words = head.splitn(5, ' ');
            let mut number = || words.next()?.parse::<u64>().ok();
            let (Some(visit), Some(saved), Some(length)) = (number(), number(), number()) else {
                break;
            };
            let origin = words.next().unwrap_or("-");
            let name = words.next().unwrap_or_default();
            let Some(text) = usize::try_from(length).ok().and_then(|end| tail.get(..end)) else {
                break;
            };
            drafts.push(Draft {
                visit,
                saved,
                origin: if origin == "-" { String::new() } else { origin.to_owned() },
                name: name.to_owned(),
                text: text.into(),
            });
            rest = tail[text.len()..].strip_prefix('\n').unwrap_or_default();
            if drafts.len() == LIMIT {
                break;
            }
        }
        Self(drafts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(visit: u64, text: &str) -> Draft {
        Draft { visit, saved: visit, origin: String::new(), name: "a b".into(), text: text.into() }
    }

    #[test]
    fn drafts_survive_storage() {
        let mut drafts = Drafts::default();
        for (visit, text) in [(1, "kind: Pod\n# 中文\n\n"), (2, "no newline"), (3, "1 2 3 - x\n")]
        {
            drafts.keep(draft(visit, text));
        }
        assert_eq!(Drafts::parse(&drafts.print()), drafts);
        let text = drafts.print();
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(Drafts::parse(&text[..end]).0.len() <= 3);
        }
    }

    #[test]
    fn one_text_and_one_visit_are_kept_once() {
        let mut drafts = Drafts::default();
        drafts.keep(draft(1, "a"));
        drafts.keep(draft(1, "ab"));
        drafts.keep(draft(2, "ab"));
        drafts.keep(draft(3, " \n"));
        assert_eq!(drafts.0, [draft(2, "ab")]);
        for visit in 10..100 {
            drafts.keep(draft(visit, &visit.to_string()));
        }
        assert_eq!((drafts.0.len(), &*drafts.0[0].text), (LIMIT, "99"));
        drafts.forget("99");
        assert_eq!(&*drafts.0[0].text, "98");
    }
}
