//! `kubectl get -w`: the table, and a row for every change since.
//!
//! Owns: which changes are rows, and columns that stay as wide as they were. Does not own: cells
//! (`columns`).

use crate::time::Instant;
use crate::trace::{Change, Trace, Verb};
use crate::view::kubectl::Output;
use crate::view::kubectl::columns;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::get::{self, Group};
use crate::view::kubectl::table::{GET, Widths};

/// Rows that are printed at most. Invented: nobody reads more.
const ROWS_MAX: usize = 500;

/// Runs `kubectl get -w` from one moment to another.
///
/// Models kubectl/pkg/cmd/get/get.go watch, with the remembered widths of
/// liggitt/tabwriter.
pub fn run(trace: &Trace, from: Instant, at: Instant, flags: &Flags) -> Output {
    let once = Flags { watch: false, watch_only: false, ..flags.clone() };
    let before = trace.state_at(from);
    let requests = match get::requests(&before, &flags.words) {
        Ok(requests) => requests,
        Err(error) => return Output::error(error),
    };
    if requests.len() > 1 {
        return Output::error("error: you may only specify a single resource type".to_owned());
    }
    if !matches!(flags.output.as_deref(), None | Some("wide")) || requests.is_empty() {
        return get::run(&trace.state_at(at), &once);
    }
    let found = match get::find(&before, &once) {
        Ok(found) => found,
        Err(error) => return Output::error(error),
    };
    let mut output = Output::default();
    for missing in &found.missing {
        output.complain(missing);
    }
    if !found.missing.is_empty() {
        return output;
    }
    let mut widths = Widths::default();
    let mut print = Printer { flags, headed: flags.no_headers, widths: &mut widths };
    if !flags.watch_only {
        for group in &found.groups {
            output.stdout.push_str(&print.rows(group, &before));
        }
    }
    let entries = trace.entries();
    let first = entries.partition_point(|entry| entry.at <= from);
    let mut rows = 0;
    for entry in entries[first..].iter().take_while(|entry| entry.at <= at) {
        let Change::Stored { verb, object } = &entry.change else { continue };
        let state = trace.state_at(entry.at);
        let wanted = match verb {
            // What is removed is shown once more, as it last was.
            Verb::Deleted => get::matches(&before, &once, object),
            Verb::Created | Verb::Updated => get::matches(&state, &once, object),
        };
        let Some(kind) = wanted else { continue };
        let group = Group { kind, objects: vec![object] };
        output.stdout.push_str(&print.rows(&group, &state));
        rows += 1;
        if rows >= ROWS_MAX {
            break;
        }
    }
    output
}

struct Printer<'a> {
    flags: &'a Flags,
    headed: bool,
    widths: &'a mut Widths,
}

impl Printer<'_> {
    fn rows(&mut self, group: &Group<'_>, state: &crate::trace::State<'_>) -> String {
        let table = columns::table(&group.kind.kind, &group.objects, state, self.flags.wide());
        let shown = get::shown(self.flags, group.kind.namespaced, self.headed);
        self.headed = true;
        let prefix = get::prefix(self.flags, group);
        self.widths.align(&table.text(shown, &prefix), GET)
    }
}
