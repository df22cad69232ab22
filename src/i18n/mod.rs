//! Every text that a user reads, in every language; a text missing in one does not compile.
//!
//! Owns: [`Lang`] and, a file a topic, the texts. Each topic is a struct of texts and a constant a
//! language. Does not own: Kubernetes' own words (they stay English) or when a text is shown.

pub mod compare;
pub mod diagnostics;
pub mod inside;
pub mod page;
pub mod rules;
pub mod scaling;
pub mod story;
pub mod termination;
pub mod timeline;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 中文.
    Zh,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The BCP 47 tag: `en`, `zh`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The language that best fits a tag such as `zh-Hans-CN`; English when none does.
    pub fn from_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }
}
