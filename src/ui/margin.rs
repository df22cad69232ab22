//! Notes in the editor's margin: what the API server fills in and nobody wrote.
//!
//! Owns: which defaults are worth a note, beside which line each stands, and writing one into the
//! text. Does not own: the defaults (`manifest::defaults`), or how a note looks (`editor`). What is
//! written is read back: a default that is written out changes nothing.

use crate::cluster::with_metadata;
use crate::manifest::last_applied::LAST_APPLIED;
use crate::manifest::node::Node;
use crate::manifest::{AppliedDefault, Object, load, place};

/// The fields that get a note, those that are looked for first before the others. The rest of what
/// an API server fills in decides nothing that one can see here.
const WORTH: [&str; 18] = [
    "failureThreshold",
    "periodSeconds",
    "timeoutSeconds",
    "replicas",
    "minReplicas",
    "maxUnavailable",
    "maxSurge",
    "progressDeadlineSeconds",
    "backoffLimit",
    "completions",
    "parallelism",
    "concurrencyPolicy",
    "podManagementPolicy",
    "imagePullPolicy",
    "terminationGracePeriodSeconds",
    "restartPolicy",
    "targetPort",
    "type",
];

/// Characters of the text that fit beside its line numbers in the narrowest column that the page
/// gives it; a note is set in smaller type, of which 13 take the room of 11.
const ROOM: usize = 42;

/// A default in the margin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line that it stands beside, from 1.
    pub line: usize,
    /// `periodSeconds: 10`.
    pub text: String,
    /// The default.
    pub default: AppliedDefault,
}

/// The notes of a text, in the order of its lines, at most one a line.
///
/// A note stands beside a line of the object that lacks the field; the innermost objects choose
/// first, and a line that leaves no room is passed over.
pub fn notes(text: &str, defaults: &[AppliedDefault]) -> Vec<Note> {
    let lines: Vec<&str> = text.split('\n').collect();
    let starts: Vec<usize> = lines
        .iter()
        .scan(0, |start, line| {
            let own = *start;
            *start += line.len() + 1;
            Some(own)
        })
        .collect();
    let line_of = |at: usize| starts.partition_point(|start| *start <= at).saturating_sub(1);
    let mut taken = vec![false; lines.len()];
    let mut wanted: Vec<(usize, usize, &AppliedDefault)> = defaults
        .iter()
        .filter_map(|default| {
            let rank = WORTH.iter().position(|name| *name == leaf(&default.field))?;
            // A template has no other policy than this one; of what a type is does not show.
            let leaf = leaf(&default.field);
            let foregone = default.field.ends_with(".template.spec.restartPolicy")
                || leaf == "type" && default.field != "spec.type";
            let span = default.span;
            (!foregone).then_some((span.end.saturating_sub(span.start), rank, default))
        })
        .collect();
    crate::order::sort_by_key(&mut wanted, |(size, rank, default)| {
        (*size, default.span.start, *rank)
    });
    let mut notes: Vec<Note> = Vec::new();
    for (_, _, default) in wanted {
        let words = format!("{}: {}", leaf(&default.field), default.value);
        let (first, last) = (line_of(default.span.start), line_of(default.span.end));
        let free = (first..=last).find(|line| {
            let length = lines.get(*line).map_or(ROOM, |own| own.chars().count());
            let taken = taken.get(*line).is_none_or(|taken| *taken);
            !taken && length + words.len() * 11 / 13 + 2 <= ROOM
        });
        if let Some(line) = free {
            taken[line] = true;
            notes.push(Note { line: line + 1, text: words, default: default.clone() });
        }
    }
    crate::order::sort_by_key(&mut notes, |note| note.line);
    notes
}

/// The text with this default written out; `None` where it cannot be written safely.
pub fn with_default(text: &str, default: &AppliedDefault) -> Option<String> {
    let objects = place::objects(text);
    let inside =
        |node: &&Node| node.span.start <= default.span.start && default.span.start < node.span.end;
    let object = objects.iter().find(inside)?;
    let (node, rest) = deepest(object, &default.field)?;
    let (first, _) = node.entries().first()?;
    let start = text[..first.span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[start..first.span.start];
    // A mapping in braces has no lines of its own.
    if !before.chars().all(|c| c == ' ' || c == '-') {
        return None;
    }
    let indent = before.chars().count();
    let end = text[..node.span.end.min(text.len())].trim_end().len();
    let end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let mut added = String::new();
    let keys: Vec<&str> = rest.split('.').collect();
    for (depth, key) in keys.iter().enumerate() {
        added.push('\n');
        added.extend(std::iter::repeat_n(' ', indent + 2 * depth));
        added.push_str(key);
        added.push(':');
    }
    added.push(' ');
    added.push_str(&default.value);
    let mut edited = text.to_owned();
    edited.insert_str(end, &added);
    let (was, is) = (load(text), load(&edited));
    let gone = is.defaults.len() < was.defaults.len();
    (gone && bare(&was.objects) == bare(&is.objects)).then_some(edited)
}

/// The deepest mapping on the way to a field that is written, and the rest of the way.
fn deepest<'n, 'f>(object: &'n Node, field: &'f str) -> Option<(&'n Node, &'f str)> {
    let dots = field.match_indices('.').map(|(at, _)| at);
    let mut ways: Vec<usize> = dots.collect();
    ways.reverse();
    ways.into_iter().find_map(|at| {
        let node = object.at(&field[..at])?;
        (!node.entries().is_empty()).then_some((node, &field[at + 1..]))
    })
}

fn leaf(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}

/// Objects without the copy of the text that kubectl keeps with each.
fn bare(objects: &[Object]) -> Vec<Object> {
    let mut objects = objects.to_vec();
    for object in &mut objects {
        with_metadata(object, |metadata| {
            metadata.annotations.remove(LAST_APPLIED);
        });
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx
    startupProbe:
      httpGet:
        path: /
        port: 80
";

    fn said(text: &str) -> Vec<(usize, String)> {
        let loaded = load(text);
        notes(text, &loaded.defaults).into_iter().map(|note| (note.line, note.text)).collect()
    }

    #[test]
    fn a_note_stands_beside_what_lacks_it() {
        let notes: Vec<_> = said(POD);
        let said: Vec<_> = notes.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(
            said,
            [
                (5, "terminationGracePeriodSeconds: 30"),
                (6, "restartPolicy: Always"),
                (7, "imagePullPolicy: Always"),
                (9, "failureThreshold: 3"),
                (10, "periodSeconds: 10"),
                (11, "timeoutSeconds: 1"),
            ]
        );
    }

    #[test]
    fn what_is_written_has_no_note_and_nothing_has_two() {
        for entry in crate::gallery::all() {
            let loaded = load(entry.text);
            let notes = notes(entry.text, &loaded.defaults);
            assert!(!notes.is_empty() || loaded.objects.is_empty(), "{}", entry.id);
            assert!(notes.is_sorted_by(|a, b| a.line < b.line), "{}: two at a line", entry.id);
            for note in notes {
                let edited = with_default(entry.text, &note.default);
                // A mapping in braces is left alone.
                let Some(edited) = edited else { continue };
                let again = load(&edited);
                assert_eq!(again.diagnostics, [], "{}: {edited}", entry.id);
                assert_eq!(bare(&again.objects), bare(&loaded.objects), "{}: {edited}", entry.id);
                assert!(edited.len() > entry.text.len());
            }
        }
    }

    #[test]
    fn a_default_is_written_where_it_belongs() {
        let written = |text: &str, field: &str| {
            let loaded = load(text);
            let default = loaded.defaults.iter().find(|own| own.field.ends_with(field)).cloned();
            with_default(text, &default.expect("a default"))
        };
        let probe = written(POD, "startupProbe.periodSeconds").unwrap();
        assert_eq!(probe, format!("{POD}      periodSeconds: 10\n"));
        let grace = written(POD, "terminationGracePeriodSeconds").unwrap();
        assert_eq!(grace, format!("{POD}  terminationGracePeriodSeconds: 30\n"));
        let deployment = crate::gallery::entry("delete-replaced").unwrap().text;
        let surge = written(deployment, "maxSurge").unwrap();
        assert!(surge.contains("\n  strategy:\n    rollingUpdate:\n      maxSurge: 25%\n"));
        let braces = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n";
        assert_eq!(written(braces, "restartPolicy"), None);
    }
}
