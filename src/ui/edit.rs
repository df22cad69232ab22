//! The edits that the page writes into the text: a version, an action more or less, a switch.
//!
//! Owns: finding the place in the Scenario document and writing as few characters as possible, so
//! that comments and layout stay the author's. Does not own: undo (the editor), or what an action
//! does (`cluster`). Every edit is read back before it is handed out: what cannot be written
//! safely is refused, never guessed.

mod pids;

pub use pids::with_shared_processes;

use crate::manifest::scenario_document::API_VERSION;
use crate::scenario::{Action, Scenario};
use crate::time::Instant;
use crate::version::KubeVersion;

/// The text with another Kubernetes release; `None` where it cannot be written safely.
pub fn with_version(text: &str, version: KubeVersion) -> Option<String> {
    let value = format!("kubernetesVersion: \"{version}\"");
    let lines = Lines::new(text);
    let edited = match lines.spec() {
        None => appended(text, &format!("  {value}\n")),
        Some(spec) => match lines.child(&spec, "kubernetesVersion") {
            Some(line) => lines.spliced(line, line + 1, &lines.indented(&spec, &value)),
            None => lines.spliced(spec.first, spec.first, &lines.indented(&spec, &value)),
        },
    };
    (Scenario::from_text(&edited).0.version == version).then_some(edited)
}

/// The text with one more action; `None` where it cannot be written safely.
pub fn with_action(text: &str, at: Instant, run: &str, node: Option<&str>) -> Option<String> {
    let seconds = at.as_micros().max(0) / 100_000;
    let at = match (seconds / 10, seconds % 10) {
        (whole, 0) => format!("{whole}s"),
        (whole, part) => format!("{whole}.{part}s"),
    };
    let on = node.map_or_else(String::new, |node| format!(", node: {}", scalar(node)));
    let item = format!("{{at: {at}{on}, run: {}}}", scalar(run));
    // A command of several lines (a here-document) stands as a block, where there is room for one.
    let block = |indent: usize| {
        if run.contains('\n') {
            let (pad, on) =
                (" ".repeat(indent), on.replace(", ", &format!("\n{}  ", " ".repeat(indent))));
            let body = run.trim_end().lines().fold(String::new(), |body, line| {
                if line.is_empty() { body + "\n" } else { body + &pad + "    " + line + "\n" }
            });
            format!("{pad}- at: {at}{on}\n{pad}  run: |\n{body}")
        } else {
            format!("{}- {item}\n", " ".repeat(indent))
        }
    };
    let lines = Lines::new(text);
    let edited = match lines.spec() {
        None => appended(text, &format!("  actions:\n{}", block(2))),
        Some(spec) => match lines.child(&spec, "actions") {
            None => {
                let indent = " ".repeat(spec.indent);
                let list = format!("{indent}actions:\n{}", block(spec.indent));
                lines.spliced(spec.last, spec.last, &list)
            }
            Some(key) => match lines.list(&spec, key) {
                List::Block { items, indent, end } => {
                    let new = block(indent);
                    let at = if items.is_empty() { key + 1 } else { end };
                    lines.spliced(at, at, &new)
                }
                List::Flow { parts, .. } => {
                    let mut parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
                    parts.push(&item);
                    lines.spliced(key, key + 1, &flow(spec.indent, &parts))
                }
                List::Unknown => return None,
            },
        },
    };
    let before = Scenario::from_text(text).0.actions.len();
    (Scenario::from_text(&edited).0.actions.len() == before + 1).then_some(edited)
}

/// The text without one of its actions; `None` where it cannot be written safely.
pub fn without_action(text: &str, action: &Action) -> Option<String> {
    let mut wanted = Scenario::from_text(text).0.actions;
    let index = wanted.iter().position(|other| other == action)?;
    wanted.remove(index);
    let lines = Lines::new(text);
    let spec = lines.spec()?;
    let key = lines.child(&spec, "actions")?;
    // The trace has actions in the order of time, the text in any order: try each.
    (0..=wanted.len()).find_map(|index| {
        let edited = match lines.list(&spec, key) {
            List::Block { items, end, .. } => {
                let from = *items.get(index)?;
                let to = items.get(index + 1).copied().unwrap_or(end);
                match items.len() {
                    1 if spec.last - spec.first == end - key => lines.without_spec(&spec),
                    1 => lines.spliced(key, end, ""),
                    _ => lines.spliced(from, to, ""),
                }
            }
            List::Flow { mut parts, .. } => {
                if index >= parts.len() {
                    return None;
                }
                parts.remove(index);
                let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
                lines.spliced(key, key + 1, &flow(spec.indent, &parts))
            }
            List::Unknown => return None,
        };
        (Scenario::from_text(&edited).0.actions == wanted).then_some(edited)
    })
}

/// A list on one line.
fn flow(indent: usize, parts: &[&str]) -> String {
    format!("{}actions: [{}]\n", " ".repeat(indent), parts.join(", "))
}

/// A plain scalar where that is safe inside braces, otherwise a quoted one.
fn scalar(text: &str) -> String {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_./=@".contains(&b))
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && !text.ends_with(' ');
    if plain {
        text.to_owned()
    } else if text.contains('\n') {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("\"{escaped}\"")
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The text with a Scenario document after it.
fn appended(text: &str, spec: &str) -> String {
    let mut edited = text.trim_end().to_owned();
    if !edited.is_empty() {
        edited.push_str("\n---\n");
    }
    edited.push_str("apiVersion: ");
    edited.push_str(API_VERSION);
    edited.push_str("\nkind: Scenario\nspec:\n");
    edited.push_str(spec);
    edited
}

/// The lines of a text; places are line numbers from 0.
struct Lines<'t> {
    text: &'t str,
    lines: Vec<&'t str>,
}

/// The `spec` of the Scenario document, as a block mapping.
struct Spec {
    /// The first line of its document.
    document: usize,
    /// One past the last line of its document.
    document_end: usize,
    /// The line after `spec:`.
    first: usize,
    /// One past the last line with content.
    last: usize,
    /// How far its keys are indented.
    indent: usize,
}

/// How a list is written.
enum List<'t> {
    /// One item a line or more, from these lines on.
    Block { items: Vec<usize>, indent: usize, end: usize },
    /// In brackets on one line.
    Flow { parts: Vec<&'t str> },
    /// Any other way.
    Unknown,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, lines: text.split_inclusive('\n').collect() }
    }

    fn line(&self, index: usize) -> &'t str {
        self.lines.get(index).copied().unwrap_or_default()
    }

    /// Blank lines and comments have no indentation of their own.
    fn indent(&self, index: usize) -> Option<usize> {
        let line = self.line(index);
        let content = line.trim_start_matches(' ');
        let empty = content.trim().is_empty() || content.starts_with('#');
        (!empty).then_some(line.len() - content.len())
    }

    /// The value after `key:` when the line begins with it.
    fn value(&self, index: usize, indent: usize, key: &str) -> Option<&'t str> {
        if self.indent(index) != Some(indent) {
            return None;
        }
        let rest = self.line(index)[indent..].strip_prefix(key)?.strip_prefix(':')?;
        let value = if rest.starts_with([' ', '\t', '\n', '\r']) || rest.is_empty() {
            rest.trim()
        } else {
            return None;
        };
        let comment = if value.starts_with('#') { Some(0) } else { value.find(" #") };
        Some(comment.map_or(value, |at| value[..at].trim_end()))
    }

    /// Finds the Scenario document and its spec.
    fn spec(&self) -> Option<Spec> {
        let mut document = 0;
        while document <= self.lines.len() {
            let is_mark =
                |line: &&str| line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty());
            let document_end = (document..self.lines.len())
                .find(|index| is_mark(&self.line(*index)))
                .unwrap_or(self.lines.len());
            let mut rows = document..document_end;
            let ours = rows.any(|row| {
                self.value(row, 0, "kind")
                    .is_some_and(|v| v.trim_matches(['"', '\'']) == "Scenario")
            });
            if ours {
                let spec =
                    (document..document_end).find(|row| self.value(*row, 0, "spec") == Some(""))?;
                let first = spec + 1;
                let inside = |row: &usize| self.indent(*row).is_none_or(|indent| indent > 0);
                let end = (first..document_end).find(|row| !inside(row)).unwrap_or(document_end);
                let last = (first..end)
                    .rev()
                    .find(|row| self.indent(*row).is_some())
                    .map_or(first, |row| row + 1);
                let indent = (first..last).find_map(|row| self.indent(row)).unwrap_or(2);
                return Some(Spec { document, document_end, first, last, indent });
            }
            document = document_end + 1;
        }
        None
    }

    fn child(&self, spec: &Spec, key: &str) -> Option<usize> {
        (spec.first..spec.last).find(|row| self.value(*row, spec.indent, key).is_some())
    }

    fn list(&self, spec: &Spec, key: usize) -> List<'t> {
        let value = self.value(key, spec.indent, "actions").unwrap_or_default();
        if let Some(inside) = value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
            return split_flow(inside).map_or(List::Unknown, |parts| List::Flow { parts });
        }
        if !value.is_empty() {
            return List::Unknown;
        }
        let is_item = |row: &usize| {
            self.indent(*row).is_some_and(|i| self.line(*row)[i..].starts_with(['-']))
        };
        let rows = key + 1..spec.last;
        let first = rows.clone().find(|row| self.indent(*row).is_some()).filter(is_item);
        let indent = first.and_then(|row| self.indent(row)).unwrap_or(spec.indent);
        let outside = |row: &usize| {
            self.indent(*row).is_some_and(|i| i < indent || (i == indent && !is_item(row)))
        };
        let stop = rows.clone().find(outside).unwrap_or(spec.last);
        let end = (key + 1..stop)
            .rev()
            .find(|row| self.indent(*row).is_some())
            .map_or(key + 1, |row| row + 1);
        let items = (key + 1..end)
            .filter(|row| self.indent(*row) == Some(indent) && is_item(row))
            .collect();
        List::Block { items, indent, end }
    }

    fn indented(&self, spec: &Spec, content: &str) -> String {
        format!("{}{content}\n", " ".repeat(spec.indent))
    }

    /// The text with lines `from..to` replaced.
    fn spliced(&self, from: usize, to: usize, with: &str) -> String {
        let before: usize = self.lines.iter().take(from).map(|line| line.len()).sum();
        let after: usize = self.lines.iter().take(to).map(|line| line.len()).sum();
        let (head, tail) = (&self.text[..before], &self.text[after..]);
        let gap =
            if !head.is_empty() && !head.ends_with('\n') && !with.is_empty() { "\n" } else { "" };
        format!("{head}{gap}{with}{tail}")
    }

    /// The text without a spec that has nothing left, and without its document if that was all.
    fn without_spec(&self, spec: &Spec) -> String {
        let rest = (spec.document..spec.document_end).any(|row| {
            self.indent(row) == Some(0)
                && !["apiVersion", "kind", "spec"]
                    .iter()
                    .any(|key| self.value(row, 0, key).is_some())
        });
        let comments = (spec.document..spec.document_end)
            .any(|row| self.line(row).trim_start().starts_with('#'));
        if rest || comments {
            return self.spliced(spec.first - 1, spec.last, "");
        }
        // The mark before the document goes with it; the first document has none.
        let from = spec.document.saturating_sub(1);
        let to = if spec.document == 0 { spec.document_end + 1 } else { spec.document_end };
        self.spliced(from, to, "")
    }
}

/// The items of a flow sequence, without its brackets; `None` when the brackets do not match.
fn split_flow(inside: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_i32, None);
    for (at, character) in inside.char_indices() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            (None, _) => {}
        }
        if depth < 0 {
            return None;
        }
    }
    if depth != 0 || quote.is_some() {
        return None;
    }
    if !inside[start..].trim().is_empty() {
        parts.push(&inside[start..]);
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: web, image: nginx}\n";

    fn actions(text: &str) -> Vec<String> {
        Scenario::from_text(text).0.actions.iter().map(|a| format!("{} {}", a.at, a.run)).collect()
    }

    #[test]
    fn an_action_comes_and_goes_without_a_trace() {
        let one = with_action(POD, Instant::from_secs(30), "kubectl delete pod web", None).unwrap();
        assert_eq!(actions(&one), ["0:30.0 kubectl delete pod web"]);
        let two = with_action(&one, Instant::from_micros(5_250_000), "kubectl get pod 'a b'", None)
            .unwrap();
        assert!(two.starts_with(&one), "the first stays as it was: {two}");
        let scenario = Scenario::from_text(&two).0;
        assert_eq!(
            actions(&two),
            ["0:05.2 kubectl get pod 'a b'", "0:30.0 kubectl delete pod web"]
        );
        let back = without_action(&two, &scenario.actions[0]).unwrap();
        assert_eq!(back, one);
        assert_eq!(without_action(&back, &scenario.actions[1]).unwrap(), POD);
    }

    #[test]
    fn commands_of_several_lines_and_of_nodes_are_written() {
        let run = "kubectl apply -f - <<EOF\nkind: Pod\n\nmetadata: {name: \"x\"}\nEOF";
        let one = with_action(POD, Instant::from_secs(3), run, None).unwrap();
        let action = Scenario::from_text(&one).0.actions[0].clone();
        assert_eq!(action.run.trim_end(), run);
        let two = with_action(&one, Instant::from_secs(4), "rm /x", Some("node1")).unwrap();
        let actions = Scenario::from_text(&two).0.actions;
        assert_eq!(actions[1].node.as_deref(), Some("node1"));
        assert_eq!(without_action(&two, &actions[1]).unwrap(), one);
        assert_eq!(without_action(&one, &action).unwrap(), POD);
        let flow = format!(
            "{POD}---\napiVersion: podarium.dev/v1\nkind: Scenario\nspec:\n  actions: []\n"
        );
        let edited = with_action(&flow, Instant::from_secs(3), run, None).unwrap();
        assert_eq!(Scenario::from_text(&edited).0.actions[0].run, run);
    }

    #[test]
    fn a_version_is_written_where_it_stands() {
        let old = KubeVersion::new(29).unwrap();
        let text = with_version(POD, old).unwrap();
        assert_eq!(Scenario::from_text(&text).0.version, old);
        let newer = with_version(&text, KubeVersion::LATEST).unwrap();
        assert_eq!(newer, text.replace("1.29", "1.36"));
        let acted = with_action(&text, Instant::ZERO, "kubectl delete pod web", None).unwrap();
        assert_eq!(Scenario::from_text(&acted).0.version, old);
    }

    #[test]
    fn the_authors_layout_stays() {
        let text = "\
# a scenario first
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: x}
spec:
    duration: 2m # short
    actions:
      # the first
      - at: 10s
        run: kubectl delete pod web   # by hand
    seed: 7
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: nginx}
";
        let edited =
            with_action(text, Instant::from_secs(20), "kubectl delete pod web", None).unwrap();
        assert_eq!(
            edited.len(),
            text.len() + "      - {at: 20s, run: kubectl delete pod web}\n".len()
        );
        assert_eq!(actions(&edited).len(), 2);
        let last = Scenario::from_text(&edited).0.actions[1].clone();
        assert_eq!(without_action(&edited, &last).unwrap(), text);
        assert!(with_version(text, KubeVersion::new(30).unwrap()).unwrap().contains("    kub"));
    }

    #[test]
    fn lists_in_brackets_are_understood_and_the_rest_refused() {
        let scenario = |actions: &str| {
            format!(
                "{POD}---\napiVersion: podarium.dev/v1\nkind: Scenario\nspec:\n  actions: {actions}\n"
            )
        };
        let text = scenario("[{at: 1s, run: 'kubectl delete pod a,b'}]");
        let edited =
            with_action(&text, Instant::from_secs(2), "kubectl delete pod web", None).unwrap();
        assert_eq!(actions(&edited).len(), 2);
        let empty =
            with_action(&scenario("[]"), Instant::ZERO, "kubectl delete pod web", None).unwrap();
        assert_eq!(actions(&empty).len(), 1);
        let flow = "{apiVersion: podarium.dev/v1, kind: Scenario, spec: {actions: []}}\n";
        // Two Scenario documents would be one too many: the second is not read.
        assert_eq!(with_action(flow, Instant::ZERO, "kubectl delete pod web", None), None);
    }
}
