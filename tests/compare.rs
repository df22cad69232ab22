//! Two runs on one clock: which lanes differ, by how much, and what is carried in one link.

#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::draw::{self, Layout};
use podarium::gallery;
use podarium::i18n::Lang;
use podarium::scenario::Scenario;
use podarium::share::{SharedState, decode, encode};
use podarium::time::Duration;
use podarium::view::axis::{Axis, Window, folds};
use podarium::view::compare::{Amount, Comparison, FactKind, compare, folds_differ};
use podarium::view::timeline::{LaneKind, Note, Timeline, TimelineOptions, timeline};

fn text(id: &str) -> &'static str {
    gallery::entry(id).expect("it is in the gallery").text
}

fn run(text: &str) -> Timeline {
    let (scenario, _) = Scenario::from_text(text);
    timeline(&Cluster::run(&scenario), &TimelineOptions::default())
}

fn compared(a: &str, b: &str) -> Comparison {
    assert_ne!(a, b, "the edit does something");
    compare(&run(a), &run(b))
}

fn fact(found: &Comparison, kind: FactKind) -> (Option<Amount>, Option<Amount>) {
    let fact = found.facts.iter().find(|fact| fact.kind == kind);
    fact.map_or((None, None), |fact| (fact.a, fact.b))
}

#[test]
fn the_same_run_has_no_lane_of_its_own() {
    for entry in gallery::all() {
        let one = run(entry.text);
        let found = compare(&one, &one);
        assert_eq!((found.differ, found.picture.groups.len()), (0, 0), "{}", entry.id);
        assert!(found.facts.iter().all(|fact| fact.is_same()), "{}", entry.id);
        assert!(!found.alike.is_empty(), "{}", entry.id);
    }
}

#[test]
fn a_longer_prestop_is_a_distance() {
    let a = text("prestop-sleep");
    let b = a.replace("seconds: 9", "seconds: 4");
    let found = compared(a, &b);
    let app = |lane: &&podarium::view::timeline::Lane| matches!(lane.kind, LaneKind::Container(_));
    let lanes: Vec<_> = found.picture.lanes().filter(app).collect();
    assert_eq!(lanes.len(), 2, "A above B: {found}");
    let Note::Side { second: true, by: Some(by) } = lanes[1].note else { panic!("{found}") };
    assert!((by.as_micros() + 5_000_000).abs() < 500_000, "five seconds earlier: {by:?}");
    let (Some(Amount::At(gone_a)), Some(Amount::At(gone_b))) = fact(&found, FactKind::Gone) else {
        panic!("{found}");
    };
    assert!((gone_a.since(gone_b) - Duration::from_secs(5)).as_micros().abs() < 1_500_000);
    let (Some(ready_a), Some(ready_b)) = fact(&found, FactKind::Ready) else { panic!("{found}") };
    assert_eq!(ready_a, ready_b);
    assert!(found.to_string().contains("= same"), "{found}");
}

#[test]
fn what_is_cured_is_a_number() {
    let a = text("startup-never");
    let b = a.replace("path: /api/successStart", "path: /");
    let found = compared(a, &b);
    let restarts = fact(&found, FactKind::Restarts);
    let (Some(Amount::Count(before)), Some(Amount::Count(0))) = restarts else {
        panic!("{found}");
    };
    assert!(before >= 3, "{found}");
}

#[test]
fn pods_of_another_template_stand_beside_those_they_replace() {
    let a = text("hpa-load");
    let b = a.replace("maxReplicas: 3", "maxReplicas: 6").replace("cpu: 100m", "cpu: 50m");
    let (one, two) = (run(a), run(&b));
    let found = compare(&one, &two);
    assert!(found.differ > 0);
    // Each pair is two lanes of one kind.
    for group in &found.picture.groups {
        assert_eq!(group.lanes.len(), 2);
        assert_eq!(group.lanes[0].kind, group.lanes[1].kind);
    }
    let (before, after) = fact(&found, FactKind::Pods);
    assert!(before != after, "{found}");
    let lines = TimelineOptions { most_lanes: 0, open: Vec::new() };
    let (scenario, _) = Scenario::from_text(&b);
    let folded = timeline(&Cluster::run(&scenario), &lines);
    assert!(folds_differ(&run(text("prestop-sleep")), &folded) && !folds_differ(&two, &two));
}

#[test]
fn requests_that_are_not_lost_any_more_are_a_number() {
    // Which lanes differ, and thus stand in pairs, is luck.
    let a = text("rollout-loses").replace("  duration: 40s\n", "  duration: 40s\n  seed: 31170\n");
    let b = a.replace(
        "        image: nginx:1.26\n",
        "        image: nginx:1.26\n        lifecycle: {preStop: {sleep: {seconds: 5}}}\n",
    );
    assert!(a.contains("seed: 31170"), "{a}");
    let found = compared(&a, &b);
    let (Some(Amount::Count(before)), Some(Amount::Count(0))) =
        fact(&found, FactKind::FailedRequests)
    else {
        panic!("{found}");
    };
    assert!(before > 0, "{found}");
    let lost = found.facts.iter().find(|fact| fact.kind == FactKind::FailedRequests);
    let [en, zh] = Lang::ALL.map(|lang| (lang.compare().fact)(lost.expect("it is told")));
    assert_eq!(en, format!("failed requests {before} → 0"));
    assert_eq!(zh, format!("失败的请求 {before} → 0"));
    // The lanes that say why stand in pairs.
    for kind in [LaneKind::Requests, LaneKind::Endpoint, LaneKind::Routes] {
        assert!(found.picture.lanes().filter(|lane| lane.kind == kind).count() >= 2, "{found}");
    }
}

#[test]
fn the_picture_is_drawn_in_both_languages() {
    let a = text("prestop-sleep");
    let b = a.replace("seconds: 9", "seconds: 4");
    let found = compared(a, &b);
    for lang in Lang::ALL {
        for width in [320.0, 1_040.0] {
            let layout = Layout::new(&found.picture, width, lang);
            let folds = folds(&found.picture.moments, found.picture.horizon);
            let whole = Window::whole(found.picture.horizon);
            let axis = Axis::new(whole, &folds, layout.plot, layout.tear);
            let drawn = draw::timeline(&found.picture, &axis, &layout, lang, "t");
            assert_eq!(drawn.svg.matches("cp-la").count(), found.differ);
            assert_eq!(drawn.svg.matches("cp-lb").count(), found.differ);
        }
        for fact in &found.facts {
            assert!(!(lang.compare().fact)(fact).is_empty());
        }
    }
}

#[test]
fn one_link_carries_both() {
    let a = text("prestop-sleep");
    let b = a.replace("seconds: 9", "seconds: 4");
    let state = SharedState {
        gallery: Some(("prestop-sleep".to_owned(), 1)),
        text: Some(b.clone()),
        against: Some(a.to_owned()),
        view: Some("compare".to_owned()),
        ..SharedState::default()
    };
    let link = encode(&state);
    assert!(link.len() < 160, "both are edits of what comes with the page: {link}");
    let read = decode(&link).expect("it is whole");
    assert_eq!((read.full_text(), read.against.as_deref()), (Some(&*b), Some(a)));
    // Alone, without the gallery.
    let state = SharedState { gallery: None, ..state };
    let read = decode(&encode(&state)).expect("it is whole");
    assert_eq!((read.full_text(), read.against.as_deref()), (Some(&*b), Some(a)));
    // A damaged A is told, and B is still there to be read.
    let link = encode(&state);
    let place = link.find("&a=").expect("A is in it");
    let damaged = decode(&link[..place + 8]).expect_err("its end is missing");
    assert_eq!(damaged.readable, b);
}
