//! The address: presentation in the query, content in the fragment.
//!
//! Owns: reading the query. Does not own: the codec of the fragment (`share`).

use crate::i18n::Lang;
use crate::ui::state::{Opening, Origin, State, Theme};

/// What the query says about presentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `lang=zh`.
    pub lang: Option<Lang>,
    /// `theme=dark`.
    pub theme: Option<Theme>,
    /// `embed=timeline`.
    pub embed: bool,
}

impl Query {
    /// Reads `?lang=zh&theme=dark&embed=timeline`; what it does not know it leaves alone.
    pub fn parse(query: &str) -> Self {
        let mut read = Self::default();
        for pair in query.strip_prefix('?').unwrap_or(query).split('&') {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("lang", tag) if !tag.is_empty() => read.lang = Some(Lang::from_tag(tag)),
                ("theme", word) => read.theme = Some(Theme::from_word(word)),
                ("embed", _) => read.embed = true,
                _ => {}
            }
        }
        read
    }
}

/// What a fragment opens.
pub fn opening(fragment: &str) -> Opening {
    let mut opening = Opening::default();
    for pair in fragment.split('&') {
        if let Some((id, revision)) = pair.strip_prefix("g=").and_then(|g| g.split_once('@')) {
            let revision = revision.parse().unwrap_or(1);
            if let Some(text) = crate::gallery::find(id, revision) {
                opening.text = text.into();
                opening.origin = Some(Origin { id: id.into(), revision });
            }
        }
    }
    opening
}

/// The fragment that holds what the page shows.
pub fn fragment(state: &State) -> String {
    match &state.origin {
        Some(origin) => format!("g={}@{}", origin.id, origin.revision),
        None => "d=".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_read_and_junk_is_not() {
        let query = Query::parse("?embed=timeline&theme=dark&lang=zh-CN&x&=&utm_source=a");
        assert_eq!(
            query,
            Query { lang: Some(Lang::Zh), theme: Some(Theme::Dark), embed: true }
        );
        assert_eq!(Query::parse(""), Query::default());
    }
}
