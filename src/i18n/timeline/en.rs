//! The timeline in English.

use super::{Key, TimelineTexts, amount, by_word, minutes, tenths};
use crate::time::{Duration, Instant};
use crate::trace::requests::Lost;
use crate::view::timeline::{Figure, LaneKind, Role, State, Summary};

pub(super) const TEXTS: TimelineTexts = TimelineTexts {
    you: "You",
    actions: "actions",
    control_plane: "Control plane",
    pull: "pull",
    hooks: "hooks",
    grace: "grace",
    backoff: "back-off",
    since_exit: "since exit",
    role: |role| match role {
        Role::Init => "init",
        Role::Sidecar => "sidecar",
        Role::App => "app",
        Role::Ephemeral => "ephemeral",
    },
    threshold: |count, period| format!("{count} × {}", span(period)),
    span,
    backoff_of: |span| format!("back-off {span}"),
    kill_due: |at| format!("KILL due {}", minutes(at)),
    ignored: |signal| format!("{signal}, ignored"),
    unit: |kind| match kind {
        LaneKind::Endpoints => "endpoints",
        LaneKind::Requests => "requests",
        LaneKind::Load => "load",
        LaneKind::Cpu => "CPU/Pod",
        LaneKind::Replicas => "replicas",
        LaneKind::Actions
        | LaneKind::Controllers
        | LaneKind::Status
        | LaneKind::Phase
        | LaneKind::Container(_)
        | LaneKind::Pulls
        | LaneKind::Probe(_)
        | LaneKind::Hooks
        | LaneKind::Grace
        | LaneKind::Backoff
        | LaneKind::PodLine
        | LaneKind::Endpoint
        | LaneKind::Routes => "",
    },
    nodes: |count| match count {
        1 => "1 node".to_owned(),
        n => format!("{n} nodes"),
    },
    lost,
    figure,
    whole_time: |phase| format!("{phase}, the whole time"),
    state: |state| match state {
        State::Waiting => "waiting",
        State::Running => "running",
        State::Ready => "ready",
        State::Terminating => "terminating",
        State::BackOff => "back-off",
        State::Completed => "completed",
        State::Failed => "failed",
        State::Unseen => "exited, not yet seen",
        State::Pull { ok: true } => "image pull",
        State::Pull { ok: false } => "image pull failed",
        State::BackoffWindow { blocks: false, .. } => "back-off window, passed",
        State::BackoffWindow { blocks: true, .. } => "back-off window, blocks",
        State::Grace { .. } => "grace period",
        State::Hook { .. } => "hook",
        State::Phase => "phase",
        State::Figure(_) => "",
    },
    legend: |key| match key {
        Key::Waiting => "waiting",
        Key::Running => "running, not ready",
        Key::Ready => "ready",
        Key::Terminating => "terminating",
        Key::Completed => "exit 0",
        Key::Failed => "exit ≠ 0",
        Key::Unseen => "exited, not yet seen",
        Key::BackOff => "back-off",
        Key::WindowPassed => "window passed",
        Key::WindowBlocks => "window blocks",
        Key::Pull => "image pull",
        Key::PullFailed => "pull failed",
        Key::ProbeOk => "probe succeeded",
        Key::ProbeFailed => "probe failed",
        Key::ProbeTimeout => "probe timed out",
        Key::ProbeErrored => "probe could not ask",
        Key::ProbeHeld => "probe held back",
        Key::Signal => "stop signal",
        Key::Kill => "KILL",
        Key::KillSpared => "KILL, not needed",
        Key::Hook => "hook",
        Key::Grace => "grace period",
        Key::ScaledUp => "scaled up",
        Key::ScaledDown => "scaled down",
        Key::Steady => "no change",
        Key::Stabilizing => "held by the stabilization window",
        Key::NoMetrics => "no metrics",
        Key::Listed => "endpoint added",
        Key::Unlisted => "endpoint removed",
        Key::Routed => "gets requests",
        Key::Lost => "requests lost",
    },
    picture: |name, summary, horizon| {
        format!(
            "Timeline of {name} from 0:00 to {}. {}",
            minutes(horizon),
            verdict(summary, horizon)
        )
    },
    verdict,
    empty: "Paste a Pod, or open the gallery",
    at: |at, status| format!("{} seconds, {status}", tenths(at.since(Instant::ZERO))),
    cursor: "Time",
    in_view: |from, to| format!("In view: {} to {}", minutes(from), minutes(to)),
};

fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < 120 {
        format!("{} s", tenths(span))
    } else if seconds < 3_600 && seconds % 60 == 0 {
        format!("{} min", seconds / 60)
    } else if seconds < 3_600 {
        format!("{} m {} s", seconds / 60, seconds % 60)
    } else {
        format!("{} h {} m", seconds / 3_600, seconds / 60 % 60)
    }
}

fn lost(reasons: &[(Lost, u64)]) -> String {
    let [refused, timeout, failed] = by_word(reasons);
    let all = [(refused, "refused"), (timeout, "timed out"), (failed, "failed")];
    let said = all.iter().filter(|(count, _)| *count > 0);
    said.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(" · ")
}

fn figure(figure: Figure) -> String {
    match figure {
        Figure::Routed { fallback: false, .. } => "sends requests here".to_owned(),
        Figure::Routed { fallback: true, .. } => {
            "sends requests here because no Pod is ready".to_owned()
        }
        Figure::RoutedBy { nodes, of } => format!("{nodes} of {of} nodes"),
        Figure::Load { first, last, cpu } if first == last => amount(first, cpu),
        Figure::Load { first, last, cpu } => {
            format!("{} → {}", amount(first, cpu), amount(last, cpu))
        }
        Figure::Lost { lost, sent } => format!("{lost} of {sent} requests lost"),
        Figure::Cpu { used, request, limit } => {
            let request =
                if request > 0 { format!(" · request {request}m") } else { String::new() };
            let limit = if limit > 0 { format!(" · limit {limit}m") } else { String::new() };
            format!("{used}m{request}{limit}")
        }
        Figure::Replicas { wanted, made, ready } if made == wanted => {
            format!("{ready} of {wanted} ready")
        }
        Figure::Replicas { wanted, made, ready } => {
            format!("{ready} of {wanted} ready, {made} exist")
        }
    }
}

fn verdict(summary: &Summary, horizon: Instant) -> String {
    let first = match (summary.pods, summary.ready_at, summary.gone_at) {
        (0, _, _) => return "No Pod".to_owned(),
        (_, Some(at), _) => format!("Ready at {}", at.clock()),
        (_, None, _) if summary.last_status == "Completed" => "Completed".to_owned(),
        (_, None, _) => "Never ready".to_owned(),
    };
    let restarts = match summary.restarts {
        0 => String::new(),
        1 => format!(" · 1 restart in {}", minutes(horizon)),
        n => format!(" · {n} restarts in {}", minutes(horizon)),
    };
    let gone = summary.gone_at.map(|at| format!(" · gone at {}", at.clock())).unwrap_or_default();
    let lost = match summary.requests {
        (0, _) => String::new(),
        (sent, 0) => format!(" · {sent} requests, none lost"),
        (sent, lost) => format!(" · {lost} of {sent} requests lost"),
    };
    format!("{first}{restarts}{gone}{lost}")
}
