//! The marks: one shape each, the same in the picture, the legend, the Story and Why.

use super::svg::{Anchor, Path, Svg};
use crate::i18n::timeline::Key;
use crate::trace::ProbeOutcome;
use crate::view::autoscaling::Decision;
use crate::view::story::What;
use crate::view::timeline::{self, Figure, Shape, State};
use crate::view::why::Now;

/// A mark of the visual language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Glyph {
    /// You changed the world.
    Act,
    /// You only looked.
    Look,
    /// You were refused.
    Refused,
    /// A controller or the scheduler decided.
    Decision,
    /// Not started.
    Waiting,
    /// Running, not ready.
    Running,
    /// Ready.
    Ready,
    /// Asked to end.
    Terminating,
    /// Ended with 0.
    Completed,
    /// Ended with another code.
    Failed,
    /// Ended, not yet seen.
    Unseen,
    /// Held back.
    BackOff,
    /// A window that had passed.
    WindowPassed,
    /// A window that held something back.
    WindowBlocks,
    /// An image pull.
    Pull,
    /// A probe succeeded.
    ProbeOk,
    /// A probe, a pull or an order failed.
    Cross,
    /// A probe took too long.
    ProbeTimeout,
    /// A probe could not be asked.
    ProbeErrored,
    /// A probe was held back.
    ProbeHeld,
    /// The stop signal.
    Signal,
    /// SIGKILL.
    Kill,
    /// SIGKILL that would have come.
    KillGhost,
    /// A hook.
    Hook,
    /// The grace period.
    Grace,
    /// Something is gone.
    Gone,
    /// Something to know.
    Notice,
    /// More replicas.
    Up,
    /// Fewer replicas.
    Down,
    /// As many as before.
    Equal,
    /// Held back by a window.
    Pause,
    /// Nothing is known.
    Unknown,
    /// Listed in an EndpointSlice.
    Listed,
    /// No longer listed.
    Unlisted,
    /// A node sends requests there.
    Route,
    /// Requests were lost.
    Loss,
}

/// A mark as a picture of 16 × 16.
pub fn glyph(glyph: Glyph) -> String {
    let mut svg = Svg::new("tl tl-glyph", 16.0, 16.0, None);
    draw(&mut svg, glyph, 8.0, 8.0, "");
    svg.finish()
}

/// Draws a probe's mark at a size, half its width.
pub(super) fn draw_sized(svg: &mut Svg, glyph: Glyph, x: f64, y: f64, size: f64, title: &str) {
    match glyph {
        Glyph::Cross => svg.path("tl-x", &cross(x, y, size), title),
        Glyph::ProbeOk => svg.circle("tl-okd", x, y, size, title),
        Glyph::ProbeErrored => svg.circle("tl-clock", x, y, size, title),
        _ if size < 3.0 => svg.circle("tl-clock", x, y, size, title),
        glyph => draw(svg, glyph, x, y, title),
    }
}

/// Draws a mark around a centre.
pub(super) fn draw(svg: &mut Svg, glyph: Glyph, x: f64, y: f64, title: &str) {
    match glyph {
        Glyph::Act => svg.path("tl-youd", &diamond(x, y, 6.0), title),
        Glyph::Look => svg.path("tl-youo", &diamond(x, y, 6.0), title),
        Glyph::Refused => {
            svg.path("tl-youo", &diamond(x, y, 6.0), title);
            svg.path("tl-x", &cross(x, y, 2.2), "");
        }
        Glyph::Decision => svg.circle("tl-dec", x, y, 4.0, title),
        Glyph::Waiting => svg.rect("tl-wait", [x - 6.0, y - 4.0, 12.0, 8.0], 2.0, title),
        Glyph::Running => svg.rect("tl-run", [x - 5.25, y - 4.25, 10.5, 8.5], 2.0, title),
        Glyph::Ready => svg.rect("tl-rdy", [x - 6.0, y - 5.0, 12.0, 10.0], 2.0, title),
        Glyph::Terminating => striped(svg, x, y, title),
        Glyph::Completed => svg.rect("tl-done", [x - 2.25, y - 5.0, 4.5, 10.0], 1.5, title),
        Glyph::Failed => svg.rect("tl-fail", [x - 2.25, y - 5.0, 4.5, 10.0], 1.5, title),
        Glyph::Unseen => {
            let hatch = [0.0, 4.0, 8.0].iter().fold(Path::default(), |path, step| {
                path.to(x - 6.0 + step, y + 4.0).line(x - 2.0 + step, y - 4.0)
            });
            svg.path("tl-hatchl", &hatch, title);
        }
        Glyph::BackOff => {
            svg.path("tl-back", &Path::default().to(x - 6.0, y).line(x + 7.0, y), title)
        }
        Glyph::WindowPassed => svg.path("tl-win", &bracket(x - 5.0, x + 5.0, y), title),
        Glyph::WindowBlocks => svg.path("tl-winb", &bracket(x - 5.0, x + 5.0, y), title),
        Glyph::Pull => svg.path("tl-arrow", &down_arrow(x, y), title),
        Glyph::ProbeOk => svg.circle("tl-okd", x, y, 3.6, title),
        Glyph::Cross => svg.path("tl-x", &cross(x, y, 3.6), title),
        Glyph::ProbeTimeout => {
            svg.circle("tl-clock", x, y, 4.2, title);
            svg.path(
                "tl-clock",
                &Path::default().to(x, y - 2.6).line(x, y).line(x + 1.8, y + 1.0),
                "",
            );
        }
        Glyph::ProbeErrored => svg.circle("tl-clock", x, y, 3.4, title),
        Glyph::ProbeHeld => {
            svg.path("tl-held", &Path::default().to(x, y - 3.0).line(x, y + 3.0), title)
        }
        Glyph::Signal => svg.path("tl-sig", &triangle(x, y), title),
        Glyph::Kill => svg.path("tl-kill", &triangle(x, y), title),
        Glyph::KillGhost => svg.path("tl-ghost", &triangle(x, y), title),
        Glyph::Hook => {
            let left = Path::default().to(x - 2.0, y - 5.0).line(x - 5.0, y - 5.0);
            let left = left.line(x - 5.0, y + 5.0).line(x - 2.0, y + 5.0);
            let both = left.to(x + 2.0, y - 5.0).line(x + 5.0, y - 5.0);
            svg.path("tl-hook", &both.line(x + 5.0, y + 5.0).line(x + 2.0, y + 5.0), title);
        }
        Glyph::Grace => {
            let wedge = Path::default().to(x - 6.0, y - 4.0).line(x + 6.0, y + 4.0);
            svg.path("tl-wedge", &wedge.line(x - 6.0, y + 4.0).close(), title);
        }
        Glyph::Gone => {
            svg.circle("tl-gone", x, y, 4.6, title);
            svg.path("tl-gone", &Path::default().to(x - 3.2, y + 3.2).line(x + 3.2, y - 3.2), "");
        }
        Glyph::Notice => {
            svg.path("tl-notice", &triangle_up(x, y), title);
        }
        Glyph::Up => svg.path("tl-step", &arrow(x, y, -1.0), title),
        Glyph::Down => svg.path("tl-step", &arrow(x, y, 1.0), title),
        Glyph::Equal => {
            let bars = Path::default().to(x - 4.0, y - 2.0).line(x + 4.0, y - 2.0);
            svg.path("tl-same", &bars.to(x - 4.0, y + 2.0).line(x + 4.0, y + 2.0), title);
        }
        Glyph::Pause => {
            let bars = Path::default().to(x - 2.5, y - 4.5).line(x - 2.5, y + 4.5);
            svg.path("tl-pause", &bars.to(x + 2.5, y - 4.5).line(x + 2.5, y + 4.5), title);
        }
        Glyph::Listed | Glyph::Unlisted => {
            svg.circle("tl-listed", x, y, 5.0, title);
            let line = Path::default().to(x - 2.6, y).line(x + 2.6, y);
            let both = line.to(x, y - 2.6).line(x, y + 2.6);
            let only = Path::default().to(x - 2.6, y).line(x + 2.6, y);
            svg.path("tl-listed", if glyph == Glyph::Listed { &both } else { &only }, "");
        }
        Glyph::Route => svg.rect("tl-rdy", [x - 6.0, y - 2.0, 12.0, 4.0], 1.0, title),
        Glyph::Loss => {
            let hatch = [0.0, 4.0, 8.0].iter().fold(Path::default(), |path, step| {
                path.to(x - 6.0 + step, y - 4.0).line(x - 2.0 + step, y + 4.0)
            });
            svg.path("tl-lossl", &hatch, title);
        }
        Glyph::Unknown => {
            svg.text("tl-l tl-bold tl-mu", x, y + 4.5, Anchor::Middle, "?", title);
        }
    }
}

/// An arrow up (-1) or down (1).
fn arrow(x: f64, y: f64, way: f64) -> Path {
    let (tip, end, wing) = (y + 5.0 * way, y - 5.0 * way, y + way);
    let shaft = Path::default().to(x, end).line(x, tip);
    shaft.to(x - 4.0, wing).line(x, tip).line(x + 4.0, wing)
}

fn striped(svg: &mut Svg, x: f64, y: f64, title: &str) {
    svg.rect("tl-termbox", [x - 5.5, y - 4.5, 11.0, 9.0], 1.5, title);
    let stripes = [-4.0, 0.0, 4.0].iter().fold(Path::default(), |path, step| {
        path.to((x - 3.5 + step).max(x - 5.0), (y + 4.0_f64).min(y + 4.0))
            .line(x + 0.5 + step.min(4.0), y - 4.0)
    });
    svg.path("tl-termline", &stripes, "");
}

fn diamond(x: f64, y: f64, r: f64) -> Path {
    Path::default().to(x, y - r).line(x + r, y).line(x, y + r).line(x - r, y).close()
}

fn cross(x: f64, y: f64, r: f64) -> Path {
    Path::default().to(x - r, y - r).line(x + r, y + r).to(x + r, y - r).line(x - r, y + r)
}

fn triangle(x: f64, y: f64) -> Path {
    Path::default().to(x - 5.0, y - 4.0).line(x + 5.0, y - 4.0).line(x, y + 4.0).close()
}

fn triangle_up(x: f64, y: f64) -> Path {
    Path::default().to(x, y - 5.0).line(x + 5.6, y + 4.6).line(x - 5.6, y + 4.6).close()
}

fn down_arrow(x: f64, y: f64) -> Path {
    let shaft = Path::default().to(x, y - 5.0).line(x, y + 2.0);
    let head = shaft.to(x - 3.2, y - 1.0).line(x, y + 2.2).line(x + 3.2, y - 1.0);
    head.to(x - 4.5, y + 5.0).line(x + 4.5, y + 5.0)
}

/// `├──┤` from one x to the other.
pub(super) fn bracket(x0: f64, x1: f64, y: f64) -> Path {
    let left = Path::default().to(x0, y - 4.0).line(x0, y + 4.0).to(x0, y).line(x1, y);
    left.to(x1, y - 4.0).line(x1, y + 4.0)
}

/// The glyph of a mark.
pub(super) fn of_shape(shape: Shape) -> Glyph {
    match shape {
        Shape::Act => Glyph::Act,
        Shape::Look => Glyph::Look,
        Shape::Refused | Shape::Stuck => Glyph::Refused,
        Shape::Decision => Glyph::Decision,
        Shape::Signal { ghost: true, .. } => Glyph::KillGhost,
        Shape::Signal { kill: true, .. } => Glyph::Kill,
        Shape::Signal { .. } => Glyph::Signal,
        Shape::Exit { ok: true } => Glyph::Completed,
        Shape::Exit { ok: false } => Glyph::Failed,
        Shape::Probe { outcome, .. } => of_probe(outcome),
        Shape::PullFailed => Glyph::Cross,
        Shape::Judged { .. } => Glyph::WindowBlocks,
        Shape::Endpoint { added: true } => Glyph::Listed,
        Shape::Endpoint { added: false } => Glyph::Unlisted,
        Shape::Unlearned { .. } => Glyph::Route,
    }
}

/// The glyph of a line of the Story.
pub fn of_what(what: &What) -> Glyph {
    match what {
        What::Acted { ok: true, command, .. } if timeline::is_look(command) => Glyph::Look,
        What::Acted { ok: true, .. } => Glyph::Act,
        What::Acted { ok: false, .. } => Glyph::Refused,
        What::ReplicaSetMade { .. }
        | What::PodMade
        | What::PodUnmade
        | What::Evicted
        | What::Scheduled { .. } => Glyph::Decision,
        What::NodeSilent => Glyph::Cross,
        What::JobDecided { condition, .. } if condition.starts_with("Fail") => Glyph::Failed,
        What::JobDecided { .. } => Glyph::Completed,
        What::Unschedulable { .. } | What::Network { .. } => Glyph::Waiting,
        What::Pulled { .. } => Glyph::Pull,
        What::PullFailed { .. } | What::CannotStart { .. } => Glyph::Cross,
        What::PullHeld { .. } | What::HeldBack { .. } => Glyph::WindowBlocks,
        What::Started { .. } | What::Unready { .. } => Glyph::Running,
        What::Exited { code: 0, .. } => Glyph::Completed,
        What::Exited { .. } => Glyph::Failed,
        What::Stopping { .. } => Glyph::Terminating,
        What::Signalled { signal, .. } if signal == "KILL" => Glyph::Kill,
        What::Signalled { .. } => Glyph::Signal,
        What::Probe { outcome, .. } => of_probe(*outcome),
        What::HookBegan { .. } | What::HookEnded { ok: true, .. } => Glyph::Hook,
        What::HookEnded { ok: false, .. } => Glyph::Cross,
        What::Status { .. } => Glyph::BackOff,
        What::Ready { .. } => Glyph::Ready,
        What::Finished { phase } if phase == "Failed" => Glyph::Failed,
        What::Finished { .. } => Glyph::Completed,
        What::Gone { .. } => Glyph::Gone,
        What::EndpointReady { .. } => Glyph::Listed,
        What::EndpointUnready { terminating: true, .. } => Glyph::Terminating,
        What::EndpointUnready { .. } | What::EndpointGone { .. } => Glyph::Unlisted,
        What::Unrouted { .. } => Glyph::Route,
        What::RequestsLost { .. } => Glyph::Loss,
        What::Scaling(look) => match look.decision {
            Decision::Up => Glyph::Up,
            Decision::Down => Glyph::Down,
            Decision::Steady => Glyph::Equal,
            Decision::Stabilizing => Glyph::Pause,
            Decision::Unknown => Glyph::Unknown,
        },
        What::NotSimulated { .. } | What::Limit { .. } => Glyph::Notice,
    }
}

/// The glyph of how it is at the cursor.
pub fn of_now(now: &Now) -> Glyph {
    match now {
        Now::BackOff { .. } => Glyph::BackOff,
        Now::Ending { .. } => Glyph::Terminating,
    }
}

fn of_probe(outcome: ProbeOutcome) -> Glyph {
    match outcome {
        ProbeOutcome::Success | ProbeOutcome::Warning => Glyph::ProbeOk,
        ProbeOutcome::Failure => Glyph::Cross,
        ProbeOutcome::Timeout => Glyph::ProbeTimeout,
        ProbeOutcome::Errored => Glyph::ProbeErrored,
        ProbeOutcome::Held => Glyph::ProbeHeld,
    }
}

/// What the legend says of a state.
pub(super) fn of_state(state: State) -> Option<(Key, Glyph)> {
    Some(match state {
        State::Waiting => (Key::Waiting, Glyph::Waiting),
        State::Running => (Key::Running, Glyph::Running),
        State::Ready => (Key::Ready, Glyph::Ready),
        State::Terminating => (Key::Terminating, Glyph::Terminating),
        State::BackOff => (Key::BackOff, Glyph::BackOff),
        State::Unseen => (Key::Unseen, Glyph::Unseen),
        State::Pull { .. } => (Key::Pull, Glyph::Pull),
        State::BackoffWindow { blocks: false, .. } => (Key::WindowPassed, Glyph::WindowPassed),
        State::BackoffWindow { blocks: true, .. } => (Key::WindowBlocks, Glyph::WindowBlocks),
        State::Grace { .. } => (Key::Grace, Glyph::Grace),
        State::Hook { .. } => (Key::Hook, Glyph::Hook),
        State::Figure(Figure::Routed { .. } | Figure::RoutedBy { .. }) => {
            (Key::Routed, Glyph::Route)
        }
        State::Figure(Figure::Lost { .. }) => (Key::Lost, Glyph::Loss),
        State::Completed
        | State::Failed
        | State::Phase
        | State::Figure(Figure::Load { .. } | Figure::Cpu { .. } | Figure::Replicas { .. }) => {
            return None;
        }
    })
}

/// What the legend says of a mark.
pub(super) fn key_of_shape(shape: Shape) -> Option<(Key, Glyph)> {
    let key = match shape {
        Shape::Signal { ghost: true, .. } => Key::KillSpared,
        Shape::Signal { kill: true, .. } => Key::Kill,
        Shape::Signal { .. } => Key::Signal,
        Shape::Exit { ok: true } => Key::Completed,
        Shape::Exit { ok: false } => Key::Failed,
        Shape::Probe { outcome, .. } => match outcome {
            ProbeOutcome::Success | ProbeOutcome::Warning => Key::ProbeOk,
            ProbeOutcome::Failure => Key::ProbeFailed,
            ProbeOutcome::Timeout => Key::ProbeTimeout,
            ProbeOutcome::Errored => Key::ProbeErrored,
            ProbeOutcome::Held => Key::ProbeHeld,
        },
        Shape::PullFailed => Key::PullFailed,
        Shape::Endpoint { added: true } => Key::Listed,
        Shape::Endpoint { added: false } => Key::Unlisted,
        Shape::Act
        | Shape::Look
        | Shape::Refused
        | Shape::Stuck
        | Shape::Decision
        | Shape::Unlearned { .. }
        | Shape::Judged { .. } => return None,
    };
    Some((key, of_shape(shape)))
}
