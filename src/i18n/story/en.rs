//! The Story in English.

use super::{Said, StoryTexts, bare, first_line, minutes, short, size, subject};
use crate::i18n::Lang;
use crate::time::Duration;
use crate::trace::requests::Lost;
use crate::trace::{HookKind, ProbeKind, ProbeOutcome};
use crate::view::autoscaling::{Decision, Look};
use crate::view::story::{Line, What};
use crate::view::why::{Now, Question, Remedy, RemedyKind};

pub(super) const TEXTS: StoryTexts = StoryTexts {
    said,
    silence: span,
    lives_alike: |count| match count {
        1 => "1 life like this one".to_owned(),
        n => format!("{n} lives like this one"),
    },
    pods_alike: |count| match count {
        1 => "and 1 more Pod".to_owned(),
        n => format!("and {n} more Pods"),
    },
    question,
    now,
    prevent: "What would prevent it?",
    remedy,
    no_cause: "Nothing has happened yet",
    source: |file| format!("Source: {file}"),
    story: "Story",
};

fn span(span: Duration) -> String {
    (Lang::En.timeline().span)(span)
}

/// `after 2 s`, `at once`.
fn after(time: Duration) -> String {
    if time < Duration::from_millis(50) {
        "at once".to_owned()
    } else {
        format!("after {}", span(time))
    }
}

fn probe(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Startup => "Startup probe",
        ProbeKind::Liveness => "Liveness probe",
        ProbeKind::Readiness => "Readiness probe",
    }
}

fn hook(kind: HookKind) -> &'static str {
    match kind {
        HookKind::PostStart => "postStart",
        HookKind::PreStop => "preStop",
    }
}

fn say(claim: String, detail: impl Into<String>) -> Said {
    Said { claim, detail: detail.into() }
}

fn said(line: &Line, several_pods: bool) -> Said {
    let who = subject(line, several_pods);
    match &line.what {
        What::Acted { command, output, ok: true } => {
            say(format!("You: {}", bare(command)), first_line(output, 90))
        }
        What::Acted { command, output, ok: false } => {
            say(format!("Refused: {}", bare(command)), first_line(output, 140))
        }
        What::ReplicaSetMade { name, replicas } => {
            let pods = if *replicas == 1 { "Pod" } else { "Pods" };
            let wants = format!("it wants {replicas} {pods}");
            say(format!("Deployment makes ReplicaSet {name}"), wants)
        }
        What::PodMade => say(format!("Pod {who} is made"), "its controller had too few"),
        What::PodUnmade => say(format!("Pod {who} is deleted"), "its controller had too many"),
        What::Evicted => {
            say(format!("Pod {who} is deleted"), "its toleration of the node's taint is over")
        }
        What::NodeSilent => {
            say(format!("Node {} is NotReady", line.pod), "its kubelet no longer reports")
        }
        What::JobDecided { condition, reason, message } => {
            let end = if condition.starts_with("Fail") { "has failed" } else { "is complete" };
            say(
                format!("Job {} {end}", line.pod),
                format!("{reason}: {}", first_line(message, 100)),
            )
        }
        What::Scheduled { node } => {
            say(format!("{who} goes to {node}"), "the scheduler chose the node")
        }
        What::Unschedulable { message } => say(format!("No node for {who}"), message.clone()),
        What::Network { ip } => {
            say(format!("{who} has its network"), format!("eth0 {ip}; containers share it"))
        }
        What::Pulled { image, took, bytes } => {
            say(format!("{image} pulled"), format!("{} in {}", size(*bytes), span(*took)))
        }
        What::PullFailed { image, message } => {
            say(format!("{image} cannot be pulled"), first_line(message, 140))
        }
        What::PullHeld { image, wait } => say(
            "ImagePullBackOff".to_owned(),
            format!("{image} is tried again in {} or later", span(*wait)),
        ),
        What::CannotStart { container, reason, message } => {
            say(format!("{container}: {reason}"), first_line(message, 140))
        }
        What::Started { number, passed, late, waited } => {
            started(&who, *number, *passed, *late, *waited)
        }
        What::Exited { number, code, reason, ran } => exited(&who, *number, *code, reason, *ran),
        What::HeldBack { restart, since, window } => say(
            format!("Restart {restart} of {who} held back"),
            format!("{} since its exit, needs {}", span(*since), span(*window)),
        ),
        What::Stopping { grace, message } => {
            say(format!("{who} is being stopped"), format!("{message}; {} of grace", span(*grace)))
        }
        What::Signalled { signal, ignored: true, .. } => say(
            format!("{signal} → {who}, ignored"),
            "its first process is PID 1 and has no handler for it",
        ),
        What::Signalled { signal, exit, .. } if signal == "KILL" => say(
            format!("KILL → {who}"),
            exit.map_or(String::from("the grace period is over"), |(code, _)| {
                format!("the grace period is over; exit {code}")
            }),
        ),
        What::Signalled { signal, exit, .. } => say(
            format!("{signal} → {who}"),
            exit.map_or(String::new(), |(code, span)| format!("exit {code} {}", after(span))),
        ),
        What::Probe { kind, outcome, detail, count } => {
            probed(&who, *kind, *outcome, detail, *count)
        }
        What::HookBegan { kind } => {
            say(format!("{} of {who} begins", hook(*kind)), hook_detail(*kind))
        }
        What::HookEnded { kind, ok, took } => {
            let took = took.map_or(String::new(), after);
            let end = if *ok { "is done" } else { "failed" };
            say(format!("{} of {who} {end}", hook(*kind)), took)
        }
        What::Status { status } => {
            say(status.clone(), format!("kubectl says so of {who} from now on"))
        }
        What::Ready { readiness, took } => say(
            format!("{who} ready, {readiness}"),
            took.map_or(String::new(), |took| format!("{} after it was made", span(took))),
        ),
        What::Unready { readiness } => say(format!("{who} no longer ready, {readiness}"), ""),
        What::Finished { phase } => {
            say(format!("{who} {phase}"), "all its containers have ended for good")
        }
        What::Gone { took } => say(
            format!("{who} is gone"),
            took.map_or(String::new(), |took| format!("{} after the deletion", span(took))),
        ),
        What::EndpointReady { service } => {
            say(format!("Service {service} sends requests to {who}"), "its endpoint is ready")
        }
        What::EndpointUnready { service, serving, terminating } => say(
            format!("{who} gets no new requests from Service {service}"),
            match (*terminating, *serving) {
                (true, true) => "endpoint: serving, terminating; the nodes learn it one by one",
                (true, false) => "endpoint: terminating; the nodes learn it one by one",
                (false, _) => "endpoint: not ready; the nodes learn it one by one",
            },
        ),
        What::EndpointGone { service, was_ready } => say(
            format!("{who} is no endpoint of Service {service} any more"),
            if *was_ready { "it was ready until then; the nodes learn it one by one" } else { "" },
        ),
        What::Unrouted { service, node, nodes, took } => {
            unrouted(&who, service, node, *nodes, *took)
        }
        What::RequestsLost { service, lost, sent, reasons, pods, nodes, since } => {
            let claim = format!("{lost} of {sent} requests to {service} lost");
            let pods: Vec<&str> = pods.iter().map(|pod| short(pod)).collect();
            let from = if *nodes > 1 { format!(", from {nodes} nodes") } else { String::new() };
            let why: Vec<String> =
                reasons.iter().map(|(why, count)| lost_because(*why, *count, &pods)).collect();
            say(claim, format!("{}; {}{from}", why.join("; "), within(line.at.since(*since))))
        }
        What::Scaling(look) => scaling(&who, look),
        What::NotSimulated { what } => say("Not simulated".to_owned(), what.clone()),
        What::Limit { what } => say("A limit of the simulation".to_owned(), what.clone()),
    }
}

fn unrouted(who: &str, service: &str, node: &str, nodes: usize, took: Duration) -> Said {
    let claim = match (node.is_empty(), nodes) {
        (true, _) => format!("The cluster's DNS forgets {who}"),
        (false, 1) => format!("{node} forgets {who}"),
        (false, _) => format!("{node} is the last of {nodes} nodes to forget {who}"),
    };
    if took < Duration::from_millis(50) {
        return say(claim, format!("no request for {service} goes there any more"));
    }
    say(claim, format!("until then, for {}, requests for {service} still went there", span(took)))
}

fn within(time: Duration) -> String {
    if time < Duration::from_millis(50) {
        "at once".to_owned()
    } else {
        format!("in {}", span(time))
    }
}

fn lost_because(why: Lost, count: u64, pods: &[&str]) -> String {
    let pods =
        if pods.is_empty() || pods.len() > 3 { "the Pod".to_owned() } else { pods.join(", ") };
    match why {
        Lost::Dropped => {
            format!("{count} timed out: the Service keeps to its node and has no Pod there")
        }
        Lost::NoEndpoints => format!("{count} refused: the Service has no endpoint to send to"),
        Lost::Closed => format!("{count} refused: nothing listens in {pods}"),
        Lost::Unanswered => format!("{count} timed out: nobody answers at the address of {pods}"),
        Lost::Cut => {
            format!("{count} failed: their process ended before it had answered, in {pods}")
        }
        Lost::Overloaded => format!("{count} timed out: too little CPU for them in {pods}"),
        Lost::Bottleneck => format!("{count} timed out: what stands behind the Pods takes no more"),
    }
}

fn scaling(who: &str, look: &Look) -> Said {
    let (from, to) = (look.scaling.current, look.scaling.desired);
    let claim = match look.decision {
        Decision::Up | Decision::Down => format!("Autoscaler {who}: {from} → {to} replicas"),
        Decision::Steady | Decision::Stabilizing => format!("Autoscaler {who} keeps {to} replicas"),
        Decision::Unknown => format!("Autoscaler {who} cannot decide"),
    };
    let why = (Lang::En.scaling().claim)(look);
    let formula = look.formula().filter(|_| look.cause.is_none());
    say(claim, formula.map_or(why.clone(), |formula| format!("{formula}; {why}")))
}

fn started(
    who: &str,
    number: i32,
    passed: Option<Duration>,
    late: Option<Duration>,
    waited: Option<Duration>,
) -> Said {
    if number <= 1 {
        return say(format!("{who} starts"), "");
    }
    let detail = match (passed, late, waited) {
        (Some(window), Some(late), _) if late >= Duration::from_secs(1) => {
            format!(
                "back-off {} is over; {} late, the kubelet adds up to half",
                span(window),
                span(late)
            )
        }
        (Some(window), _, _) => format!("back-off {} has passed", span(window)),
        (None, _, Some(waited)) if waited < Duration::from_secs(3) => "restart at once".to_owned(),
        (None, _, Some(waited)) => format!("{} after the exit", span(waited)),
        (None, _, None) => String::new(),
    };
    say(format!("{who} #{number} starts"), detail)
}

fn exited(who: &str, number: i32, code: i32, reason: &str, ran: Option<Duration>) -> Said {
    let name = if number > 1 { format!("{who} #{number}") } else { who.to_owned() };
    let ran = ran.map_or(String::new(), after);
    match reason {
        "OOMKilled" => say(
            format!("{name} OOMKilled, exit {code}"),
            format!("more memory than its limit, {ran}"),
        ),
        "StartError" => {
            say(format!("{name} cannot start, exit {code}"), "the runtime cannot run its command")
        }
        _ if code > 128 => {
            say(format!("{name} exits {code}"), format!("128 + signal {}, {ran}", code - 128))
        }
        _ => say(format!("{name} exits {code}"), ran),
    }
}

fn probed(
    who: &str,
    kind: ProbeKind,
    outcome: ProbeOutcome,
    detail: &str,
    (n, of): (i32, i32),
) -> Said {
    let name = probe(kind);
    let failed = matches!(outcome, ProbeOutcome::Failure | ProbeOutcome::Timeout);
    let outcome = match outcome {
        ProbeOutcome::Success => "succeeds",
        ProbeOutcome::Warning => "succeeds with a warning",
        ProbeOutcome::Failure => "fails",
        ProbeOutcome::Timeout => "times out",
        ProbeOutcome::Errored => "cannot ask",
        ProbeOutcome::Held => "is held back",
    };
    let count = match (of > 1 && failed, n > of) {
        (true, true) => format!(", {n} in a row"),
        (true, false) => format!(", {n} of {of}"),
        (false, _) => String::new(),
    };
    let result = match kind {
        _ if !failed || n < of => "",
        ProbeKind::Startup | ProbeKind::Liveness => "; the kubelet kills it",
        ProbeKind::Readiness => "; it gets no requests",
    };
    say(format!("{name} of {who} {outcome}{count}"), format!("{}{result}", first_line(detail, 100)))
}

fn hook_detail(kind: HookKind) -> &'static str {
    match kind {
        HookKind::PostStart => "what comes after it waits",
        HookKind::PreStop => "the stop signal waits, the grace period does not",
    }
}

fn question(question: &Question) -> String {
    match question {
        Question::Nothing => "Nothing to explain yet".to_owned(),
        Question::Status { pod, status, readiness } => {
            format!("Why is {pod} {status}, {readiness}?")
        }
        Question::Replicas { name, replicas } => {
            let word = if *replicas == 1 { "replica" } else { "replicas" };
            format!("Why {replicas} {word} of {name}?")
        }
        Question::Job { job, status } => format!("Why is Job {job} {status}?"),
        Question::Gone { pod } => format!("Why is {pod} gone?"),
        Question::Entry(line) => format!("Why: {}?", said(line, false).claim),
    }
}

fn now(now: &Now) -> Said {
    match now {
        Now::BackOff { container, so_far, window, until, .. } => say(
            format!("{container}: CrashLoopBackOff for {}", span(*so_far)),
            match until {
                Some(until) => format!(
                    "At least {} from the last exit, plus up to half. It starts at {}.",
                    span(*window),
                    until.clock()
                ),
                None => format!("At least {} from the last exit, plus up to half.", span(*window)),
            },
        ),
        Now::Ending { container, so_far, kill_at, .. } => say(
            format!("{container} has been asked to end, {} ago", span(*so_far)),
            format!("At {} the grace period is over and KILL ends it.", minutes(*kill_at)),
        ),
    }
}

fn remedy(remedy: &Remedy) -> &'static str {
    match remedy.kind {
        RemedyKind::FixCommand => "The command must not fail",
        RemedyKind::RestartPolicy => "Never or OnFailure restart less; the exit remains",
        RemedyKind::MakeIt => "It must exist; the kubelet tries again by itself",
        RemedyKind::FixImage => "The image must exist in its registry",
        RemedyKind::FixProbe => "Ask for something that exists",
        RemedyKind::MorePatience => "More patience only delays it",
        RemedyKind::HandleSignal => "Handle the signal: trap, or exec the program as PID 1",
        RemedyKind::ShorterGrace => "A shorter grace period ends it sooner",
        RemedyKind::RequestLess => "Ask for less, or have a larger node",
        RemedyKind::MoreMemory => "Allow more memory, or use less",
        RemedyKind::LeaveLater => "Sleep first, until every node has forgotten the Pod",
        RemedyKind::MoreCpu => "Allow more CPU, or have more Pods share the load",
    }
}
