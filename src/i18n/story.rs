//! Texts of the Story and of Why: what each entry says, as whole sentences.
//!
//! One struct of texts, one constant a language. What is said is an exhaustive `match` a language:
//! a sentence that is missing in one does not compile. Words of Kubernetes, its components and its
//! events stay as they are.

mod en;
mod zh;

use crate::i18n::Lang;
use crate::time::{Duration, Instant};
use crate::view::story::{Item, Line, Story};
use crate::view::why::{Now, Question, Remedy};

/// What a line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What happened, in a few words.
    pub claim: String,
    /// The numbers and the reason; may be nothing.
    pub detail: String,
}

/// Texts of the Story and of Why.
#[derive(Clone, Copy, Debug)]
pub struct StoryTexts {
    /// What an entry says; whether it has to name its Pod.
    pub said: fn(&Line, bool) -> Said,
    /// Nothing happened for this long.
    pub silence: fn(Duration) -> String,
    /// So many lives went like the one before.
    pub lives_alike: fn(usize) -> String,
    /// The same happened to so many more Pods.
    pub pods_alike: fn(usize) -> String,
    /// What is asked.
    pub question: fn(&Question) -> String,
    /// How it is at the moment.
    pub now: fn(&Now) -> Said,
    /// Above the remedies.
    pub prevent: &'static str,
    /// What a change would do.
    pub remedy: fn(&Remedy) -> &'static str,
    /// Said where there is no chain.
    pub no_cause: &'static str,
    /// Name of the link to the source of a rule.
    pub source: fn(&str) -> String,
    /// Name of the list.
    pub story: &'static str,
}

impl Lang {
    /// The Story's texts in this language.
    pub const fn story(self) -> &'static StoryTexts {
        match self {
            Self::En => &en::TEXTS,
            Self::Zh => &zh::TEXTS,
        }
    }

    /// A whole Story as text, for terminals: times and sentences.
    pub fn told(self, story: &Story) -> String {
        let texts = self.story();
        let mut text = String::new();
        for item in &story.items {
            let (time, said) = match item {
                Item::Line(line) => (line.at.clock(), (texts.said)(line, story.several_pods)),
                Item::Silence(span) => folded((texts.silence)(*span)),
                Item::LivesAlike { count, .. } => folded((texts.lives_alike)(*count)),
                Item::PodsAlike { count, .. } => folded((texts.pods_alike)(*count)),
            };
            let Said { claim, detail } = said;
            let detail = if detail.is_empty() { detail } else { format!("\n{:12}{detail}", "") };
            text.push_str(&format!("{time:>10}  {claim}{detail}\n"));
        }
        text
    }
}

fn folded(claim: String) -> (String, Said) {
    ("⋯".to_owned(), Said { claim, detail: String::new() })
}

/// What a line is about, the container after its Pod: `nginx`, `web-0/nginx`.
fn subject(line: &Line, several_pods: bool) -> String {
    match (line.container.is_empty(), several_pods) {
        (true, true) => short(&line.pod).to_owned(),
        (true, false) => line.pod.clone(),
        (false, true) => format!("{}/{}", short(&line.pod), line.container),
        (false, false) => line.container.clone(),
    }
}

/// The end of a generated name, which is what tells it from its siblings: `cr6mx`.
fn short(pod: &str) -> &str {
    let mut parts = pod.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(suffix), Some(hash), Some(_)) if suffix.len() == 5 && hash.len() >= 8 => suffix,
        _ => pod,
    }
}

/// A command without the word that begins them all.
fn bare(command: &str) -> &str {
    match command.strip_prefix("kubectl ").unwrap_or(command) {
        // What one begins with is called the same everywhere on the page.
        "apply -f -" => "apply -f pod.yaml",
        other => other,
    }
}

/// The first line of a text, at most this many characters.
fn first_line(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= most {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(most).collect();
    cut.push('…');
    cut
}

/// `71 MB`, as registries count.
fn size(bytes: i64) -> String {
    if bytes >= 1_000_000 {
        format!("{} MB", (bytes + 500_000) / 1_000_000)
    } else {
        format!("{} kB", (bytes + 500) / 1_000)
    }
}

/// `2:30`, without the tenth.
fn minutes(at: Instant) -> String {
    let clock = at.clock();
    clock.rsplit_once('.').map_or(clock.clone(), |(whole, _)| whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_names_are_known_by_their_end() {
        assert_eq!(short("site-65bb7c4d85-cr6mx"), "cr6mx");
        for name in ["web", "web-0", "web-and-shell", "a-b-c"] {
            assert_eq!(short(name), name);
        }
    }

    #[test]
    fn long_words_of_others_are_cut() {
        assert_eq!(first_line("a\nb", 10), "a");
        assert_eq!(first_line("中文中文", 2), "中文…");
        assert_eq!(size(71_005_258), "71 MB");
        assert_eq!(size(300_400), "300 kB");
    }
}
