//! The few signs of the page, drawn on a grid of 16.
//!
//! Owns: [`Icon`]. Does not own: the marks of the pictures (`view`).

#[cfg(target_arch = "wasm32")]
use yew::{Html, html};

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Opens something below.
    Caret,
    /// Back.
    Back,
    /// Undo.
    Undo,
    /// Redo.
    Redo,
    /// Copy.
    Copy,
    /// Done.
    Check,
    /// Theme.
    Theme,
    /// Language.
    Language,
    /// Help.
    Help,
    /// More.
    More,
    /// Close, remove.
    Close,
    /// Show all.
    Fit,
    /// Search.
    Search,
    /// Lines of text.
    Story,
    /// Bars.
    Timeline,
    /// Brackets.
    Yaml,
    /// Prompt.
    Terminal,
    /// Leads out of the page.
    Open,
    /// Back to how it was.
    Reset,
    /// One beside the other.
    Compare,
}

impl Icon {
    /// Its lines.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Compare => "M10.5 2.5l3 3-3 3M13 5.5H3M5.5 7.5l-3 3 3 3M3 10.5h10",
            Self::Caret => "M4.5 6.5 8 10l3.5-3.5",
            Self::Back => "M10 3.5 5.5 8l4.5 4.5",
            Self::Undo => "M5.5 3 2.5 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6",
            Self::Redo => "M10.5 3l3 3-3 3M13 6H6.5a3.5 3.5 0 0 0 0 7H10",
            Self::Copy => "M6 5.5h7.5V13.5H6zM10 5.5v-3H2.5V10.5H6",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::Theme => "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
            Self::Language => {
                "M2 4h7M5.5 2.5V4c0 3-1.5 5-3.5 6M3.5 6.5c.8 1.6 2.3 2.8 4 3.3M7.5 13.5l3-7 3 7M8.5 11.5h4"
            }
            Self::Help => {
                "M8 2.200a5.8 5.8 0 1 0 0 11.600A5.8 5.8 0 0 0 8 2.200M6.3 6.3A1.75 1.75 0 1 1 8 8.600v.6M8 11.3v.1"
            }
            Self::More => "M3.2 8v.01M8 8v.01M12.8 8v.01",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Fit => "M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.4 10.4 14 14",
            Self::Story => "M2.5 4h.01M2.5 8h.01M2.5 12h.01M5.5 4h8M5.5 8h8M5.5 12h8",
            Self::Timeline => "M2 4h6M5 8h8M8 12h6",
            Self::Yaml => "M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4",
            Self::Terminal => "M3 4l4 4-4 4M8.5 12.5h5",
            Self::Open => "M6.5 3.5h-4v10h10v-4M9.5 2.5h4v4M13.5 2.5 7.5 8.5",
            Self::Reset => "M3.3 5.5A5.4 5.4 0 1 1 2.6 8.6M3 2.4v3.3h3.3",
        }
    }

    /// How wide they are.
    pub const fn width(self) -> &'static str {
        match self {
            Self::More | Self::Timeline => "2.2",
            Self::Caret
            | Self::Compare
            | Self::Back
            | Self::Undo
            | Self::Redo
            | Self::Copy
            | Self::Check
            | Self::Theme
            | Self::Language
            | Self::Help
            | Self::Close
            | Self::Fit
            | Self::Search
            | Self::Story
            | Self::Yaml
            | Self::Terminal
            | Self::Open
            | Self::Reset => "1.5",
        }
    }

    /// What is filled.
    pub fn half(self) -> Option<&'static str> {
        (self == Self::Theme).then_some("M8 2.5a5.5 5.5 0 0 1 0 11z")
    }

    /// The sign as a picture that says nothing to a screen reader.
    #[cfg(target_arch = "wasm32")]
    pub fn html(self) -> Html {
        html! {
            <svg class="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor"
                stroke-width={self.width()} stroke-linecap="round" stroke-linejoin="round"
                aria-hidden="true">
                <path d={self.path()} />
                if let Some(path) = self.half() { <path d={path} fill="currentColor" stroke="none" /> }
            </svg>
        }
    }
}

/// The mark: a pod in a glass box.
pub const MARK: &str = concat!(
    "<svg class=\"mark\" width=\"22\" height=\"22\" viewBox=\"0 0 24 24\" fill=\"none\" ",
    "aria-hidden=\"true\" stroke=\"currentColor\" stroke-width=\"1.6\" stroke-linecap=\"round\">",
    "<rect x=\"1.8\" y=\"1.8\" width=\"20.4\" height=\"20.4\" rx=\"5\"/>",
    "<path d=\"M5.2 9V7.2a2 2 0 0 1 2-2H9\" opacity=\".5\"/>",
    "<g transform=\"rotate(-45 12 12.4)\">",
    "<rect x=\"5\" y=\"8.6\" width=\"14\" height=\"7.6\" rx=\"3.8\"/>",
    "<circle cx=\"9\" cy=\"12.4\" r=\"1.7\" fill=\"currentColor\" stroke=\"none\"/>",
    "<circle cx=\"15\" cy=\"12.4\" r=\"1.7\" fill=\"currentColor\" stroke=\"none\"/></g></svg>",
);

/// The mark.
#[cfg(target_arch = "wasm32")]
pub fn mark() -> Html {
    Html::from_html_unchecked(MARK.into())
}
