//! The lanes of Services and workloads, from the scenarios of the gallery: endpoints, routes,
//! requests, CPU, replicas.

use podarium::cluster::Cluster;
use podarium::draw::{self, Layout, text_width};
use podarium::gallery;
use podarium::i18n::Lang;
use podarium::scenario::Scenario;
use podarium::time::{Duration, Instant};
use podarium::trace::requests::Lost;
use podarium::trace::{Change, Trace};
use podarium::view::autoscaling::Decision;
use podarium::view::axis::{Axis, Window, folds};
use podarium::view::kubectl;
use podarium::view::story::{What, story};
use podarium::view::timeline::{
    Figure, Group, GroupKind, Label, Lane, LaneKind, Piece, Shape, State, Timeline,
    TimelineOptions, timeline,
};
use podarium::view::why::{RemedyKind, why};

fn run(text: &str) -> Trace {
    let (scenario, _) = Scenario::from_text(text);
    Cluster::run(&scenario)
}

/// A scenario of the gallery with luck of its own: what is counted here must not hang on the luck
/// that the page gives it.
fn of_gallery(id: &str) -> Trace {
    let text = gallery::entry(id).expect("it is in the gallery").text;
    let (mut scenario, _) = Scenario::from_text(text);
    // How fresh a metric is decides whether a step is taken in one go.
    scenario.seed = if id == "hpa-load" { 99_926 } else { 31_170 };
    Cluster::run(&scenario)
}

fn view(trace: &Trace) -> Timeline {
    timeline(trace, &TimelineOptions::default())
}

fn lanes(view: &Timeline, kind: LaneKind) -> Vec<&Lane> {
    view.lanes().filter(|lane| lane.kind == kind).collect()
}

fn pods(view: &Timeline) -> Vec<&Group> {
    view.groups.iter().filter(|group| group.kind == GroupKind::Pod).collect()
}

fn of(group: &Group, kind: LaneKind) -> Option<&Lane> {
    group.lanes.iter().find(|lane| lane.kind == kind)
}

fn word(label: &Label) -> &str {
    match label {
        Label::Words(words) => words.first().map_or("", String::as_str),
        _ => "",
    }
}

/// A Deployment of nginx behind a Service, on so many nodes.
fn crowd(replicas: usize, nodes: usize) -> String {
    let nodes: String =
        (1..=nodes).map(|n| format!("    - {{name: node{n}, images: ['nginx:1.26']}}\n")).collect();
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: nginx, image: 'nginx:1.26'}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80}}]
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {{name: crowd}}
spec:
  duration: 60s
  cluster:
    nodes:
{nodes}  load: [{{service: web, rps: [{{at: 10s, rate: 40, step: true}}]}}]
  actions: [{{at: 30s, run: kubectl scale deployment/web --replicas=1}}]
"
    )
}

#[test]
fn nodes_forget_a_pod_one_after_the_other() {
    let trace = of_gallery("rollout-loses");
    let view = view(&trace);
    let old: Vec<&Group> = pods(&view)
        .into_iter()
        .filter(|group| {
            of(group, LaneKind::Endpoint).is_some_and(|lane| {
                lane.marks.iter().any(|mark| mark.shape == Shape::Endpoint { added: false })
            })
        })
        .collect();
    assert_eq!(old.len(), 2);
    for group in old {
        let endpoint = of(group, LaneKind::Endpoint).expect("it is behind the Service");
        let states: Vec<State> = endpoint.pieces.iter().map(|piece| piece.state).collect();
        // It stands in the slice before its first readiness probe has been told of.
        assert_eq!(states, [State::Running, State::Ready, State::Terminating]);
        assert_eq!(word(&endpoint.pieces[2].label), "serving, terminating");
        let left = endpoint.pieces[2].from;
        let routes = of(group, LaneKind::Routes).expect("nodes route to it");
        let forgot: Vec<Instant> = routes.marks.iter().map(|mark| mark.at).collect();
        assert_eq!(forgot.len(), 3, "{routes:?}");
        assert!(forgot.iter().all(|at| *at > left), "nobody knows before it happens");
        assert!(forgot.windows(2).any(|two| two[0] != two[1]), "a staircase: {forgot:?}");
        for mark in &routes.marks {
            let entry = trace.entry(mark.entry).expect("it is in the trace");
            assert!(matches!(entry.change, Change::Routed { .. }) && entry.at == mark.at);
        }
        // Cause before effect: what is below comes later.
        let kinds: Vec<LaneKind> = group.lanes.iter().map(|lane| lane.kind).collect();
        assert_eq!(kinds[kinds.len() - 2..], [LaneKind::Endpoint, LaneKind::Routes]);
    }
}

#[test]
fn every_lost_request_is_in_its_lane() {
    for id in ["rollout-loses", "rollout-keeps", "slow-under-load"] {
        let trace = of_gallery(id);
        let view = view(&trace);
        let (mut sent, mut lost) = (0, 0);
        for entry in trace.entries() {
            if let Change::Requests(requests) = &entry.change {
                (sent, lost) = (sent + requests.sent, lost + requests.losses());
            }
        }
        assert_eq!(view.summary.requests, (sent, lost), "{id}");
        let mut drawn = 0;
        for piece in lanes(&view, LaneKind::Requests).iter().flat_map(|lane| &lane.pieces) {
            if let State::Figure(Figure::Lost { lost, sent }) = piece.state {
                assert!(lost <= sent && piece.from <= piece.to, "{id} {piece:?}");
                let Label::Lost(reasons) = &piece.label else { panic!("{id} {piece:?}") };
                assert_eq!(reasons.iter().map(|(_, count)| count).sum::<u64>(), lost, "{id}");
                drawn += lost;
            }
        }
        assert_eq!(drawn, lost, "{id}");
        let words = (Lang::En.timeline().verdict)(&view.summary, view.horizon);
        assert_eq!(words.contains("none lost"), lost == 0, "{id}: {words}");
    }
}

#[test]
fn a_loss_begins_where_something_goes_wrong() {
    // The load rises from 20 s on: before, nobody waits in vain, though nothing was told since 0.
    let trace = of_gallery("slow-under-load");
    let view = view(&trace);
    let first = lanes(&view, LaneKind::Requests)
        .into_iter()
        .flat_map(|lane| &lane.pieces)
        .find(|piece| matches!(piece.state, State::Figure(Figure::Lost { .. })))
        .expect("some are lost");
    assert!(first.from > Instant::from_secs(20), "{first:?}");
    let Label::Lost(reasons) = &first.label else { panic!("{first:?}") };
    assert!(reasons.iter().all(|(why, _)| *why == Lost::Overloaded), "{reasons:?}");
}

#[test]
fn a_pod_alone_stays_quiet() {
    for id in ["two-containers", "exit-1", "prestop-sleep"] {
        let trace = of_gallery(id);
        let own = [
            LaneKind::Endpoint,
            LaneKind::Routes,
            LaneKind::Requests,
            LaneKind::Load,
            LaneKind::Cpu,
            LaneKind::Replicas,
            LaneKind::Endpoints,
        ];
        for lane in view(&trace).lanes() {
            assert!(!own.contains(&lane.kind), "{id} {lane:?}");
        }
    }
}

#[test]
fn an_endpoint_that_is_not_ready_gets_nothing() {
    let trace = of_gallery("never-ready");
    let view = view(&trace);
    let endpoint = lanes(&view, LaneKind::Endpoint)[0];
    assert_eq!(endpoint.pieces.len(), 1);
    assert_eq!(endpoint.pieces[0].state, State::Running);
    assert_eq!(word(&endpoint.pieces[0].label), "not ready");
    assert!(lanes(&view, LaneKind::Routes).is_empty());
    // Ready again is routed again.
    let trace = of_gallery("ready-goes");
    let view = super::picture_of(&trace);
    let states: Vec<State> =
        lanes(&view, LaneKind::Endpoint)[0].pieces.iter().map(|piece| piece.state).collect();
    assert_eq!(states, [State::Running, State::Ready, State::Running, State::Ready]);
    let routes = lanes(&view, LaneKind::Routes)[0];
    let spans = routes.pieces.iter().filter(|piece| {
        matches!(piece.state, State::Figure(Figure::Routed { level: 0, fallback: false }))
    });
    assert_eq!(spans.count(), 2);
}

#[test]
fn the_last_resort_is_told_apart() {
    let trace = of_gallery("leaving-probed");
    let view = view(&trace);
    let backs: Vec<bool> = lanes(&view, LaneKind::Routes)[0]
        .pieces
        .iter()
        .filter_map(|piece| match piece.state {
            State::Figure(Figure::Routed { level: 0, fallback }) => Some(fallback),
            _ => None,
        })
        .collect();
    assert_eq!(backs, [false, true]);
}

#[test]
fn many_nodes_share_a_bar() {
    let trace = run(&crowd(2, 8));
    let view = view(&trace);
    let gone = pods(&view)
        .into_iter()
        .filter_map(|group| of(group, LaneKind::Routes))
        .find(|lane| lane.pieces.iter().any(|piece| word(&piece.label) == "0/8"))
        .expect("one of two is forgotten by all");
    let mut counts = Vec::new();
    for piece in &gone.pieces {
        let State::Figure(Figure::RoutedBy { nodes, of }) = piece.state else {
            panic!("{piece:?}");
        };
        assert_eq!(of, 8);
        counts.push(nodes);
    }
    assert!(counts.contains(&8) && counts.last() == Some(&0), "{counts:?}");
    assert!(counts.len() > 6, "one step a node: {counts:?}");
}

#[test]
fn folded_pods_leave_their_services_a_strip() {
    let trace = run(&crowd(14, 3));
    let view = view(&trace);
    assert!(lanes(&view, LaneKind::Endpoint).is_empty(), "fourteen are too many");
    let endpoints = lanes(&view, LaneKind::Endpoints)[0];
    let ready: Vec<i32> = endpoints
        .pieces
        .iter()
        .filter_map(|piece| match piece.state {
            State::Figure(Figure::Replicas { ready, .. }) => Some(ready),
            _ => None,
        })
        .collect();
    assert_eq!((ready.iter().max(), ready.last()), (Some(&14), Some(&1)));
    let behind = lanes(&view, LaneKind::Routes)[0];
    let late = |piece: &Piece| match piece.state {
        State::Figure(Figure::RoutedBy { nodes, of }) => nodes < of,
        _ => false,
    };
    assert!(behind.pieces.iter().any(late), "{behind:?}");
    assert!(!late(behind.pieces.last().expect("it has some")), "in the end all know");
    let order: Vec<LaneKind> = view
        .groups
        .iter()
        .filter(|group| matches!(group.kind, GroupKind::Service | GroupKind::Workload))
        .flat_map(|group| group.lanes.iter().map(|lane| lane.kind))
        .collect();
    let expected = [LaneKind::Endpoints, LaneKind::Routes, LaneKind::Requests, LaneKind::Replicas];
    assert_eq!(order, expected);
}

#[test]
fn what_is_used_is_what_kubectl_top_says() {
    let trace = of_gallery("hpa-load");
    let view = view(&trace);
    let lane = lanes(&view, LaneKind::Cpu)[0];
    let mut asked = 0;
    for piece in &lane.pieces {
        let State::Figure(Figure::Cpu { used, request, limit }) = piece.state else {
            panic!("{piece:?}");
        };
        assert_eq!((request, limit), (100, 0));
        let at = piece.from + Duration::from_millis(1);
        let output = kubectl::run(&trace.state_at(at), &trace, "kubectl top pods --no-headers");
        let told = output.expect("it is known").stdout;
        let of_pods: Vec<i64> = told
            .lines()
            .filter_map(|line| line.split_whitespace().nth(1)?.strip_suffix('m')?.parse().ok())
            .collect();
        let count = i64::try_from(of_pods.len()).expect("few");
        assert_eq!(used, (of_pods.iter().sum::<i64>() + count - 1) / count, "{told}");
        asked += 1;
    }
    assert!(asked > 5, "{lane:?}");
    let wanted: Vec<i32> = lanes(&view, LaneKind::Replicas)[0]
        .pieces
        .iter()
        .filter_map(|piece| match piece.state {
            State::Figure(Figure::Replicas { wanted, .. }) => Some(wanted),
            _ => None,
        })
        .collect();
    let mut steps = wanted.clone();
    steps.dedup();
    assert_eq!(steps, [1, 3, 1]);
    let load = lanes(&view, LaneKind::Load)[0];
    assert!(load.pieces.iter().any(|piece| {
        piece.state == State::Figure(Figure::Load { first: 10, last: 140, cpu: true })
    }));
}

#[test]
fn the_text_has_a_row_for_each_node() {
    let text = view(&of_gallery("rollout-loses")).to_string();
    for node in ["kube-proxy node1", "kube-proxy node2", "kube-proxy node3"] {
        assert_eq!(text.lines().filter(|line| line.starts_with(node)).count(), 4, "{text}");
    }
    let requests = text.lines().find(|line| line.starts_with("requests to shop"));
    assert!(requests.is_some_and(|line| line.contains('╳') && line.contains(" lost")), "{text}");
    assert!(text.contains("⊕") && text.contains("⊖"), "{text}");
}

#[test]
fn the_story_tells_of_endpoints_losses_and_decisions() {
    let told = story(&of_gallery("rollout-loses"));
    let lost: u64 = told
        .lines()
        .filter_map(|line| match &line.what {
            What::RequestsLost { lost, .. } => Some(*lost),
            _ => None,
        })
        .sum();
    assert_eq!(lost, view(&of_gallery("rollout-loses")).summary.requests.1);
    let leaves = told.told.iter().position(|line| {
        matches!(line.what, What::EndpointUnready { serving: true, terminating: true, .. })
    });
    let last = told.told.iter().position(|line| matches!(line.what, What::Unrouted { .. }));
    assert!(leaves.zip(last).is_some_and(|(leaves, last)| leaves < last));
    let nodes = told.told.iter().filter_map(|line| match &line.what {
        What::Unrouted { nodes, took, .. } => Some((*nodes, took.as_millis() > 0)),
        _ => None,
    });
    assert_eq!(nodes.collect::<Vec<_>>(), [(3, true), (3, true)]);
    let decisions: Vec<(Decision, Option<String>)> = story(&of_gallery("hpa-load"))
        .lines()
        .filter_map(|line| match &line.what {
            What::Scaling(look) => Some((look.decision, look.formula())),
            _ => None,
        })
        .collect();
    let kinds: Vec<Decision> = decisions.iter().map(|(decision, _)| *decision).collect();
    let known: Vec<Decision> =
        kinds.iter().copied().filter(|own| *own != Decision::Unknown).collect();
    assert_eq!(known, [Decision::Up, Decision::Stabilizing, Decision::Down]);
    let first = kinds.iter().take_while(|own| **own == Decision::Unknown).count();
    assert_eq!(kinds.len(), first + known.len(), "without a sample nothing is decided");
    assert!(
        decisions[first..].iter().all(|(_, sum)| sum.as_ref().is_some_and(|s| s.contains("ceil(")))
    );
}

#[test]
fn losses_that_go_on_are_one_line() {
    let told = story(&of_gallery("slow-under-load"));
    let spans = |lines: &mut dyn Iterator<Item = &podarium::view::story::Line>| {
        lines
            .filter_map(|line| match &line.what {
                What::RequestsLost { since, lost, .. } => Some((*since, line.at, *lost)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let shown = spans(&mut told.lines());
    let all = spans(&mut told.told.iter());
    assert!(shown.len() < all.len(), "{shown:?}");
    let sum = |spans: &[(Instant, Instant, u64)]| spans.iter().map(|own| own.2).sum::<u64>();
    assert_eq!(sum(&shown), sum(&all));
}

#[test]
fn every_line_of_the_gallery_is_said_in_both_languages() {
    for entry in gallery::all() {
        let told = story(&run(entry.text));
        for line in &told.told {
            let [en, zh] = Lang::ALL.map(|lang| (lang.story().said)(line, true));
            assert!(!en.claim.is_empty() && !zh.claim.is_empty(), "{} {line:?}", entry.id);
            assert!(!en.claim.ends_with('.') && !zh.claim.ends_with('。'), "{en:?} {zh:?}");
        }
    }
}

#[test]
fn every_place_of_the_new_lanes_can_be_asked_about() {
    for id in ["rollout-loses", "hpa-load", "slow-under-load", "leaving-probed"] {
        let trace = of_gallery(id);
        let view = view(&trace);
        let layout = Layout::new(&view, 1_040.0, Lang::En);
        let folds = folds(&view.moments, view.horizon);
        let axis = Axis::new(Window::whole(view.horizon), &folds, layout.plot, layout.tear);
        let picture = draw::timeline(&view, &axis, &layout, Lang::En, "t");
        let kinds: Vec<LaneKind> = view.lanes().map(|lane| lane.kind).collect();
        for spot in &picture.spots {
            let strip = matches!(
                kinds[spot.lane],
                LaneKind::Endpoint
                    | LaneKind::Routes
                    | LaneKind::Requests
                    | LaneKind::Load
                    | LaneKind::Cpu
                    | LaneKind::Replicas
            );
            if !strip {
                continue;
            }
            let answer = why(&trace, spot.at, Some(spot.entry));
            assert!(!answer.links.is_empty(), "{id} {spot:?}");
            let acted = answer.links.last().map(|line| &line.what);
            assert!(matches!(acted, Some(What::Acted { .. })), "{id} {spot:?}\n{answer}");
        }
    }
}

#[test]
fn no_two_words_of_a_picture_overlap() {
    for entry in gallery::all() {
        let trace = run(entry.text);
        let view = view(&trace);
        for lang in Lang::ALL {
            for width in [390.0, 700.0, 1_040.0] {
                let layout = Layout::new(&view, width, lang);
                let folds = folds(&view.moments, view.horizon);
                let axis = Axis::new(Window::whole(view.horizon), &folds, layout.plot, layout.tear);
                let picture = draw::timeline(&view, &axis, &layout, lang, "t");
                let place = format!("{} at {width} in {lang:?}", entry.id);
                apart(&(picture.svg + &picture.labels), &place);
            }
        }
    }
}

/// Whether every text has its place to itself, by the narrowest that fonts draw it.
fn apart(svg: &str, place: &str) {
    let mut boxes: Vec<(f64, f64, f64, String)> = Vec::new();
    for (x, y, anchor, size, mono, text) in placed(svg) {
        let width = text_width(&text, size, mono) * 0.95;
        let from = match anchor.as_str() {
            "end" => x - width,
            "middle" => x - width / 2.0,
            _ => x,
        };
        for (a, b, line, other) in &boxes {
            let crosses = from < *b - 1.0 && *a < from + width - 1.0 && (y - line).abs() < 7.0;
            assert!(!crosses, "{place}: “{text}” over “{other}”");
        }
        boxes.push((from, from + width, y, text));
    }
}

/// Place, anchor, size, whether in mono, and words of every text.
fn placed(svg: &str) -> Vec<(f64, f64, String, f64, bool, String)> {
    let texts = svg.split("<text ").skip(1).map(|part| {
        let (attributes, rest) = part.split_once('>').expect("a tag ends");
        let value = |key: &str| {
            let found = attributes.split_once(key).and_then(|(_, v)| v.split('"').next());
            found.unwrap_or_default().to_owned()
        };
        let number = |key: &str| value(key).parse::<f64>().expect("a text has a place");
        let classes = value("class=\"");
        let of = |own: &str| classes.split(' ').any(|class| class == own);
        let size = if of("tl-xs") {
            10.0
        } else if of("tl-s") {
            11.0
        } else {
            12.0
        };
        let words = rest.split("</text>").next().unwrap_or_default();
        let words = words.rsplit("</title>").next().unwrap_or_default().to_owned();
        let anchor = value("text-anchor=\"");
        (number(" x=\""), number(" y=\""), anchor, size, of("tl-m"), words)
    });
    texts.collect()
}

#[test]
fn of_a_tall_picture_a_part_can_be_drawn() {
    let trace = run(&crowd(60, 3));
    let view = view(&trace);
    let layout = Layout::new(&view, 1_040.0, Lang::En);
    let axis = Axis::new(Window::whole(view.horizon), &[], layout.plot, layout.tear);
    let whole = draw::timeline(&view, &axis, &layout, Lang::En, "t");
    let (from, to) = (300.0, 500.0);
    let part = draw::timeline(&view, &axis, &layout.clone().showing(from, to), Lang::En, "t");
    assert_eq!((part.height, part.foot), (whole.height, whole.foot), "it scrolls as far");
    assert!(part.svg.len() * 2 < whole.svg.len());
    let seen = |spot: &&draw::Spot| spot.y >= from && spot.y + spot.height <= to;
    let count = whole.spots.iter().filter(seen).count();
    assert!(count > 10 && part.spots.iter().filter(seen).count() == count);
    assert!(part.spots.iter().all(|spot| whole.spots.contains(spot)));
}

#[test]
fn an_area_is_no_narrower_than_a_window_may_be() {
    let at = Instant::from_secs;
    assert_eq!(Window::between(at(3), at(9), at(60)), Window { from: at(3), to: at(9) });
    let narrow = Window::between(at(60), at(60), at(60));
    assert_eq!((narrow.to, narrow.to > narrow.from), (at(60), true));
    assert_eq!(Window::between(at(0), at(9), Instant::ZERO).from, Instant::ZERO);
}

#[test]
fn the_keyboard_goes_from_lane_to_lane() {
    let trace = of_gallery("rollout-loses");
    let view = view(&trace);
    let at = Instant::from_secs(10);
    let step = |down: bool| {
        let mut seen = Vec::new();
        let mut marked = None;
        while let Some(next) = view.beside(at, marked, down) {
            assert!(!seen.contains(&next) && seen.len() < 100, "{seen:?}");
            seen.push(next);
            marked = Some(next);
        }
        seen
    };
    let (down, mut up) = (step(true), step(false));
    up.reverse();
    assert_eq!(down, up, "up is the way back");
    let routed = |own: &podarium::trace::EntryId| {
        trace.entry(*own).is_some_and(|entry| matches!(entry.change, Change::Routed { .. }))
    };
    assert!(down.iter().any(routed));
    // Requests are told when their span is over; all else has happened.
    let past = |own: &podarium::trace::EntryId| {
        trace
            .entry(*own)
            .is_some_and(|entry| entry.at <= at || matches!(entry.change, Change::Requests(_)))
    };
    assert!(down.iter().all(past));
}

#[test]
fn what_would_have_kept_requests_is_named() {
    let remedies = |id: &str| {
        let trace = of_gallery(id);
        let told = story(&trace);
        let line = told
            .told
            .iter()
            .find(|line| matches!(line.what, What::RequestsLost { .. }))
            .expect("some are lost")
            .clone();
        let answer = why(&trace, line.at, Some(line.entry));
        let fields: Vec<(RemedyKind, String)> = answer
            .remedies
            .into_iter()
            .map(|own| (own.kind, own.place.map(|place| place.path).unwrap_or_default()))
            .collect();
        fields
    };
    let container = "spec.template.spec.containers[name=";
    let sleep = (RemedyKind::LeaveLater, format!("{container}nginx].lifecycle.preStop"));
    assert!(remedies("rollout-loses").contains(&sleep), "{:?}", remedies("rollout-loses"));
    let cpu = (RemedyKind::MoreCpu, format!("{container}api].resources.limits.cpu"));
    assert!(remedies("slow-under-load").contains(&cpu), "{:?}", remedies("slow-under-load"));
}
