//! The address: presentation in the query, content in the fragment.
//!
//! Owns: reading the query. Does not own: the codec of the fragment (`share`).

use crate::i18n::Lang;
use crate::share::{self, Damage, SharedState};
use crate::ui::state::{Opening, Origin, State, Theme, View};

/// The fragment of a page on which nothing is written yet.
const BLANK: &str = "new";

/// What stands in a page inside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A picture.
    Picture,
    /// The text beside the picture.
    Split,
    /// kubectl.
    Console,
}

/// What the query says about presentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `lang=zh`.
    pub lang: Option<Lang>,
    /// `theme=dark`.
    pub theme: Option<Theme>,
    /// `embed=timeline`: the page stands inside another, and this is what it shows there.
    pub embed: Option<Frame>,
    /// The view that such a page shows, when its link names none.
    pub view: Option<View>,
    /// `edit=0`: the text beside the picture cannot be changed.
    pub fixed: bool,
}

impl Query {
    /// Reads `?lang=zh&theme=dark&embed=timeline`; what it does not know it leaves alone.
    pub fn parse(query: &str) -> Self {
        let (mut read, mut editable) = (Self::default(), false);
        for pair in query.strip_prefix('?').unwrap_or(query).split('&') {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("lang", tag) if !tag.is_empty() => read.lang = Some(Lang::from_tag(tag)),
                ("theme", word) => read.theme = Some(Theme::from_word(word)),
                ("embed", word) => {
                    read.view = View::from_word(word);
                    read.embed = Some(match word {
                        "split" => Frame::Split,
                        "console" => Frame::Console,
                        _ => Frame::Picture,
                    });
                }
                ("edit", "0") => read.fixed = true,
                ("edit", "1") => editable = true,
                _ => {}
            }
        }
        if editable && read.embed == Some(Frame::Picture) {
            read.embed = Some(Frame::Split);
        }
        read
    }
}

/// What a fragment opens. A damaged one opens what could be read of it.
pub fn opening(fragment: &str) -> Opening {
    if fragment == BLANK {
        return Opening::default();
    }
    let (shared, readable, damage) = match share::decode(fragment) {
        // A link without a text, to nothing that comes with the page.
        Ok(shared) if shared.full_text().is_none() => (shared, None, Some(Damage::Corrupt)),
        Ok(shared) => (shared, None, None),
        Err(link) => (link.state, Some(link.readable), Some(link.damage)),
    };
    let text = readable.as_deref().or(shared.full_text()).unwrap_or_default();
    // The editor counts a line's end as one character.
    let text = text.replace("\r\n", "\n").into();
    let origin = shared.gallery.map(|(id, revision)| Origin { id: id.as_str().into(), revision });
    let view = shared.view.as_deref().and_then(View::from_word);
    let against = shared.against.map(|text| text.replace("\r\n", "\n").into());
    Opening { text, origin, at: shared.cursor, view, against, digest: shared.digest, damage }
}

/// The fragment that holds what the page shows.
pub fn fragment(state: &State) -> String {
    if state.text.is_empty() {
        return BLANK.to_owned();
    }
    let origin = state.origin.as_ref();
    share::encode(&SharedState {
        gallery: origin.map(|origin| (origin.id.to_string(), origin.revision)),
        text: Some(state.text.to_string()),
        cursor: Some(state.cursor),
        against: state.pinned.as_ref().map(|run| run.text.to_string()),
        view: (state.view != View::default()).then(|| state.view.word().to_owned()),
        digest: state.run.as_ref().filter(|_| !state.stale).map(|run| run.digest()),
        ..SharedState::default()
    })
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::gallery;
    use crate::time::Instant;
    use crate::ui::state::{Action, NEW_POD};

    #[test]
    fn the_query_is_read_and_junk_is_not() {
        let query = Query::parse("?embed=timeline&theme=dark&lang=zh-CN&x&=&utm_source=a");
        let view = Some(View::Timeline);
        let (lang, theme) = (Some(Lang::Zh), Some(Theme::Dark));
        let embed = Some(Frame::Picture);
        assert_eq!(query, Query { lang, theme, embed, view, fixed: false });
        assert_eq!(Query::parse("?embed=anything").embed, Some(Frame::Picture));
        assert_eq!(Query::parse("?embed=timeline&edit=1").embed, Some(Frame::Split));
        assert_eq!(Query::parse("?edit=1&embed=console").embed, Some(Frame::Console));
        assert!(Query::parse("?embed=split&edit=0").fixed);
        assert_eq!(Query::parse(""), Query::default());
    }

    #[test]
    fn a_fragment_opens_what_it_was_made_of() {
        let entry = gallery::all().first().unwrap();
        let origin = Some(Origin { id: entry.id.into(), revision: entry.revision });
        for text in [entry.text.to_owned(), format!("{}# more\n", entry.text), "中文\n".to_owned()]
        {
            let mut state = State::default();
            let text: Rc<str> = text.into();
            state.reduce(Action::Open(Opening {
                text: text.clone(),
                origin: origin.clone(),
                at: Some(Instant::from_micros(1_500_000)),
                ..Opening::default()
            }));
            let opened = opening(&fragment(&state));
            assert_eq!((opened.text, opened.origin), (text, origin.clone()));
            assert_eq!((opened.at, opened.damage), (Some(state.cursor), None));
            let mut again = State::default();
            again.reduce(Action::Open(opening(&fragment(&state))));
            assert_eq!(again.notice, None, "the digest is that of the same trace");
        }
    }

    #[test]
    fn a_damaged_fragment_says_so_and_keeps_what_it_can() {
        let mut state = State::default();
        let text: Rc<str> = NEW_POD.repeat(20).into();
        state.reduce(Action::Open(Opening { text, ..Opening::default() }));
        for junk in ["d=1!!!!", "d=9AAAA", "g=no-such-scenario@1", "d=", "t=x&f=&&=", "%"] {
            assert!(opening(junk).damage.is_some(), "{junk}");
        }
        let whole = fragment(&state);
        let end = whole.find("&t=").unwrap();
        let opened = opening(&whole[..end - 20]);
        assert!(opened.damage.is_some());
        assert!(opened.text.starts_with("apiVersion: v1\nkind: Pod"), "{}", opened.text);
    }
}
