//! What the failure of a Pod means to its Job: podFailurePolicy, rule by rule.
//!
//! Models pkg/controller/job/pod_failure_policy.go. Does not own: carrying it out (`plan`).

use crate::manifest::pod::{ContainerStatus, Pod};
use crate::manifest::workloads::{OnExitCodes, OnPodCondition, PodFailurePolicy};

/// What is to be done about a failed Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The whole Job fails.
    FailJob,
    /// Its index fails.
    FailIndex,
    /// It does not count.
    Ignore,
    /// It counts like any other.
    Count,
}

/// What the policy says about a failed Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The action of the rule that matched; `None` when none did.
    pub action: Option<Action>,
    /// Whether the failure counts towards backoffLimit.
    pub counts: bool,
    /// Why the Job fails.
    pub message: Option<String>,
}

/// The first rule that matches a failed Pod decides. `per_index`: indexes can fail on their own.
pub fn match_policy(policy: Option<&PodFailurePolicy>, pod: &Pod, per_index: bool) -> Match {
    let rules = policy.map(|policy| policy.rules.as_slice()).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        let place = format!("matching {} rule at index {index}", rule.action);
        let metadata = &pod.metadata;
        let name = format!("pod {}/{}", metadata.namespace, metadata.name);
        let matched = if let Some(requirement) = &rule.on_exit_codes {
            failed_container(pod, requirement).map(|(container, code)| {
                format!("Container {container} for {name} failed with exit code {code} {place}")
            })
        } else {
            matching_condition(pod, &rule.on_pod_conditions).map(|kind| {
                let name = name.replacen("pod", "Pod", 1);
                format!("{name} has condition {kind} {place}")
            })
        };
        let Some(message) = matched else { continue };
        let (action, counts, message) = match rule.action.as_str() {
            "FailJob" => (Action::FailJob, true, Some(message)),
            "FailIndex" if per_index => (Action::FailIndex, true, None),
            "Ignore" => (Action::Ignore, false, None),
            "Count" => (Action::Count, true, None),
            // An action of a later release: the rule is passed over.
            _ => continue,
        };
        return Match { action: Some(action), counts, message };
    }
    Match { action: None, counts: true, message: None }
}

/// The container whose exit code the requirement is about.
fn failed_container<'p>(pod: &'p Pod, requirement: &OnExitCodes) -> Option<(&'p str, i32)> {
    let matches = |status: &&'p ContainerStatus| {
        let Some(ended) = &status.state.terminated else { return false };
        let named = requirement.container_name.as_deref().is_none_or(|name| name == status.name);
        // Exit code 0 is no failure whatever the rule says.
        named
            && ended.exit_code != 0
            && match requirement.operator.as_str() {
                "In" => requirement.values.contains(&ended.exit_code),
                "NotIn" => !requirement.values.contains(&ended.exit_code),
                _ => false,
            }
    };
    let status = pod
        .status
        .container_statuses
        .iter()
        .find(matches)
        .or_else(|| pod.status.init_container_statuses.iter().find(matches))?;
    let code = status.state.terminated.as_ref()?.exit_code;
    Some((status.name.as_str(), code))
}

fn matching_condition<'p>(pod: &'p Pod, patterns: &[OnPodCondition]) -> Option<&'p str> {
    pod.status
        .conditions
        .iter()
        .find(|condition| {
            patterns
                .iter()
                .any(|pattern| pattern.kind == condition.kind && pattern.status == condition.status)
        })
        .map(|condition| condition.kind.as_str())
}
