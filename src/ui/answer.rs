//! The answer to the question of a scenario of the gallery, true as long as nobody has changed its
//! text.
//!
//! Owns: whether there is one, whether it still holds, its pieces, and where the field stands that
//! decides. Does not own: the sentence (`gallery`), or how it is drawn (`panels`).

use crate::diagnostic::Span;
use crate::gallery;
use crate::ui::state::State;

/// The answer of the text that was opened, and whether it holds of the text as it is now: after an
/// edit its box stays, or all that stands below it would jump.
pub fn answer(state: &State) -> Option<(&'static str, bool)> {
    let origin = state.origin.as_ref()?;
    let entry = gallery::entry(&origin.id)?;
    let opened = entry.revision == origin.revision && *entry.text == *state.opened;
    opened.then(|| (entry.answer(state.lang), *entry.text == *state.text))
}

/// Its pieces, words and fields in turn; words come first.
pub fn pieces(answer: &str) -> impl Iterator<Item = (bool, &str)> {
    answer.split('`').enumerate().map(|(index, piece)| (index % 2 == 1, piece))
}

/// Where the field of a piece is first written: `preStop: sleep 5` looks for the key `preStop`.
pub fn field_at(text: &str, piece: &str) -> Option<Span> {
    let path = piece.split(':').next().unwrap_or_default();
    let key = path.rsplit('.').next().filter(|key| !key.is_empty())?;
    text.match_indices(key).map(|(at, _)| at).find_map(|at| {
        let (before, after) = (&text[..at], &text[at + key.len()..]);
        let begins = before.is_empty() || before.ends_with([' ', '\n', '{', '"']);
        (begins && after.starts_with(':')).then(|| Span { start: at, end: at + key.len() })
    })
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::i18n::Lang;
    use crate::ui::state::{Action, Opening, Origin};

    /// What decides in some scenarios because it does not stand in their text.
    const UNWRITTEN: [&str; 9] = [
        "failureThreshold",
        "restartPolicy",
        "terminationGracePeriodSeconds",
        "stabilizationWindowSeconds",
        "podManagementPolicy",
        "timeoutSeconds",
        "maxUnavailable",
        "readinessProbe",
        "startupProbe",
    ];

    #[test]
    fn every_answer_names_the_field_that_decides() {
        for entry in gallery::all() {
            for lang in Lang::ALL {
                let fields: Vec<_> = pieces(entry.answer(lang)).filter(|piece| piece.0).collect();
                assert!(!fields.is_empty(), "{} names no field", entry.id);
                for (_, field) in fields {
                    let known = UNWRITTEN.iter().any(|name| {
                        let path = field.split(':').next().unwrap();
                        path.rsplit('.').next() == Some(*name)
                    });
                    // What helps stands in no text, and says so by its value.
                    let remedy = field.contains(": ");
                    let found = field_at(entry.text, field);
                    assert!(found.is_some() || known || remedy, "{}: {field}", entry.id);
                }
            }
        }
    }

    #[test]
    fn a_field_is_found_by_its_key() {
        let text = "spec:\n  stop: 1\n  preStop: {sleep: 5}\n";
        assert_eq!(field_at(text, "preStop: sleep 5"), Some(Span { start: 18, end: 25 }));
        assert_eq!(field_at(text, "lifecycle.preStop.sleep"), Some(Span { start: 28, end: 33 }));
        assert_eq!(field_at(text, "Stop"), None);
        assert_eq!(field_at(text, ""), None);
    }

    #[test]
    fn an_answer_no_longer_holds_after_an_edit() {
        let entry = gallery::entry("exit-1").unwrap();
        let text: Rc<str> = entry.text.into();
        let origin = Some(Origin { id: entry.id.into(), revision: entry.revision });
        let mut state = State::default();
        state.reduce(Action::Open(Opening { text, origin, ..Opening::default() }));
        assert_eq!(answer(&state), Some((entry.answer(state.lang), true)));
        let edited: Rc<str> = format!("{}# mine\n", entry.text).into();
        state.reduce(Action::Edit(edited.clone()));
        assert_eq!(answer(&state), Some((entry.answer(state.lang), false)));
        state.reduce(Action::Edit(entry.text.into()));
        assert_eq!(answer(&state), Some((entry.answer(state.lang), true)), "taken back");
        // Whoever opens an edited text has never seen it.
        let origin = Some(Origin { id: entry.id.into(), revision: entry.revision });
        state.reduce(Action::Open(Opening { text: edited, origin, ..Opening::default() }));
        assert_eq!(answer(&state), None);
    }
}
