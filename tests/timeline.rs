//! The timeline, its drawing, the Story and Why, held against traces made by hand.

#[path = "timeline/lanes.rs"]
mod lanes;
#[path = "timeline/traces.rs"]
mod traces;

use podarium::draw::{self, Layout, Picture};
use podarium::i18n::Lang;
use podarium::time::{Duration, Instant};
use podarium::trace::{Change, EntryId, Trace};
use podarium::view::axis::{Axis, Window, folds, opened};
use podarium::view::story::{Item, What, story};
use podarium::view::timeline::{
    GroupKind, Lane, LaneKind, Shape, State, Timeline, TimelineOptions, timeline,
};
use podarium::view::why::{Now, Question, RemedyKind, source_link, why};
use traces::ms;

fn picture_of(trace: &Trace) -> Timeline {
    timeline(trace, &TimelineOptions::default())
}

fn drawn(trace: &Trace, lang: Lang, width: f64, window: Option<Window>) -> Picture {
    let view = picture_of(trace);
    let layout = Layout::new(&view, width, lang);
    let folds = folds(&view.moments, view.horizon);
    let window = window.unwrap_or(Window::whole(view.horizon));
    let axis = Axis::new(window, &folds, layout.plot, layout.tear);
    draw::timeline(&view, &axis, &layout, lang, "t")
}

fn lane<'t>(view: &'t Timeline, name: &str, kind: LaneKind) -> &'t Lane {
    let mut group_lanes = view.groups.iter().flat_map(|group| &group.lanes);
    let found = group_lanes.find(|lane| {
        lane.kind == kind && (lane.name == name || !matches!(kind, LaneKind::Container(_)))
    });
    found.unwrap_or_else(|| panic!("no lane {kind:?} {name}"))
}

fn states(lane: &Lane) -> Vec<(State, i64, i64)> {
    let seconds = |at: Instant| at.as_micros() / 100_000;
    lane.pieces.iter().map(|p| (p.state, seconds(p.from), seconds(p.to))).collect()
}

#[test]
fn a_static_pod_outlives_its_mirror() {
    let entry = podarium::gallery::entry("static-delete").expect("it is in the gallery");
    let (scenario, _) = podarium::scenario::Scenario::from_text(entry.text);
    let view = picture_of(&podarium::cluster::Cluster::run(&scenario));
    let pods: Vec<_> = view.groups.iter().filter(|group| group.kind == GroupKind::Pod).collect();
    assert_eq!(pods.len(), 2, "the mirror that was deleted, and the one that came back");
    let app = |lane: &&Lane| matches!(lane.kind, LaneKind::Container(_));
    let containers: Vec<&Lane> = pods[0].lanes.iter().filter(app).collect();
    assert_eq!(containers.len(), 1);
    let pieces = &containers[0].pieces;
    let ready = pieces.last().expect("it starts");
    assert_eq!((ready.state, ready.to), (State::Ready, view.horizon), "{pieces:?}");
    assert!(ready.from < Instant::from_secs(25), "the delete leaves it alone: {pieces:?}");
    assert_eq!(pods[1].lanes.iter().filter(app).count(), 0, "it is told once");
}

#[test]
fn a_container_is_leaving_from_its_hook_on() {
    let entry = podarium::gallery::entry("prestop-sleep").expect("it is in the gallery");
    let (scenario, _) = podarium::scenario::Scenario::from_text(entry.text);
    let view = picture_of(&podarium::cluster::Cluster::run(&scenario));
    let app = lane(&view, "nginx", LaneKind::Container(podarium::view::timeline::Role::App));
    let leaving = app.pieces.last().expect("it lived");
    assert_eq!(leaving.state, State::Terminating);
    let hook = lane(&view, "", LaneKind::Hooks).pieces.first().expect("it has a hook");
    assert!(leaving.from <= hook.from, "the hook is part of its end: {leaving:?}");
}

#[test]
fn the_two_container_pod_leaves_as_recorded() {
    let view = picture_of(&traces::two_containers());
    let status = lane(&view, "web", LaneKind::Status);
    assert_eq!(
        states(status),
        [
            (State::Waiting, 0, 0),
            (State::Waiting, 0, 55),
            (State::Ready, 55, 400),
            (State::Terminating, 400, 705),
            (State::Failed, 705, 711),
        ]
    );
    let shell = lane(&view, "shell", LaneKind::Container(podarium::view::timeline::Role::App));
    assert_eq!(states(shell).last(), Some(&(State::Terminating, 400, 700)));
    let signals: Vec<(bool, bool)> = shell
        .marks
        .iter()
        .filter_map(|mark| match mark.shape {
            Shape::Signal { kill, ignored, .. } => Some((kill, ignored)),
            _ => None,
        })
        .collect();
    assert_eq!(signals, [(false, true), (true, false)]);
    // nginx ended at once: only the shell used its grace.
    assert_eq!(view.lanes().filter(|lane| lane.kind == LaneKind::Grace).count(), 1);
    assert_eq!(view.summary.gone_at, Some(ms(71_100)));
    assert_eq!(view.summary.ready_at, Some(ms(5_500)));
}

#[test]
fn a_rollout_that_is_stuck_says_so_where_the_controllers_are() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  \
                progressDeadlineSeconds: 30\n  selector: {matchLabels: {app: web}}\n  template:\n    \
                metadata: {labels: {app: web}}\n    spec: {containers: [{name: c, image: \
                does-not-exist-anywhere}]}\n";
    let trace = podarium::cluster::Cluster::run(&podarium::scenario::Scenario::from_text(text).0);
    let timeline = picture_of(&trace);
    let marks: Vec<_> = timeline
        .lanes()
        .flat_map(|lane| &lane.marks)
        .filter(|mark| mark.shape == podarium::view::timeline::Shape::Stuck)
        .collect();
    let [mark] = marks[..] else { panic!("{marks:?}") };
    assert!((30..33).contains(&(mark.at.as_micros() / 1_000_000)), "{mark:?}");
}

#[test]
fn a_crash_loop_shows_its_lives_and_what_held_them_back() {
    let view = picture_of(&traces::crash_loop());
    let app = lane(&view, "app", LaneKind::Container(podarium::view::timeline::Role::App));
    assert_eq!(app.marks.iter().filter(|m| m.shape == Shape::Exit { ok: false }).count(), 6);
    assert_eq!(app.pieces.iter().filter(|piece| piece.state == State::BackOff).count(), 5);
    let backoff = lane(&view, "", LaneKind::Backoff);
    let windows: Vec<i64> = backoff.pieces.iter().map(|p| p.to.since(p.from).as_secs()).collect();
    assert_eq!(windows, [10, 20, 40, 80, 160]);
    assert!(
        backoff.pieces.iter().all(|p| matches!(p.state, State::BackoffWindow { blocks: true, .. }))
    );
    assert_eq!(view.summary.restarts, 5);
}

#[test]
fn windows_that_overlap_stand_apart() {
    let view = picture_of(&traces::startup_probe());
    let backoff = lane(&view, "", LaneKind::Backoff);
    for (index, piece) in backoff.pieces.iter().enumerate() {
        let State::BackoffWindow { level, .. } = piece.state else { panic!("{piece:?}") };
        for other in &backoff.pieces[..index] {
            let State::BackoffWindow { level: of, .. } = other.state else { panic!("{other:?}") };
            assert!(of != level || other.to <= piece.from, "{other:?} and {piece:?}");
        }
    }
    assert!(
        backoff
            .pieces
            .iter()
            .any(|p| matches!(p.state, State::BackoffWindow { blocks: false, .. }))
    );
}

#[test]
fn an_exit_is_unseen_until_the_api_shows_it() {
    let view = picture_of(&traces::init_order());
    let first = lane(&view, "i1", LaneKind::Container(podarium::view::timeline::Role::Init));
    let unseen = first.pieces.iter().find(|piece| piece.state == State::Unseen).unwrap();
    assert_eq!((unseen.from, unseen.to), (ms(3_720), ms(4_380)));
    // An init container that runs is never ready, whatever the API's field says after its end.
    assert!(first.pieces.iter().all(|piece| piece.state != State::Ready));
}

#[test]
fn rows_without_content_do_not_exist() {
    let view = picture_of(&traces::crash_loop());
    let kinds: Vec<LaneKind> = view.lanes().map(|lane| lane.kind).collect();
    assert!(!kinds.iter().any(|kind| matches!(kind, LaneKind::Probe(_) | LaneKind::Pulls)));
    assert!(!kinds.contains(&LaneKind::Hooks) && !kinds.contains(&LaneKind::Controllers));
    assert_eq!(timeline(&Trace::default(), &TimelineOptions::default()).lane_count(), 0);
}

#[test]
fn many_pods_fold_and_one_can_be_opened() {
    let trace = traces::many();
    let view = picture_of(&trace);
    let folded: Vec<&str> = view
        .groups
        .iter()
        .filter(|group| group.kind == GroupKind::Pods)
        .map(|group| group.name.as_str())
        .collect();
    assert_eq!(folded, ["web-8949b877b"]);
    assert_eq!(view.lanes().filter(|lane| lane.kind == LaneKind::PodLine).count(), 8);
    let open = TimelineOptions {
        open: vec!["uid-web-8949b877b-r8szq".to_owned()],
        ..TimelineOptions::default()
    };
    let view = timeline(&trace, &open);
    assert_eq!(view.lanes().filter(|lane| lane.kind == LaneKind::PodLine).count(), 7);
    assert_eq!(view.groups.iter().filter(|group| group.kind == GroupKind::Pod).count(), 1);
}

#[test]
fn pieces_of_a_lane_follow_one_another_and_name_real_entries() {
    for (name, trace) in traces::all() {
        let view = picture_of(&trace);
        for lane in view.lanes() {
            for piece in &lane.pieces {
                assert!(piece.from <= piece.to, "{name} {piece:?}");
                assert!(trace.entry(piece.entry).is_some(), "{name} {piece:?}");
            }
            let bars = matches!(lane.kind, LaneKind::Status | LaneKind::Phase | LaneKind::PodLine);
            if bars {
                let ordered = lane.pieces.windows(2).all(|two| two[0].to <= two[1].from);
                assert!(ordered, "{name} {lane:?}");
            }
            for mark in &lane.marks {
                let entry = trace.entry(mark.entry);
                assert!(entry.is_some(), "{name} {mark:?}");
            }
        }
    }
}

#[test]
fn every_mark_of_the_language_is_drawn() {
    let mut keys: Vec<podarium::i18n::timeline::Key> = traces::all()
        .iter()
        .flat_map(|(_, trace)| drawn(trace, Lang::En, 1_040.0, None).legend)
        .map(|(_, key)| key)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 22, "{keys:?}");
}

#[test]
fn drawings_are_well_formed_at_every_width_language_and_window() {
    for (name, trace) in traces::all() {
        for lang in Lang::ALL {
            for width in [0.0, 320.0, 390.0, 640.0, 1_040.0, 2_400.0] {
                let third = Instant::from_micros(trace.horizon().as_micros() / 3);
                let narrow = Window { from: third, to: third + Duration::from_millis(700) };
                for window in [None, Some(narrow), Some(Window { from: third, to: third })] {
                    let picture = drawn(&trace, lang, width, window);
                    well_formed(&picture.whole(), name);
                    well_formed(&picture.svg, name);
                    well_formed(&picture.labels, name);
                    for spot in &picture.spots {
                        assert!(spot.x.is_finite() && spot.width >= 0.0, "{name} {spot:?}");
                        assert!(
                            spot.y >= 0.0 && spot.y + spot.height <= picture.height,
                            "{name} {spot:?}"
                        );
                    }
                }
            }
        }
        let view = picture_of(&trace);
        well_formed(&draw::thumbnail(&view, 208.0, "t"), name);
        well_formed(&draw::strip(&view, 700.0, "s"), name);
        let lane = view.main_lane().unwrap();
        well_formed(&draw::mini_lane(&view, lane, 390.0, Lang::Zh, "m"), name);
    }
}

/// Every element ends, every quote is closed, and no number is broken.
fn well_formed(svg: &str, name: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let end =
            rest[start..].find('>').unwrap_or_else(|| panic!("{name}: a tag without its end"))
                + start;
        let tag = &rest[start + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{name}: {tag}");
        assert!(!tag.contains("NaN") && !tag.contains("inf"), "{name}: {tag}");
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or_default());
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{name}: {open:?} not closed");
}

#[test]
fn names_from_a_manifest_are_text_and_nothing_else() {
    let mut story = traces::Story::new(
        "x\"><script>alert(1)</script>",
        30,
        &[],
        &[traces::container("<img src=x onerror=y>", "a&b")],
    );
    story.scheduled_and_sandboxed("<b>");
    story.act(1_000, "kubectl delete pod '<svg/onload=z>'");
    let trace = story.trace();
    let view = picture_of(&trace);
    let mini = view.main_lane().map(|lane| draw::mini_lane(&view, lane, 390.0, Lang::En, "m"));
    let all = drawn(&trace, Lang::En, 1_040.0, None).whole() + &mini.unwrap_or_default();
    for forbidden in ["<script", "<img", "<svg/", "<b>"] {
        assert!(!all.contains(forbidden), "{forbidden}");
    }
    assert!(all.contains("&lt;img"));
}

#[test]
fn what_is_pointed_at_is_found() {
    let trace = traces::two_containers();
    let picture = drawn(&trace, Lang::En, 1_040.0, None);
    let kill = picture.spots.iter().find(|spot| {
        let change = &trace.entry(spot.entry).unwrap().change;
        spot.is_mark && matches!(change, Change::Signal { signal, .. } if &**signal == "KILL")
    });
    let kill = kill.unwrap();
    let found = picture.at(kill.x + kill.width / 2.0, kill.y + kill.height / 2.0).unwrap();
    assert_eq!(found.entry, kill.entry);
    assert!(picture.at(2.0, 2.0).is_none());
}

#[test]
fn labels_are_never_cut_by_a_torn_gap() {
    // Bars, exits and signals write only where the paper is whole; only the labels that lie over
    // everything may cross a tear.
    for (name, trace) in traces::all() {
        let view = picture_of(&trace);
        for width in [390.0, 640.0, 1_040.0] {
            let layout = Layout::new(&view, width, Lang::En);
            let folds = folds(&view.moments, view.horizon);
            let axis = Axis::new(Window::whole(view.horizon), &folds, layout.plot, layout.tear);
            let picture = draw::timeline(&view, &axis, &layout, Lang::En, "t");
            for (x, anchor, text) in texts(&picture.svg) {
                let length = text.chars().count() as f64 * 5.0;
                let from = match anchor {
                    "end" => x - length,
                    "middle" => continue,
                    _ => x,
                };
                for tear in axis.tears() {
                    let (a, b) = (layout.plot_x + tear.x0 + 6.0, layout.plot_x + tear.x1 - 6.0);
                    assert!(
                        from + length <= a || from >= b,
                        "{name} at {width}: “{text}” lies in a tear"
                    );
                }
            }
        }
    }
}

/// Place, anchor and words of every text.
fn texts(svg: &str) -> Vec<(f64, &str, &str)> {
    svg.split("<text ")
        .skip(1)
        .map(|part| {
            let (attributes, rest) = part.split_once('>').expect("a tag ends");
            let value =
                |key: &str| attributes.split_once(key).and_then(|(_, v)| v.split('"').next());
            let words = rest.split("</text>").next().unwrap_or_default();
            let words = words.rsplit("</title>").next().unwrap_or_default();
            (
                value(" x=\"").and_then(|x| x.parse().ok()).expect("a text has a place"),
                value("text-anchor=\"").unwrap_or("start"),
                words,
            )
        })
        .collect()
}

#[test]
fn the_cursor_is_never_in_a_tear() {
    for (name, trace) in traces::all() {
        let view = picture_of(&trace);
        let all = folds(&view.moments, view.horizon);
        for percent in 0..=100 {
            let at = Instant::from_micros(trace.horizon().as_micros() * percent / 100);
            let axis = Axis::new(Window::whole(view.horizon), &opened(&all, at), 836.0, 30.0);
            assert!(!axis.tears_at(at), "{name} at {at}");
        }
    }
}

#[test]
fn the_text_timeline_reads_like_the_picture() {
    let text = picture_of(&traces::two_containers()).to_string();
    let expected = "
          0:00       0:10        0:20    ⋯      0:40     ⋯      1:10       ⋯      2:00
you       ◆ apply               ◇ get           ◆ delete
web       ╌╌╌╌╌╌█Running 2/2████████████████████▚Terminating▚▚▚▚▚─
phase     ───────Running──────────────────────────────────────────
nginx     ╌╌╌╌╌▒████████████████████████████████▮ QUIT
pull      ▁▁▁▁▁
shell     ╌╌╌╌╌╌████████████████████████████████▽▚▚▚▚▚▚▚▚▚▚▚▚▚▚▚▮ KILL
pull           ▁
grace                                           ◺◺◺◺◺◺◺◺◺◺◺◺◺◺◺◺▼
";
    assert_eq!(format!("\n{text}"), expected);
}

#[test]
fn the_story_tells_lives_alike_once() {
    let told = story(&traces::startup_probe());
    let alike = told.items.iter().find_map(|item| match item {
        Item::LivesAlike { count, from, to } => Some((*count, *from, *to)),
        _ => None,
    });
    assert_eq!(alike, Some((3, ms(30_500), ms(120_275))));
    let starts: Vec<i32> = told
        .lines()
        .filter_map(|line| match line.what {
            What::Started { number, .. } => Some(number),
            _ => None,
        })
        .collect();
    assert_eq!(starts, [1, 5, 6, 7]);
    // A signal and the end that follows at once are one line.
    assert!(!told.lines().any(|line| matches!(line.what, What::Exited { .. })));
}

#[test]
fn the_story_says_how_late_a_restart_was() {
    let told = story(&traces::crash_loop());
    let late: Vec<i64> = told
        .lines()
        .filter_map(|line| match line.what {
            What::Started { late, .. } => late.map(|late| late.as_millis()),
            _ => None,
        })
        .collect();
    assert_eq!(late, [2_400, 3_100, 4_100, 5_300]);
    let held: Vec<i32> = told
        .lines()
        .filter_map(|line| match line.what {
            What::HeldBack { restart, .. } => Some(restart),
            _ => None,
        })
        .collect();
    assert_eq!(held, [2, 3, 4, 5, 6]);
}

#[test]
fn the_line_of_a_moment_is_the_last_that_began() {
    let told = story(&traces::two_containers());
    let Some(Item::Line(line)) = told.item_at(ms(41_000)).and_then(|index| told.items.get(index))
    else {
        panic!("a line tells of every moment after apply");
    };
    assert!(matches!(line.what, What::Signalled { ignored: true, .. }));
    assert_eq!(story(&Trace::default()).item_at(ms(5)), None);
}

#[test]
fn every_line_is_said_in_every_language() {
    for (name, trace) in traces::all() {
        let told = story(&trace);
        for line in told.lines() {
            let [en, zh] = Lang::ALL.map(|lang| (lang.story().said)(line, true));
            assert!(!en.claim.is_empty() && !zh.claim.is_empty(), "{name} {line:?}");
            let alike = matches!(
                line.what,
                What::Status { .. } | What::PullHeld { .. } | What::Finished { .. }
            );
            assert!(
                alike || en.claim != zh.claim || en.detail != zh.detail || same_words(&en.claim),
                "{name} {en:?}"
            );
            assert!(!en.claim.ends_with('.') && !zh.claim.ends_with('。'), "{name} {en:?} {zh:?}");
            assert!(!zh.claim.contains(" 后") && !zh.detail.contains("秒 后"), "{name} {zh:?}");
        }
    }
}

/// Lines made of Kubernetes' words alone are the same in every language.
fn same_words(claim: &str) -> bool {
    claim.contains('→')
}

#[test]
fn why_leads_back_to_what_you_did() {
    for (name, trace) in traces::all() {
        for percent in [0, 10, 42, 70, 100] {
            let at = Instant::from_micros(trace.horizon().as_micros() * percent / 100);
            let why = why(&trace, at, None);
            assert!(why.links.len() <= 5, "{name} {why}");
            assert!(why.links.windows(2).all(|two| two[0].entry > two[1].entry), "{name}\n{why}");
            assert!(why.links.iter().all(|line| line.at <= at), "{name}\n{why}");
        }
    }
    let answer = why(&traces::startup_probe(), ms(177_000), None);
    assert!(
        matches!(&answer.question, Question::Status { status, .. } if status == "CrashLoopBackOff")
    );
    let Some(Now::BackOff { until, window, .. }) = answer.now else { panic!("{answer}") };
    assert_eq!((until, window), (Some(ms(201_400)), Duration::from_secs(40)));
    assert!(matches!(answer.links.last().unwrap().what, What::Acted { .. }));
    let kinds: Vec<RemedyKind> = answer.remedies.iter().map(|remedy| remedy.kind).collect();
    assert!(kinds.contains(&RemedyKind::FixProbe) && kinds.contains(&RemedyKind::MorePatience));
}

#[test]
fn why_answers_for_the_mark_that_is_pointed_at() {
    let trace = traces::two_containers();
    let kill = (0..).map(EntryId).zip(trace.entries()).find(
        |(_, entry)| matches!(&entry.change, Change::Signal { signal, .. } if &**signal == "KILL"),
    );
    let (id, _) = kill.unwrap();
    let answer = why(&trace, ms(1_000), Some(id));
    assert!(matches!(&answer.question, Question::Entry(line) if line.entry == id));
    assert_eq!(answer.links.first().map(|line| line.entry), Some(id));
    assert!(answer.remedies.iter().any(|remedy| remedy.kind == RemedyKind::HandleSignal));
    // An entry that does not exist is no question.
    assert!(matches!(
        why(&trace, ms(1_000), Some(EntryId(9_999))).question,
        Question::Status { .. }
    ));
    assert_eq!(why(&Trace::default(), ms(0), None).question, Question::Nothing);
}

#[test]
fn sources_can_be_followed() {
    for rule in podarium::rule::Rule::ALL {
        match source_link(*rule) {
            Some(link) => {
                assert!(link.starts_with("https://github.com/") && !link.contains(' '), "{link}");
            }
            None => assert!(rule.source().starts_with("podarium:"), "{}", rule.source()),
        }
    }
}
