//! `kubectl wait`: when something became so.
//!
//! Owns: [`run`]. It tells what a terminal would print after it has waited, although that lies
//! after the cursor. Models kubectl/pkg/cmd/wait.

use crate::manifest::Object;
use crate::manifest::encode::Tree;
use crate::time::{Duration, Instant};
use crate::trace::{Change, Trace, Verb};
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::{document, get, jsonpath};

/// How long it waits when nothing is said.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is waited for.
enum Until {
    Deleted,
    Created,
    Condition(String, String),
    Path(String, Option<String>),
}

/// Runs `kubectl wait` from a moment on.
pub fn run(trace: &Trace, from: Instant, flags: &Flags) -> Output {
    let Some(text) = &flags.about else {
        return Output::error("error: required flag(s) \"for\" not set".to_owned());
    };
    let Some(until) = until(text) else {
        return Output::error(format!("error: unrecognized condition: \"{text}\""));
    };
    let timeout = match flags.timeout.as_deref().map(Duration::parse) {
        Some(None) => {
            let value = flags.timeout.as_deref().unwrap_or_default();
            return Output::error(format!(
                "error: invalid argument \"{value}\" for \"--timeout\" flag: time: invalid duration \
                 \"{value}\""
            ));
        }
        Some(Some(span)) if span < Duration::ZERO => Duration::from_secs(7 * 86_400),
        Some(Some(span)) => span,
        None => TIMEOUT,
    };
    let end = from + timeout;
    let state = trace.state_at(from);
    let found = match get::find(&state, flags) {
        Ok(found) => found,
        Err(error) => return Output::error(error),
    };
    let mut output = Output::default();
    if matches!(until, Until::Deleted) || matches!(until, Until::Created) {
        // What is not there is gone already.
    } else {
        for missing in &found.missing {
            output.complain(missing);
        }
        if found.groups.is_empty() && found.missing.is_empty() {
            return Output::error("error: no matching resources found".to_owned());
        }
    }
    for (group, object) in get::every(&found) {
        let name = &object.metadata().name;
        let met = versions(trace, object, from, end).any(|(verb, object)| match &until {
            Until::Deleted => verb == Verb::Deleted,
            _ if verb == Verb::Deleted => false,
            Until::Created => true,
            Until::Condition(kind, status) => has_condition(object, kind, status),
            Until::Path(path, wanted) => leads_to(object, path, wanted.as_deref()),
        });
        if met {
            let singular = &group.kind.qualified_singular;
            output.stdout.push_str(&format!("{singular}/{name} condition met\n"));
        } else {
            let plural = &group.kind.qualified_plural;
            output.complain(&format!(
                "error: timed out waiting for the condition on {plural}/{name}"
            ));
        }
    }
    output
}

/// How an object is at a moment and comes to be until another.
fn versions<'t>(
    trace: &'t Trace,
    object: &'t Object,
    from: Instant,
    end: Instant,
) -> impl Iterator<Item = (Verb, &'t Object)> {
    let uid = object.metadata().uid.as_str();
    let first = trace.entries().partition_point(|entry| entry.at <= from);
    let later = trace.entries()[first..].iter().take_while(move |entry| entry.at <= end);
    let later = later.filter_map(move |entry| match &entry.change {
        Change::Stored { verb, object } if *entry.subject.uid == *uid => Some((*verb, object)),
        _ => None,
    });
    std::iter::once((Verb::Updated, object)).chain(later)
}

fn until(text: &str) -> Option<Until> {
    match text.to_ascii_lowercase().as_str() {
        "delete" => return Some(Until::Deleted),
        "create" => return Some(Until::Created),
        _ => {}
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (kind, status) = condition.split_once('=').unwrap_or((condition, "true"));
        return Some(Until::Condition(kind.to_owned(), status.to_owned()));
    }
    let path = text.strip_prefix("jsonpath=")?;
    let close = path.rfind('}').map_or(0, |at| at + 1);
    let wanted = path[close..].strip_prefix('=').map(|wanted| wanted.trim_matches('"').to_owned());
    Some(Until::Path(path[..close].to_owned(), wanted))
}

fn has_condition(object: &Object, kind: &str, status: &str) -> bool {
    let tree = document::whole(object);
    let conditions = tree.get("status").and_then(|status| status.get("conditions"));
    let is = |condition: &Tree, key: &str, wanted: &str| match condition.get(key) {
        Some(Tree::Text(text)) => text.eq_ignore_ascii_case(wanted),
        _ => false,
    };
    conditions.is_some_and(|conditions| {
        conditions.items().iter().any(|c| is(c, "type", kind) && is(c, "status", status))
    })
}

fn leads_to(object: &Object, path: &str, wanted: Option<&str>) -> bool {
    let tree = document::whole(object);
    let Ok(found) = jsonpath::find(path, &tree) else { return false };
    match wanted {
        None => !found.is_empty(),
        Some(wanted) => found.first().is_some_and(|found| jsonpath::show(found) == wanted),
    }
}
