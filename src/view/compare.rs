//! Two runs on one clock: what is different, and by how much.
//!
//! Owns: which lanes belong together, whether they are alike, and the facts in numbers
//! ([`Comparison`]). Does not own: the lanes (`timeline`), how they are drawn (`draw`), or any
//! sentence (`i18n`).
//!
//! A is the run that was put aside, B the one after further edits.

use std::fmt;

use crate::order;
use crate::time::{Duration, Instant};
use crate::view::timeline::{
    Group, GroupKind, Label, Lane, LaneKind, Mark, Note, Piece, Shape, State, Timeline,
};

/// Moments that differ by less are one: a clock that shows tenths shows no difference.
const SAME: Duration = Duration::from_millis(100);
/// Cells of the table in which equal lines are found; longer texts are compared as a whole.
const CELLS: usize = 250_000;

/// Two runs on one clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The lanes that differ, A above B, as one picture.
    pub picture: Timeline,
    /// How many lanes differ.
    pub differ: usize,
    /// The names of those that do not, each once.
    pub alike: Vec<String>,
    /// What came out, in numbers.
    pub facts: Vec<Fact>,
}

/// One result in both runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub kind: FactKind,
    /// In A; nothing where it never happened.
    pub a: Option<Amount>,
    /// In B.
    pub b: Option<Amount>,
}

/// What a result is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// When all Pods were ready for the first time.
    Ready,
    /// How often containers were restarted.
    Restarts,
    /// How many probes failed.
    FailedProbes,
    /// How many Pods there were.
    Pods,
    /// How many requests were lost.
    FailedRequests,
    /// When the last Pod was gone.
    Gone,
}

/// A result: a number, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(i64),
    /// At this moment.
    At(Instant),
}

impl Amount {
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(one), Self::At(two)) => near(one, two),
            (Self::Count(one), Self::Count(two)) => one == two,
            (Self::At(_) | Self::Count(_), _) => false,
        }
    }
}

impl Fact {
    /// Whether both runs agree.
    pub fn is_same(&self) -> bool {
        match (self.a, self.b) {
            (Some(a), Some(b)) => a.is_like(b),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// Compares two runs.
pub fn compare(a: &Timeline, b: &Timeline) -> Comparison {
    let horizon = a.horizon.max(b.horizon);
    let mut comparison = Comparison { facts: facts(a, b), ..Comparison::default() };
    let mut groups = Vec::new();
    for (one, two) in pairs(&a.groups, &b.groups) {
        let Some(group) = one.or(two) else { continue };
        for (left, right) in lane_pairs(one, two) {
            let Some(lane) = left.or(right) else { continue };
            if lane.kind == LaneKind::Phase {
                // STATUS says it, and more.
                continue;
            }
            let side = |lane: Option<&Lane>| lane.cloned().unwrap_or_else(|| empty(left.or(right)));
            if let (Some(left), Some(right)) = (left, right)
                && alike(left, right)
            {
                let name = name_of(group, lane);
                if !comparison.alike.contains(&name) {
                    comparison.alike.push(name);
                }
                continue;
            }
            let by = left.zip(right).and_then(|(left, right)| delay(left, right));
            let mut lanes = [side(left), side(right)];
            lanes[0].note = Note::Side { second: false, by: None };
            lanes[1].note = Note::Side { second: true, by };
            comparison.differ += 1;
            groups.push(Group {
                kind: group.kind,
                name: group.name.clone(),
                uid: String::new(),
                lanes: lanes.to_vec(),
            });
        }
    }
    // A lane that differs is not alike, also where another of its name is.
    let differing: Vec<String> =
        groups.iter().map(|group| name_of(group, &group.lanes[0])).collect();
    comparison.alike.retain(|name| !differing.contains(name));
    let mut moments: Vec<Instant> = a.moments.iter().chain(&b.moments).copied().collect();
    order::sort(&mut moments);
    moments.dedup();
    let summary = b.summary.clone();
    comparison.picture = Timeline { horizon, groups, moments, summary };
    comparison
}

/// Whether one run shows its Pods as lines and the other does not: then both should.
pub fn folds_differ(a: &Timeline, b: &Timeline) -> bool {
    let folded = |run: &Timeline| run.groups.iter().any(|group| group.kind == GroupKind::Pods);
    folded(a) != folded(b)
}

/// The lanes of one group, as pairs.
fn lane_pairs<'g>(
    one: Option<&'g Group>,
    two: Option<&'g Group>,
) -> Vec<(Option<&'g Lane>, Option<&'g Lane>)> {
    let lanes = |group: Option<&'g Group>| group.map_or(&[][..], |group| &group.lanes[..]);
    let same = |a: &Lane, b: &Lane| a.kind == b.kind && a.name == b.name;
    // A Pod of another template has another name: then the lines stand in the order of their birth.
    let kin = |a: &Lane, b: &Lane| {
        a.kind == b.kind && matches!(a.kind, LaneKind::PodLine | LaneKind::Status)
    };
    matched(lanes(one), lanes(two), &same, &kin)
}

/// The groups of both runs, as pairs.
fn pairs<'g>(a: &'g [Group], b: &'g [Group]) -> Vec<(Option<&'g Group>, Option<&'g Group>)> {
    let same = |a: &Group, b: &Group| a.kind == b.kind && a.name == b.name;
    let kin = |a: &Group, b: &Group| a.kind == b.kind;
    matched(a, b, &same, &kin)
}

/// Pairs those that are the same, then, in order, those that are akin; what is left stays alone.
fn matched<'g, T>(
    a: &'g [T],
    b: &'g [T],
    same: &dyn Fn(&T, &T) -> bool,
    kin: &dyn Fn(&T, &T) -> bool,
) -> Vec<(Option<&'g T>, Option<&'g T>)> {
    let mut partner: Vec<Option<usize>> = vec![None; a.len()];
    let mut taken = vec![false; b.len()];
    for fits in [same, kin] {
        for (index, one) in a.iter().enumerate() {
            if partner[index].is_some() {
                continue;
            }
            let free = |(place, two): &(usize, &T)| !taken[*place] && fits(one, two);
            let found = b.iter().enumerate().find(free).map(|(place, _)| place);
            if let Some(place) = found {
                taken[place] = true;
                partner[index] = Some(place);
            }
        }
    }
    let mut pairs: Vec<(Option<&T>, Option<&T>)> = a
        .iter()
        .zip(&partner)
        .map(|(one, place)| (Some(one), place.and_then(|place| b.get(place))))
        .collect();
    let alone = b.iter().zip(&taken).filter(|(_, taken)| !**taken);
    pairs.extend(alone.map(|(two, _)| (None, Some(two))));
    pairs
}

fn empty(like: Option<&Lane>) -> Lane {
    let (kind, name) = like.map_or((LaneKind::Status, ""), |lane| (lane.kind, lane.name.as_str()));
    Lane { kind, name: name.to_owned(), note: Note::None, pieces: Vec::new(), marks: Vec::new() }
}

/// What a lane is called among others.
fn name_of(group: &Group, lane: &Lane) -> String {
    match lane.kind {
        LaneKind::Actions => "actions".to_owned(),
        LaneKind::Controllers => "control plane".to_owned(),
        LaneKind::Status => format!("Pod {}", group.name),
        LaneKind::Endpoint | LaneKind::Routes => lane.name.clone(),
        LaneKind::Requests => format!("requests to {}", group.name),
        LaneKind::Load | LaneKind::Cpu | LaneKind::Replicas | LaneKind::Endpoints => {
            format!("{} of {}", lane.name, group.name)
        }
        _ => lane.name.clone(),
    }
}

fn near(a: Instant, b: Instant) -> bool {
    a.since(b).as_micros().abs() < SAME.as_micros()
}

/// Whether nobody could tell two lanes apart.
fn alike(a: &Lane, b: &Lane) -> bool {
    let pieces = |(one, two): (&Piece, &Piece)| {
        near(one.from, two.from) && near(one.to, two.to) && same_state(one.state, two.state)
    };
    let marks = |(one, two): (&Mark, &Mark)| near(one.at, two.at) && one.shape == two.shape;
    a.pieces.len() == b.pieces.len()
        && a.marks.len() == b.marks.len()
        && a.pieces.iter().zip(&b.pieces).all(pieces)
        && a.marks.iter().zip(&b.marks).all(marks)
        && a.marks.iter().zip(&b.marks).all(|(one, two)| same_words(&one.label, &two.label))
}

fn same_state(a: State, b: State) -> bool {
    match (a, b) {
        (State::Grace { used: one }, State::Grace { used: two }) => near(one, two),
        _ => a == b,
    }
}

/// What you did is different where its words are; names of Pods are not.
fn same_words(a: &Label, b: &Label) -> bool {
    match (a, b) {
        (Label::Words(one), Label::Words(two)) => one.last() == two.last(),
        _ => true,
    }
}

/// How much later in B the first thing happens that is not at the same time in both.
fn delay(a: &Lane, b: &Lane) -> Option<Duration> {
    let moments = |lane: &Lane| -> Vec<Instant> {
        let mut all: Vec<Instant> = lane.pieces.iter().map(|piece| piece.from).collect();
        all.extend(lane.pieces.last().map(|piece| piece.to));
        all.extend(lane.marks.iter().map(|mark| mark.at));
        order::sort(&mut all);
        all
    };
    let (one, two) = (moments(a), moments(b));
    let first = one.iter().zip(&two).find(|(one, two)| !near(**one, **two));
    first.map(|(one, two)| two.since(*one))
}

fn facts(a: &Timeline, b: &Timeline) -> Vec<Fact> {
    let at = |moment: Option<Instant>| moment.map(Amount::At);
    let count = |number: i64| Some(Amount::Count(number));
    let pods = |run: &Timeline| i64::try_from(run.summary.pods).unwrap_or(i64::MAX);
    let probes = |run: &Timeline| {
        let bad = |mark: &&Mark| {
            use crate::trace::ProbeOutcome::{Failure, Timeout};
            matches!(mark.shape, Shape::Probe { outcome: Failure | Timeout, .. })
        };
        i64::try_from(run.lanes().flat_map(|lane| &lane.marks).filter(bad).count())
            .unwrap_or(i64::MAX)
    };
    let lost = |run: &Timeline| i64::try_from(run.summary.requests.1).unwrap_or(i64::MAX);
    let fact = |kind, a, b| Fact { kind, a, b };
    let mut facts = vec![
        fact(FactKind::Ready, at(a.summary.ready_at), at(b.summary.ready_at)),
        fact(FactKind::Restarts, count(a.summary.restarts), count(b.summary.restarts)),
        fact(FactKind::FailedProbes, count(probes(a)), count(probes(b))),
        fact(FactKind::FailedRequests, count(lost(a)), count(lost(b))),
        fact(FactKind::Pods, count(pods(a)), count(pods(b))),
        fact(FactKind::Gone, at(a.summary.gone_at), at(b.summary.gone_at)),
    ];
    let nothing = |own: &Option<Amount>| matches!(own, None | Some(Amount::Count(0)));
    facts.retain(|fact| !(nothing(&fact.a) && nothing(&fact.b)));
    // A number of Pods that stays says nothing.
    facts.retain(|fact| fact.kind != FactKind::Pods || !fact.is_same());
    facts
}

/// One line of B's text that A has not, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Whether B has it.
    pub added: bool,
    /// The line.
    pub line: String,
}

/// What turns the text of A into that of B, line by line.
pub fn edits(a: &str, b: &str) -> Vec<Edit> {
    let (mut a, mut b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let head = a.iter().zip(&b).take_while(|(one, two)| one == two).count();
    a.drain(..head);
    b.drain(..head);
    while a.last().is_some() && a.last() == b.last() {
        a.pop();
        b.pop();
    }
    let edit = |added: bool, line: &str| Edit { added, line: line.to_owned() };
    if a.len().saturating_mul(b.len()) > CELLS {
        let gone = a.iter().map(|line| edit(false, line));
        return gone.chain(b.iter().map(|line| edit(true, line))).collect();
    }
    // The longest common part of what is left, from each place to the end.
    let wide = b.len() + 1;
    let mut longest = vec![0_u32; (a.len() + 1) * wide];
    for one in (0..a.len()).rev() {
        for two in (0..b.len()).rev() {
            longest[one * wide + two] = if a[one] == b[two] {
                longest[(one + 1) * wide + two + 1] + 1
            } else {
                longest[(one + 1) * wide + two].max(longest[one * wide + two + 1])
            };
        }
    }
    let (mut one, mut two, mut edits) = (0, 0, Vec::new());
    while one < a.len() || two < b.len() {
        if one < a.len() && two < b.len() && a[one] == b[two] {
            (one, two) = (one + 1, two + 1);
        } else if two == b.len()
            || (one < a.len() && longest[(one + 1) * wide + two] >= longest[one * wide + two + 1])
        {
            edits.push(edit(false, a[one]));
            one += 1;
        } else {
            edits.push(edit(true, b[two]));
            two += 1;
        }
    }
    edits
}

impl fmt::Display for Comparison {
    /// Prints the lanes that differ, A above B, and the facts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.picture)?;
        writeln!(f, "{} alike: {}", self.alike.len(), self.alike.join(", "))?;
        for fact in &self.facts {
            let text = |amount: Option<Amount>| match amount {
                None => "never".to_owned(),
                Some(Amount::Count(number)) => number.to_string(),
                Some(Amount::At(at)) => at.clock(),
            };
            let (kind, a, b) = (fact.kind, text(fact.a), text(fact.b));
            match fact.is_same() {
                true => writeln!(f, "{kind:?} {b} = same")?,
                false => writeln!(f, "{kind:?} {a} → {b}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(edits: &[Edit]) -> Vec<String> {
        edits
            .iter()
            .map(|own| format!("{}{}", if own.added { "+" } else { "-" }, own.line))
            .collect()
    }

    #[test]
    fn only_lines_that_differ_are_told() {
        assert!(edits("a\nb\nc\n", "a\nb\nc\n").is_empty());
        assert_eq!(told(&edits("a\nb\nc\n", "a\nc\n")), ["-b"]);
        assert_eq!(told(&edits("a\nb\nc\nd\n", "x\na\nb2\nc\nd\n")), ["+x", "-b", "+b2"]);
        assert_eq!(told(&edits("", "a\n")), ["+a"]);
        let long = "x\n".repeat(600);
        assert_eq!(edits(&long, &long.replace('x', "y")).len(), 1_200);
    }
}
