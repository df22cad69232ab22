//! `kubectl rollout status` and `history`: how far a workload is, and what it was.
//!
//! Owns: one sentence a change, and the list of revisions. Does not own: the rollout (`cluster`).

use crate::manifest::Object;
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::workloads::{DaemonSet, Deployment, StatefulSet};
use crate::time::{Duration, Instant};
use crate::trace::{Change, State, Trace};
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::get;
use crate::view::kubectl::resources::Resource;
use crate::view::kubectl::table::{DESCRIBE, align};

/// What `kubectl rollout status` says about a Deployment, and whether it stops watching then.
///
/// Models kubectl/pkg/polymorphichelpers/rollout_status.go; the error is printed instead.
pub fn deployment_status(deployment: &Deployment) -> Result<(String, bool), String> {
    let name = &deployment.metadata.name;
    let status = &deployment.status;
    let desired = deployment.spec.replicas.unwrap_or(1);
    if deployment.metadata.generation > status.observed_generation {
        return Ok(("Waiting for deployment spec update to be observed...".to_owned(), false));
    }
    let late = status
        .conditions
        .iter()
        .any(|c| c.kind == "Progressing" && c.reason == "ProgressDeadlineExceeded");
    if late {
        return Err(format!("error: deployment \"{name}\" exceeded its progress deadline"));
    }
    let waiting = |what: String| {
        Ok((format!("Waiting for deployment \"{name}\" rollout to finish: {what}..."), false))
    };
    let updated = status.updated_replicas;
    if updated < desired {
        waiting(format!("{updated} out of {desired} new replicas have been updated"))
    } else if status.replicas > updated {
        waiting(format!("{} old replicas are pending termination", status.replicas - updated))
    } else if status.available_replicas < updated {
        waiting(format!(
            "{} of {updated} updated replicas are available",
            status.available_replicas
        ))
    } else {
        Ok((format!("deployment \"{name}\" successfully rolled out"), true))
    }
}

/// The same about a DaemonSet.
pub fn daemon_set_status(daemon_set: &DaemonSet) -> Result<(String, bool), String> {
    let (name, status) = (&daemon_set.metadata.name, &daemon_set.status);
    if daemon_set.spec.update_strategy.kind == "OnDelete" {
        return Err(ROLLING_ONLY.to_owned());
    }
    if daemon_set.metadata.generation > status.observed_generation {
        return Ok(("Waiting for daemon set spec update to be observed...".to_owned(), false));
    }
    let desired = status.desired_number_scheduled;
    let waiting = |what: String| {
        Ok((format!("Waiting for daemon set \"{name}\" rollout to finish: {what}..."), false))
    };
    if status.updated_number_scheduled < desired {
        let updated = status.updated_number_scheduled;
        waiting(format!("{updated} out of {desired} new pods have been updated"))
    } else if status.number_available < desired {
        let available = status.number_available;
        waiting(format!("{available} of {desired} updated pods are available"))
    } else {
        Ok((format!("daemon set \"{name}\" successfully rolled out"), true))
    }
}

/// The same about a StatefulSet.
pub fn stateful_set_status(stateful_set: &StatefulSet) -> Result<(String, bool), String> {
    let status = &stateful_set.status;
    let strategy = &stateful_set.spec.update_strategy;
    if strategy.kind == "OnDelete" {
        return Err(ROLLING_ONLY.to_owned());
    }
    if status.observed_generation == 0
        || stateful_set.metadata.generation > status.observed_generation
    {
        return Ok(("Waiting for statefulset spec update to be observed...".to_owned(), false));
    }
    let replicas = stateful_set.spec.replicas.unwrap_or(1);
    if status.ready_replicas < replicas {
        let missing = replicas - status.ready_replicas;
        return Ok((format!("Waiting for {missing} pods to be ready..."), false));
    }
    let partition = strategy.rolling_update.as_ref().and_then(|update| update.partition);
    if let Some(partition) = partition.filter(|partition| *partition > 0) {
        let (updated, wanted) = (status.updated_replicas, replicas - partition);
        return Ok(if updated < wanted {
            let words = "Waiting for partitioned roll out to finish";
            (format!("{words}: {updated} out of {wanted} new pods have been updated..."), false)
        } else {
            let words = "partitioned roll out complete";
            (format!("{words}: {updated} new pods have been updated..."), true)
        });
    }
    if status.update_revision != status.current_revision {
        let (updated, revision) = (status.updated_replicas, &status.update_revision);
        let words = "waiting for statefulset rolling update to complete";
        return Ok((format!("{words} {updated} pods at revision {revision}..."), false));
    }
    let (current, revision) = (status.current_replicas, &status.current_revision);
    let words = "statefulset rolling update complete";
    Ok((format!("{words} {current} pods at revision {revision}..."), true))
}

const ROLLING_ONLY: &str =
    "error: rollout status is only available for RollingUpdate strategy type";

/// `ReplicaSet.apps`: a kind as Go prints its GroupKind.
fn group_kind(kind: &str) -> String {
    let group = Resource::of_kind(kind).map_or("", |resource| resource.group);
    let dot = if group.is_empty() { "" } else { "." };
    format!("{kind}{dot}{group}")
}

fn status_of(object: &Object) -> Result<(String, bool), String> {
    match object {
        Object::Deployment(object) => deployment_status(object),
        Object::DaemonSet(object) => daemon_set_status(object),
        Object::StatefulSet(object) => stateful_set_status(object),
        other => {
            let kind = group_kind(other.kind());
            Err(format!("error: no status viewer has been implemented for {kind}"))
        }
    }
}

/// Runs `kubectl rollout status` and `history`, from when it was given until a moment.
pub fn run(trace: &Trace, from: Instant, state: &State<'_>, flags: &Flags) -> Output {
    let mut flags = flags.clone();
    let verb = if flags.words.is_empty() { String::new() } else { flags.words.remove(0) };
    if flags.words.is_empty() {
        return Output::error(format!(
            "error: required resource not specified\nSee 'kubectl rollout {verb} -h' for help and \
             examples"
        ));
    }
    let before = trace.state_at(from);
    let found = match get::find(if verb == "history" { state } else { &before }, &flags) {
        Ok(found) => found,
        Err(error) => return Output::error(error),
    };
    let mut output = Output::default();
    for (group, object) in get::every(&found) {
        if verb == "history" {
            history(state, &group.kind.qualified_singular, object, &flags, &mut output);
        } else {
            // 0 stands for ever, as without the flag.
            let patience = match flags.timeout.as_deref().map(Duration::parse) {
                None => Duration::ZERO,
                Some(Some(patience)) => patience,
                Some(None) => {
                    let value = flags.timeout.as_deref().unwrap_or_default();
                    return Output::error(format!(
                        "error: invalid argument \"{value}\" for \"--timeout\" flag: time: invalid \
                         duration \"{value}\"\nSee 'kubectl rollout status --help' for usage."
                    ));
                }
            };
            let until = (patience > Duration::ZERO).then(|| from + patience);
            follow(trace, from, (state.at, until), object, &mut output);
        }
    }
    for missing in &found.missing {
        output.complain(missing);
    }
    output
}

/// One line a change, until the rollout is done or the time that one waits for it is over.
fn follow(
    trace: &Trace,
    from: Instant,
    (at, until): (Instant, Option<Instant>),
    object: &Object,
    output: &mut Output,
) {
    let over = until.filter(|until| *until <= at);
    let at = over.unwrap_or(at);
    let uid = object.metadata().uid.as_str();
    let entries = trace.entries();
    let first = entries.partition_point(|entry| entry.at <= from);
    let later =
        entries[first..].iter().take_while(|entry| entry.at <= at).filter_map(|entry| match &entry
            .change
        {
            Change::Stored { object, .. } if *entry.subject.uid == *uid => Some(object),
            _ => None,
        });
    for object in std::iter::once(object).chain(later) {
        match status_of(object) {
            Ok((line, done)) => {
                output.stdout.push_str(&line);
                output.stdout.push('\n');
                if done {
                    return;
                }
            }
            Err(error) => return output.complain(&error),
        }
    }
    if over.is_some() {
        output.complain("error: timed out waiting for the condition");
    }
}

/// The revisions of a workload.
///
/// Models kubectl/pkg/polymorphichelpers/history.go.
fn history(state: &State<'_>, resource: &str, object: &Object, flags: &Flags, output: &mut Output) {
    let name = &object.metadata().name;
    let revisions = revisions(state, object);
    if let Some(wanted) = flags.revision.filter(|wanted| *wanted > 0) {
        let Some((_, template, _)) = revisions.iter().find(|(number, ..)| *number == wanted) else {
            return output.complain("error: unable to find the specified revision");
        };
        let text = crate::view::kubectl::describe::pod_template(template);
        output.stdout.push_str(&format!("{resource}/{name} with revision #{wanted}\n{text}\n"));
        return;
    }
    let kept = ["Deployment", "StatefulSet", "DaemonSet"];
    if !kept.contains(&object.kind()) {
        let kind = group_kind(object.kind());
        return output
            .complain(&format!("error: no history viewer has been implemented for \"{kind}\""));
    }
    if revisions.is_empty() {
        output.stdout.push_str(&format!("{resource}/{name} \nNo rollout history found.\n"));
        return;
    }
    let mut table = "REVISION\tCHANGE-CAUSE\n".to_owned();
    for (number, _, cause) in &revisions {
        let cause = cause.as_deref().unwrap_or("<none>");
        table.push_str(&format!("{number}\t{cause}\n"));
    }
    let table = align(&table, DESCRIBE);
    output.stdout.push_str(&format!("{resource}/{name} \n{table}\n"));
}

type Revision = (i64, PodTemplateSpec, Option<String>);

fn revisions(state: &State<'_>, owner: &Object) -> Vec<Revision> {
    const CAUSE: &str = "kubernetes.io/change-cause";
    let uid = &owner.metadata().uid;
    let mut revisions: Vec<Revision> = state
        .objects
        .iter()
        .filter_map(|object| match object {
            Object::ReplicaSet(set)
                if set.metadata.owner_references.iter().any(|o| o.uid == *uid) =>
            {
                let annotations = &set.metadata.annotations;
                let number = annotations.get("deployment.kubernetes.io/revision")?.parse().ok()?;
                Some((number, set.spec.template.clone(), annotations.get(CAUSE).cloned()))
            }
            _ => None,
        })
        .collect();
    // A ControllerRevision's template is a patch in the API; which number it has is known by its
    // age, as long as nobody rolls back.
    let mut number = 0;
    for object in &state.objects {
        if let Object::Unsimulated(other) = object
            && other.kind == "ControllerRevision"
            && other.metadata.owner_references.iter().any(|o| o.uid == *uid)
        {
            number += 1;
            let cause = other.metadata.annotations.get(CAUSE).cloned();
            revisions.push((number, PodTemplateSpec::default(), cause));
        }
    }
    crate::order::sort_by_key(&mut revisions, |(number, ..)| *number);
    revisions
}
