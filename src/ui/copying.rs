//! The forms in which a scenario leaves the page: link, embed, text, picture.
//!
//! Owns: which there are and what each holds. Does not own: the clipboard (`browser`), packing the
//! text into a link (`share`), or turning a drawing into a file (`static/export.js`).

use crate::draw::{self, Layout};
use crate::i18n::page::Page;
use crate::time::Duration;
use crate::ui::state::{State, View};
use crate::view::axis::{self, Axis, Window};

/// A form in which a scenario leaves the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The address.
    Link,
    /// A title that leads to the address.
    Markdown,
    /// The page inside another one.
    Iframe,
    /// The timeline, in characters.
    Text,
    /// What stands in the editor.
    Yaml,
    /// The picture as a file that any browser draws.
    Svg,
    /// The picture as a file of dots.
    Png,
}

impl Form {
    /// Every form, as the menu has them: first those for the clipboard, then the files.
    pub const ALL: [Self; 7] =
        [Self::Link, Self::Markdown, Self::Iframe, Self::Text, Self::Yaml, Self::Svg, Self::Png];

    /// Its word in the menu.
    pub const fn word(self, t: &Page) -> &'static str {
        match self {
            Self::Link => t.form_link,
            Self::Markdown => "Markdown",
            Self::Iframe => "<iframe>",
            Self::Text => t.form_text,
            Self::Yaml => "YAML",
            Self::Svg => "SVG",
            Self::Png => "PNG",
        }
    }

    /// The ending of its file; nothing for what goes to the clipboard.
    pub const fn file(self) -> Option<&'static str> {
        match self {
            Self::Svg => Some("svg"),
            Self::Png => Some("png"),
            Self::Link | Self::Markdown | Self::Iframe | Self::Text | Self::Yaml => None,
        }
    }
}

/// What goes to the clipboard. `link` is the address of the page as it is, `embed` the same page
/// with `embed=` in its query.
pub fn text(form: Form, state: &State, title: &str, link: &str, embed: &str) -> Option<String> {
    Some(match form {
        Form::Link => link.to_owned(),
        Form::Markdown => {
            let mut out = String::from("[");
            for sign in title.chars() {
                // These end the text of a link early.
                if matches!(sign, '[' | ']' | '\\') {
                    out.push('\\');
                }
                out.push(sign);
            }
            out.push_str("](");
            out.push_str(link);
            out.push(')');
            out
        }
        Form::Iframe => {
            let mut out = String::from("<iframe src=\"");
            attribute(&mut out, embed);
            out.push_str("\" title=\"");
            attribute(&mut out, title);
            out.push_str(
                "\" width=\"100%\" height=\"420\" loading=\"lazy\" \
                 allow=\"clipboard-write; fullscreen\" style=\"border:0\"></iframe>",
            );
            out
        }
        Form::Text => {
            let mut out = state.run.as_ref()?.timeline.to_string();
            if !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(link);
            out.push('\n');
            out
        }
        Form::Yaml => state.text.to_string(),
        Form::Svg | Form::Png => return None,
    })
}

fn attribute(out: &mut String, value: &str) {
    for sign in value.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

/// How wide a timeline is that leaves the page.
const WIDTH: f64 = 1200.0;

/// The timeline as a drawing of its own, as much of it as is in view. Nothing for other views:
/// their drawing stands in the page as it is.
pub fn drawing(state: &State) -> Option<String> {
    let run = state.run.as_ref().filter(|_| state.view == View::Timeline)?;
    let layout = Layout::new(&run.timeline, WIDTH, state.lang);
    let window = state.window.unwrap_or(Window::whole(run.timeline.horizon));
    let folds = axis::folds(&run.timeline.moments, run.timeline.horizon);
    let axis = Axis::new(window, &folds, layout.plot, layout.tear);
    Some(draw::timeline(&run.timeline, &axis, &layout, state.lang, "x").whole())
}

/// The fragment that a picture holds, when a file is one that came from here.
pub fn fragment_of(file: &str) -> Option<String> {
    let (_, rest) = file.split_once("<metadata>")?;
    let (link, _) = rest.split_once("</metadata>")?;
    let (_, fragment) = link.trim().split_once('#')?;
    file.trim_start().starts_with("<svg").then(|| fragment.replace("&amp;", "&"))
}

/// The name of a file: the title without what a file system may refuse.
pub fn file_name(title: &str, at: Duration) -> String {
    let mut name = String::from("podarium-");
    for sign in title.chars().take(60) {
        name.push(if sign.is_alphanumeric() { sign } else { '-' });
    }
    name.push('-');
    name.push_str(&at.as_secs().to_string());
    name.push('s');
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::state::{Action, NEW_POD, Opening};

    fn state() -> State {
        let mut state = State::default();
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), ..Opening::default() }));
        state
    }

    #[test]
    fn titles_cannot_break_out_of_what_is_copied() {
        let copy = |form| text(form, &state(), r#"a](b) "<i>" & c"#, "L#x&y", "E?a&b").unwrap();
        assert_eq!(copy(Form::Markdown), r#"[a\](b) "<i>" & c](L#x&y)"#);
        let iframe = copy(Form::Iframe);
        assert!(
            iframe.starts_with(r#"<iframe src="E?a&amp;b" title="a](b) &quot;&lt;i&gt;&quot;"#)
        );
        assert_eq!(iframe.matches('<').count(), 2);
    }

    #[test]
    fn a_text_timeline_ends_with_its_link() {
        let copied = text(Form::Text, &state(), "t", "https://host/#d=1", "").unwrap();
        assert!(copied.contains("web") && copied.ends_with("\nhttps://host/#d=1\n"), "{copied}");
    }

    #[test]
    fn a_picture_says_which_scenario_it_shows() {
        let file = "<svg xmlns=\"x\"><metadata>https://host/p/#g=a@1&amp;t=2</metadata></svg>";
        assert_eq!(fragment_of(file).as_deref(), Some("g=a@1&t=2"));
        assert_eq!(fragment_of("<svg></svg>"), None);
        assert_eq!(fragment_of("a: <metadata>#b</metadata>"), None);
        assert!(drawing(&state()).unwrap().starts_with("<svg"));
    }

    #[test]
    fn a_file_name_holds_nothing_that_a_file_system_refuses() {
        assert_eq!(file_name("a/b: ../c", Duration::from_secs(7)), "podarium-a-b-----c-7s");
    }
}
