//! What pieces and marks are called, in the lane and when pointed at.

use super::LanePen;
use crate::view::timeline::{Figure, Label, Mark, Piece, State};

impl LanePen<'_> {
    /// The forms of a piece's label, the longest first.
    pub(super) fn words(&self, piece: &Piece) -> Vec<String> {
        match &piece.label {
            Label::None => Vec::new(),
            Label::Words(words) => words.clone(),
            Label::Life(None) => vec![(self.texts.state)(piece.state).to_owned()],
            Label::Life(Some(number)) => match piece.state {
                State::Ready => {
                    vec![
                        format!("#{number} {}", (self.texts.state)(piece.state)),
                        format!("#{number}"),
                    ]
                }
                _ => vec![format!("#{number}")],
            },
            Label::Backoff(span) => {
                let span = (self.texts.span)(*span);
                vec![(self.texts.backoff_of)(&span), span]
            }
            Label::Span(span) => vec![(self.texts.span)(*span)],
            Label::Pull { image, took: Some(took) } => {
                let span = (self.texts.span)(*took);
                vec![format!("{image} · {span}"), span]
            }
            Label::Pull { image, took: None } => vec![image.clone()],
            Label::KillDue(at) => vec![(self.texts.kill_due)(*at)],
            Label::Lost(reasons) => vec![(self.texts.lost)(reasons)],
        }
    }

    /// `ready · 0:07.0 – 0:31.4 · 24.4 s`.
    pub(super) fn title(&self, piece: &Piece) -> String {
        let name = match (&piece.label, self.words(piece).into_iter().next()) {
            (_, word) if matches!(piece.state, State::Figure(_)) => self.figure(piece, word),
            (Label::Life(Some(_)), Some(word)) if piece.state != State::Ready => {
                format!("{word} {}", (self.texts.state)(piece.state))
            }
            (Label::Words(_), Some(word)) => word,
            (_, Some(word)) => format!("{} · {word}", (self.texts.state)(piece.state)),
            (_, None) => (self.texts.state)(piece.state).to_owned(),
        };
        let open = piece.to >= self.end;
        let to = if open { String::new() } else { piece.to.clock() };
        let span = (self.texts.span)(piece.to.since(piece.from));
        format!("{name} · {} – {to}{}{span}", piece.from.clock(), if open { "" } else { " · " })
    }

    /// What a number says, with what it is measured by.
    fn figure(&self, piece: &Piece, word: Option<String>) -> String {
        let State::Figure(figure) = piece.state else { return String::new() };
        let said = (self.texts.figure)(figure);
        match (figure, word) {
            (Figure::Routed { .. }, Some(node)) if !node.is_empty() => format!("{node} · {said}"),
            (Figure::Lost { .. }, Some(reasons)) => format!("{said}: {reasons}"),
            _ => said,
        }
    }

    pub(super) fn mark_title(&self, mark: &Mark) -> String {
        match &mark.label {
            Label::Words(words) => {
                let word = words.first().map_or("", String::as_str);
                format!("{word} · {}", mark.at.clock())
            }
            _ => mark.at.clock(),
        }
    }
}
