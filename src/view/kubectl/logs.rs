//! `kubectl logs`: what a container has written by the moment.
//!
//! Owns: choosing the container and its instance, and the complaints when there is nothing to
//! read. Does not own: the lines; they are entries of the trace.

use std::borrow::Cow;
use std::rc::Rc;

use crate::manifest::Object;
use crate::manifest::meta::{LabelSelector, Labels};
use crate::manifest::pod::{ContainerStatus, Pod};
use crate::manifest::selector;
use crate::time::Instant;
use crate::trace::{Change, State, Trace};
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;

/// How many lines of each container are shown when Pods are chosen by label.
const TAIL_BY_SELECTOR: usize = 10;

/// Runs `kubectl logs`.
pub fn run(state: &State<'_>, trace: &Trace, flags: &Flags) -> Output {
    let mut output = Output::default();
    let pods = match pods(state, flags, &mut output) {
        Ok(pods) => pods,
        Err(error) => return Output::error(error),
    };
    let tail = flags.tail.or_else(|| flags.selector.as_ref().map(|_| TAIL_BY_SELECTOR));
    for pod in pods {
        let containers = match containers(pod, flags, &mut output) {
            Ok(containers) => containers,
            Err(error) => {
                output.complain(&error);
                continue;
            }
        };
        for container in containers {
            match instance(pod, &container, flags.previous) {
                Ok(_) if flags.previous && removed(pod, &container).is_some() => {
                    let id = removed(pod, &container).unwrap_or_default();
                    output.stdout += &format!("unable to retrieve container logs for {id}");
                }
                Ok(back) => print(trace, state.at, pod, &container, back, tail, flags, &mut output),
                Err(error) => output.complain(&error),
            }
        }
    }
    output
}

/// The Pods that are meant: by name, by owner, or by label.
fn pods<'s>(
    state: &State<'s>,
    flags: &Flags,
    output: &mut Output,
) -> Result<Vec<&'s Rc<Pod>>, String> {
    let namespace = flags.namespace();
    let matching = |selector: &LabelSelector| {
        let mut pods: Vec<&Rc<Pod>> = state
            .pods()
            .filter(|p| p.metadata.namespace == namespace && selector.matches(&p.metadata.labels))
            .collect();
        crate::order::sort_by(&mut pods, |a, b| a.metadata.name.cmp(&b.metadata.name));
        pods
    };
    if let Some(text) = &flags.selector {
        let pods = matching(&selector::parse(text)?);
        if pods.is_empty() {
            output.stderr.push_str(&format!("No resources found in {namespace} namespace.\n"));
        }
        return Ok(pods);
    }
    let Some(word) = flags.words.first() else {
        return Err("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or \
                    TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' \
                    for help and examples"
            .to_owned());
    };
    let (kind, name) = word.split_once('/').unwrap_or(("pod", word));
    let kind = match crate::view::kubectl::resources::Resource::find(kind) {
        Some(resource) => resource.kind,
        None => return Err(format!("error: the server doesn't have a resource type \"{kind}\"")),
    };
    let object = state.get(kind, namespace, name).ok_or_else(|| {
        let plural = crate::view::kubectl::resources::Resource::of_kind(kind)
            .map(|resource| resource.qualified_plural())
            .unwrap_or_default();
        format!(
            "error: error from server (NotFound): {plural} \"{name}\" not found in namespace \
             \"{namespace}\""
        )
    })?;
    let Some(mut pods) = pods_of(state, object) else {
        let go = format!("*v1.{}", object.kind());
        return Err(format!(
            "error: cannot get the logs from {go}: selector for {go} not implemented"
        ));
    };
    if pods.is_empty() {
        // It waits for one, and gives up.
        return Err(TIMED_OUT.to_owned());
    }
    if pods.len() > 1
        && let Some(first) = pods.first()
    {
        output.stderr.push_str(&format!(
            "Found {} pods, using pod/{}\n",
            pods.len(),
            first.metadata.name
        ));
        pods.truncate(1);
    }
    Ok(pods)
}

/// kubectl's words when no Pod came (cmdutil GetFirstPod).
pub(crate) const TIMED_OUT: &str = "error: timed out waiting for the condition";

/// The Pods of a workload, the one that tells most first; `None` for what has none.
///
/// Models polymorphichelpers/helpers.go SelectorsForObject and podutils.go ByLogging.
pub(crate) fn pods_of<'s>(state: &State<'s>, object: &'s Object) -> Option<Vec<&'s Rc<Pod>>> {
    let labels = |labels: &Labels| LabelSelector {
        match_labels: labels.clone(),
        ..LabelSelector::default()
    };
    let selector = match object {
        Object::Pod(pod) => return Some(vec![pod]),
        Object::Deployment(object) => object.spec.selector.clone(),
        Object::ReplicaSet(object) => object.spec.selector.clone(),
        Object::StatefulSet(object) => object.spec.selector.clone(),
        Object::DaemonSet(object) => object.spec.selector.clone(),
        Object::Job(object) => object.spec.selector.clone(),
        Object::Service(object) => Some(labels(&object.spec.selector)),
        _ => return None,
    }
    .unwrap_or_default();
    let namespace = &object.metadata().namespace;
    let of_it = |pod: &&Rc<Pod>| {
        pod.metadata.namespace == *namespace && selector.matches(&pod.metadata.labels)
    };
    let mut pods: Vec<&Rc<Pod>> = state.pods().filter(of_it).collect();
    crate::order::sort_by_key(&mut pods, |pod| {
        let phase = match pod.status.phase.as_str() {
            "Pending" => 2,
            "Unknown" => 1,
            _ => 0,
        };
        let ready = pod.status.conditions.iter().find(|c| c.kind == "Ready" && c.status == "True");
        let since = ready.and_then(|condition| condition.last_transition_time);
        let restarts = pod.status.container_statuses.iter().map(|own| own.restart_count).max();
        let created = pod.metadata.creation_timestamp;
        let fewer = std::cmp::Reverse(restarts.unwrap_or(0));
        (pod.spec.node_name.is_empty(), phase, ready.is_none(), since, fewer, created)
    });
    Some(pods)
}

/// The names of the containers that are meant.
fn containers(pod: &Pod, flags: &Flags, output: &mut Output) -> Result<Vec<String>, String> {
    let init = pod.spec.init_containers.iter().map(|c| (&c.name, " (init)"));
    let ephemeral = pod.spec.ephemeral_containers.iter().map(|c| (&c.name, " (ephem)"));
    let regular = pod.spec.containers.iter().map(|c| (&c.name, ""));
    if flags.all_containers {
        return Ok(init.chain(regular).chain(ephemeral).map(|(name, _)| name.clone()).collect());
    }
    let every: Vec<(&String, &str)> = regular.chain(init).chain(ephemeral).collect();
    // The container may also stand behind the Pod's name.
    if let Some(wanted) = flags.container.as_ref().or_else(|| flags.words.get(1)) {
        return if every.iter().any(|(name, _)| *name == wanted) {
            Ok(vec![wanted.clone()])
        } else {
            Err(format!("error: container {wanted} is not valid for pod {}", pod.metadata.name))
        };
    }
    let default = pod.metadata.annotations.get("kubectl.kubernetes.io/default-container");
    if let Some(name) = default.filter(|name| every.iter().any(|(known, _)| known == name)) {
        return Ok(vec![name.clone()]);
    }
    let Some((first, _)) = every.first() else { return Ok(Vec::new()) };
    if every.len() > 1 {
        let list: Vec<String> = every.iter().map(|(name, note)| format!("{name}{note}")).collect();
        let line = format!("Defaulted container \"{first}\" out of: {}\n", list.join(", "));
        output.stderr.push_str(&line);
    }
    Ok(vec![(*first).clone()])
}

fn status_of<'p>(pod: &'p Pod, container: &str) -> Option<&'p ContainerStatus> {
    let status = &pod.status;
    let init = status.init_container_statuses.iter();
    let every = init.chain(&status.container_statuses).chain(&status.ephemeral_container_statuses);
    every.into_iter().find(|status| status.name == container)
}

/// The id of the instance before, when the kubelet has removed it: of those that have ended it
/// keeps one, and while none runs that is the newest.
///
/// Models pkg/kubelet/pod_container_deletor.go getContainersToDeleteInPod and the words of
/// kuberuntime_container.go GetContainerLogs.
fn removed(pod: &Pod, container: &str) -> Option<String> {
    let status = status_of(pod, container)?;
    status.state.terminated.as_ref()?;
    Some(status.last_state.terminated.as_ref()?.container_id.clone())
}

/// How many instances back the wanted log is: 0 for the latest.
///
/// Models kubelet/kubelet_pods.go validateContainerLogStatus.
fn instance(pod: &Pod, container: &str, previous: bool) -> Result<usize, String> {
    let name = &pod.metadata.name;
    let refused = |what: &str| Err(format!("Error from server (BadRequest): {what}"));
    let Some(found) = status_of(pod, container) else {
        // Before a node is chosen there is nobody to ask, and nothing is printed.
        return if pod.spec.node_name.is_empty() {
            Ok(0)
        } else {
            refused(&format!("container \"{container}\" in pod \"{name}\" is not available"))
        };
    };
    let active = found.state.running.is_some() || found.state.terminated.is_some();
    if previous {
        return if found.last_state.terminated.is_none() {
            refused(&format!(
                "previous terminated container \"{container}\" in pod \"{name}\" not found"
            ))
        } else {
            Ok(usize::from(active))
        };
    }
    if active || found.last_state.terminated.is_some() {
        return Ok(0);
    }
    let why = match found.state.waiting.as_ref().map(|waiting| waiting.reason.as_str()) {
        Some("ErrImagePull") => "image can't be pulled",
        Some("ImagePullBackOff") => "trying and failing to pull image",
        Some(reason) => reason,
        None => {
            return refused(&format!(
                "container \"{container}\" in pod \"{name}\" is waiting to start - no logs yet"
            ));
        }
    };
    refused(&format!("container \"{container}\" in pod \"{name}\" is waiting to start: {why}"))
}

#[expect(clippy::too_many_arguments, reason = "one call, and each is used once")]
fn print(
    trace: &Trace,
    now: Instant,
    pod: &Pod,
    container: &str,
    back: usize,
    tail: Option<usize>,
    flags: &Flags,
    output: &mut Output,
) {
    // One list of lines an instance; a line that comes before the first start belongs to it.
    let mut instances: Vec<Vec<(Instant, Cow<'_, str>)>> = Vec::new();
    for entry in trace.entries().iter().take_while(|entry| entry.at <= now) {
        let ours = *entry.subject.uid == *pod.kubelet_uid()
            && entry.subject.container.as_deref() == Some(container);
        if !ours {
            continue;
        }
        let mut lines = match &entry.change {
            Change::ContainerStarted { .. } => {
                instances.push(Vec::new());
                continue;
            }
            Change::Output { line } => vec![(entry.at, Cow::Borrowed(&**line))],
            Change::Quiet(quiet) => {
                let written = quiet.lines().take_while(|(at, _)| *at <= now);
                written.map(|(at, line)| (at, Cow::Owned(line))).collect()
            }
            _ => continue,
        };
        if instances.is_empty() {
            instances.push(Vec::new());
        }
        if let Some(last) = instances.last_mut() {
            last.append(&mut lines);
        }
    }
    // What one answers to two probes stands in the order of the questions.
    for lines in &mut instances {
        crate::order::sort_by(lines, |a, b| a.0.cmp(&b.0));
    }
    let Some(lines) = instances.len().checked_sub(1 + back).and_then(|i| instances.get(i)) else {
        return;
    };
    let skipped = tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    for (at, line) in &lines[skipped..] {
        if flags.prefix {
            output.stdout.push_str(&format!("[pod/{}/{container}] ", pod.metadata.name));
        }
        if flags.timestamps {
            let whole = at.rfc3339();
            let micros = at.as_micros().rem_euclid(1_000_000);
            let seconds = whole.trim_end_matches('Z');
            output.stdout.push_str(&format!("{seconds}.{micros:06}000Z "));
        }
        output.stdout.push_str(line);
        if !line.ends_with('\n') {
            output.stdout.push('\n');
        }
    }
}
