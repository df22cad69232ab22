//! Events as kubectl shows them: `get events`, `kubectl events` and the end of a description.
//!
//! Owns: their ages, their order and the `kubectl events` verb. Does not own: when an Event is
//! written or counted up (`cluster`).

use std::rc::Rc;

use crate::manifest::cluster::Event;
use crate::time::Instant;
use crate::trace::State;
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::pod_row::age;
use crate::view::kubectl::resources::Resource;
use crate::view::kubectl::table::{Columns, Row, Table};

/// The moment of an Event's first time; events.k8s.io has it under another name.
fn first(event: &Event) -> Option<Instant> {
    event.event_time.or(event.first_timestamp)
}

/// FIRST SEEN.
pub fn first_seen(event: &Event, now: Instant) -> String {
    age(now, event.first_timestamp.or(event.event_time))
}

/// LAST SEEN.
pub fn last_seen(event: &Event, now: Instant) -> String {
    age(now, event.last_timestamp.or(event.first_timestamp).or(event.event_time))
}

/// OBJECT in `get events`: `pod/p`.
pub fn object(event: &Event) -> String {
    let kind = event.involved_kind.to_ascii_lowercase();
    if event.involved_name.is_empty() { kind } else { format!("{kind}/{}", event.involved_name) }
}

/// The age of an Event, and since when it repeats: `41s (x7 over 3m48s)`.
///
/// Models kubectl/pkg/describe/describe.go DescribeEvents.
pub fn interval(event: &Event, now: Instant) -> String {
    let first = age(now, first(event));
    if event.count > 1 {
        format!("{} (x{} over {first})", age(now, event.last_timestamp), event.count)
    } else {
        first
    }
}

/// Events in the order in which a description lists them.
///
/// Models kubectl/pkg/util/event SortableEvents over a list in the order of names. Events of
/// events.k8s.io have no last time, and come first.
pub fn in_description_order(mut events: Vec<&Rc<Event>>) -> Vec<&Rc<Event>> {
    crate::order::sort_by(&mut events, |a, b| {
        a.last_timestamp.cmp(&b.last_timestamp).then_with(|| a.metadata.name.cmp(&b.metadata.name))
    });
    events
}

/// Runs `kubectl events`.
///
/// Models kubectl/pkg/cmd/events: sorted by their last time, all of a namespace or those of one
/// object.
pub fn run(state: &State<'_>, flags: &Flags) -> Output {
    let about = match flags.about.as_deref().map(resource_and_name) {
        Some(Ok(about)) => Some(about),
        Some(Err(error)) => return Output::error(error),
        None => None,
    };
    let types: Vec<String> = flags
        .types
        .iter()
        .flat_map(|types| types.split(','))
        .map(str::to_ascii_lowercase)
        .collect();
    let mut events: Vec<&Rc<Event>> = state
        .events()
        .filter(|event| flags.all_namespaces || event.metadata.namespace == flags.namespace())
        .filter(|event| {
            about.as_ref().is_none_or(|(kind, name)| {
                event.involved_kind == *kind && event.involved_name == *name
            })
        })
        .filter(|event| types.is_empty() || types.contains(&event.kind.to_ascii_lowercase()))
        .collect();
    if events.is_empty() {
        return Output::notice(if flags.all_namespaces {
            "No events found.".to_owned()
        } else {
            format!("No events found in {} namespace.", flags.namespace())
        });
    }
    crate::order::sort_by(&mut events, |a, b| {
        let last = |event: &Event| event.last_timestamp.or(event.event_time);
        last(a).cmp(&last(b)).then_with(|| a.metadata.name.cmp(&b.metadata.name))
    });
    let rows = events
        .iter()
        .map(|event| Row {
            namespace: event.metadata.namespace.clone(),
            labels: String::new(),
            cells: vec![
                interval(event, state.at),
                event.kind.clone(),
                event.reason.clone(),
                format!("{}/{}", event.involved_kind, event.involved_name),
                event.message.trim().to_owned(),
            ],
        })
        .collect();
    let table =
        Table { columns: &["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"], narrow: 5, rows };
    Output::ok(table.print(
        Columns {
            namespace: flags.all_namespaces,
            no_headers: flags.no_headers,
            ..Columns::default()
        },
        "",
    ))
}

/// Reads `pod/p` behind `--for`.
fn resource_and_name(text: &str) -> Result<(&'static str, String), String> {
    let Some((resource, name)) = text.split_once('/') else {
        return Err("error: --for must be in resource/name form".to_owned());
    };
    match Resource::find(resource) {
        Some(found) => Ok((found.kind, name.to_owned())),
        None => Err(format!("error: the server doesn't have a resource type \"{resource}\"")),
    }
}
