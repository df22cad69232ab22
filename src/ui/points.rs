//! Points of the scenario's curves, moved by hand: what is written into the text.
//!
//! Owns: [`PointMove`] and the two numbers that it changes. Does not own: where a point stands in
//! the picture (`draw`), or undo (the editor). Every edit is read back before it is handed out.

use crate::diagnostic::Span;
use crate::manifest::place;
use crate::scenario::Scenario;
use crate::time::{Duration, Instant};
use crate::view::autoscaling::CurveKind;

/// A point of a curve, and where it shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointMove {
    /// What the curve is about.
    pub kind: CurveKind,
    /// Which one of its list.
    pub list: usize,
    /// The point's place in the text's own order.
    pub index: usize,
    /// When.
    pub at: Instant,
    /// How much, in thousandths.
    pub milli: i64,
    /// Whether it has arrived; otherwise it is still being dragged.
    pub done: bool,
}

/// The text with a point moved; `None` where it cannot be written safely.
pub fn with_point(text: &str, to: PointMove) -> Option<String> {
    let documents = place::objects(text);
    let root = documents.iter().find(|node| place::is(node, "Scenario", ""))?;
    let (list, values, amount) = to.kind.place();
    let lists = list.split('.').try_fold(root.get("spec")?, |node, key| node.get(key))?;
    let point = lists.items().get(to.list)?.get(values)?.items().get(to.index)?;
    let (at, value) = (point.get("at")?.span, point.get(amount)?.span);
    let when = duration(text.get(at.start..at.end)?, to.at.since(Instant::ZERO));
    let much = quantity(text.get(value.start..value.end)?, to.milli);
    // The later one first, so that the place of the other stays.
    let mut changes = [(at, when), (value, much)];
    if at.start < value.start {
        changes.reverse();
    }
    let mut edited = text.to_owned();
    for (Span { start, end }, new) in changes {
        edited.replace_range(start..end, &new);
    }
    reads(text, &edited, to).then_some(edited)
}

/// As it was written: in seconds alone, or with minutes and hours.
fn duration(written: &str, to: Duration) -> String {
    let plain = written.trim_end_matches('s').bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let whole = to.as_micros() % 1_000_000 == 0;
    if plain && whole { format!("{}s", to.as_secs()) } else { to.go() }
}

/// As it was written: in thousandths, or whole where that is possible.
fn quantity(written: &str, milli: i64) -> String {
    if written.ends_with('m') || milli % 1_000 != 0 {
        format!("{milli}m")
    } else {
        (milli / 1_000).to_string()
    }
}

/// Whether the text says what it should, and nothing else is different: an alias stands for more
/// than one point.
fn reads(before: &str, after: &str, to: PointMove) -> bool {
    let (before, after) = (Scenario::from_text(before).0, Scenario::from_text(after).0);
    let (mut old, new) = (points(&before), points(&after));
    let place = (to.kind, to.list, to.index);
    for (known, at, milli) in &mut old {
        if *known == place {
            (*at, *milli) = (to.at.since(Instant::ZERO), to.milli);
        }
    }
    old == new && new.iter().any(|(known, ..)| *known == place)
}

/// Every point of every curve: which it is, when, how much.
fn points(scenario: &Scenario) -> Vec<((CurveKind, usize, usize), Duration, i64)> {
    let mut points = Vec::new();
    for (list, load) in scenario.load.iter().enumerate() {
        for (index, own) in load.cpu.0.0.iter().enumerate() {
            points.push(((CurveKind::Cpu, list, index), own.at, own.value.milli_value()));
        }
        for (index, own) in load.rps.0.0.iter().enumerate() {
            points.push(((CurveKind::Rps, list, index), own.at, own.value.milli_value()));
        }
    }
    let custom = scenario.metrics.iter().flat_map(|metrics| &metrics.custom);
    for (list, metric) in custom.enumerate() {
        for (index, own) in metric.values.iter().enumerate() {
            points.push(((CurveKind::Custom, list, index), own.at, own.value.milli_value()));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# load by hand
apiVersion: podarium.dev/v1
kind: Scenario
spec:
  load:
  - deployment: web
    cpu: # all Pods
    - {at: 0s, total: 10m}
    - at: 3m1s # then
      total: 140m
  - service: web
    rps: [{at: 10s, rate: 5}]
  metrics:
    custom:
    - name: queue
      values:
      - at: 5s
        value: 12
";

    fn moved(kind: CurveKind, list: usize, index: usize, seconds: i64, milli: i64) -> String {
        let at = Instant::from_secs(seconds);
        with_point(TEXT, PointMove { kind, list, index, at, milli, done: true })
            .expect("it can be written")
    }

    #[test]
    fn two_numbers_change_and_nothing_else() {
        let text = moved(CurveKind::Cpu, 0, 1, 200, 90);
        assert_eq!(text, TEXT.replace("3m1s", "3m20s").replace("140m", "90m"));
        let text = moved(CurveKind::Cpu, 0, 0, 5, 1_000);
        assert_eq!(text, TEXT.replace("{at: 0s, total: 10m}", "{at: 5s, total: 1000m}"));
        let text = moved(CurveKind::Rps, 1, 0, 70, 7_000);
        assert_eq!(text, TEXT.replace("{at: 10s, rate: 5}", "{at: 70s, rate: 7}"));
        let text = moved(CurveKind::Custom, 0, 0, 5, 500);
        assert_eq!(text, TEXT.replace("value: 12", "value: 500m"));
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let to = |kind, list, index| PointMove {
            kind,
            list,
            index,
            at: Instant::ZERO,
            milli: 1,
            done: true,
        };
        assert_eq!(with_point(TEXT, to(CurveKind::Cpu, 0, 2)), None);
        assert_eq!(with_point(TEXT, to(CurveKind::Cpu, 1, 0)), None);
        assert_eq!(with_point("kind: Pod\n", to(CurveKind::Rps, 0, 0)), None);
        let alias = TEXT.replace("{at: 0s, total: 10m}", "&p {at: 0s, total: 10m}");
        let alias = alias.replace("- at: 3m1s # then\n      total: 140m\n", "- *p\n");
        assert!(Scenario::from_text(&alias).1.is_empty());
        assert_eq!(with_point(&alias, to(CurveKind::Cpu, 0, 1)), None, "it would move both");
    }
}
