//! From an entry to the field that it obeys, and from the field to its entries.

#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::gallery;
use podarium::scenario::Scenario;
use podarium::trace::{Change, EntryId, Trace};
use podarium::view::fields::{entries_at, field_of, span_of};

fn run(id: &str) -> (&'static str, Trace) {
    let text = gallery::entry(id).expect("it is in the gallery").text;
    (text, Cluster::run(&Scenario::from_text(text).0))
}

fn entries(trace: &Trace) -> impl Iterator<Item = (EntryId, &Change)> {
    (0..).map(EntryId).zip(trace.entries().iter().map(|entry| &entry.change))
}

/// The words of the field of the first entry that fits.
fn words(id: &str, fits: fn(&Change) -> bool) -> &'static str {
    let (text, trace) = run(id);
    let (entry, _) = entries(&trace).find(|(_, change)| fits(change)).expect("it happens");
    let field = field_of(&trace, entry).expect("a field decides");
    let span = span_of(text, &field).unwrap_or_else(|| panic!("{field:?} is written"));
    &text[span.start..span.end]
}

#[test]
fn an_entry_leads_to_its_field() {
    let probe = words("startup-never", |change| matches!(change, Change::Probe { .. }));
    assert!(probe.starts_with("startupProbe:") && probe.contains("httpGet"), "{probe}");
    let hook = words("prestop-sleep", |change| matches!(change, Change::Hook { .. }));
    assert!(hook.starts_with("preStop:"), "{hook}");
    let pull = words("image-missing", |change| matches!(change, Change::Pull { .. }));
    assert!(!pull.contains('\n') && !pull.is_empty(), "the image alone: {pull}");
    let act = words(
        "prestop-sleep",
        |change| matches!(change, Change::Acted { command, .. } if command.contains("delete")),
    );
    assert!(act.starts_with("actions:"), "{act}");
    let scaling = words("hpa-load", |change| matches!(change, Change::Scaling(_)));
    assert!(scaling.starts_with("metrics:"), "{scaling}");
    // Through ReplicaSet and Deployment, to what stands in the text.
    let exit = words("rolling-update", |change| matches!(change, Change::Pull { .. }));
    assert!(exit.starts_with("nginx"), "{exit}");
}

#[test]
fn what_nobody_wrote_leads_nowhere() {
    let (text, trace) = run("exit-1");
    let (id, _) = entries(&trace)
        .find(|(_, change)| matches!(change, Change::Backoff { .. }))
        .expect("it is held back");
    let field = field_of(&trace, id).expect("restartPolicy decides");
    assert_eq!(field.path, "spec.restartPolicy");
    let written = text.contains("restartPolicy");
    assert_eq!(span_of(text, &field).is_some(), written);
}

#[test]
fn a_field_leads_to_its_entries() {
    let (text, trace) = run("startup-never");
    let place = text.find("/api/successStart").expect("it is written");
    let lit = entries_at(&trace, text, place);
    let probes = entries(&trace).filter(|(_, change)| matches!(change, Change::Probe { .. }));
    assert_eq!(lit, probes.map(|(id, _)| id).collect::<Vec<_>>());
    assert!(lit.len() > 3);
    assert!(entries_at(&trace, text, 0).is_empty(), "apiVersion decides nothing");
}

#[test]
fn every_field_of_the_gallery_is_one_of_the_text_or_of_none() {
    for entry in gallery::all() {
        let trace = Cluster::run(&Scenario::from_text(entry.text).0);
        for (id, _) in entries(&trace) {
            let Some(field) = field_of(&trace, id) else { continue };
            if let Some(span) = span_of(entry.text, &field) {
                assert!(span.end <= entry.text.len() && span.start < span.end, "{}", entry.id);
                if id.0 > 150 {
                    break;
                }
            }
        }
    }
}
