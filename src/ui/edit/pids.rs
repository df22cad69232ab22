//! Writes `shareProcessNamespace` into the text, or takes it out.

use super::Lines;
use crate::manifest::Object;
use crate::manifest::pod::PodSpec;
use crate::scenario::Scenario;

const FIELD: &str = "shareProcessNamespace";

/// The text in which the Pods of an object share their processes, or do not; `None` where that
/// cannot be written safely.
pub fn with_shared_processes(text: &str, kind: &str, name: &str, shared: bool) -> Option<String> {
    let before = Scenario::from_text(text).0;
    let lines = Lines::new(text);
    // Whatever stands in the text more than once is tried in turn: only the right one fits.
    let fields = (0..lines.lines.len()).filter_map(|row| {
        let content = lines.line(row).trim_start_matches([' ', '-']);
        let indent = lines.line(row).len() - content.len();
        content.starts_with("containers:").then_some((row, indent))
    });
    let mut edits = fields.map(|(row, indent)| {
        let mut known = (0..lines.lines.len()).filter(|line| {
            lines.value(*line, indent, FIELD).is_some() && lines.same_mapping(*line, row, indent)
        });
        let field = format!("{}{FIELD}: true\n", " ".repeat(indent));
        match (known.next_back(), shared) {
            (Some(line), true) => lines.spliced(line, line + 1, &field),
            (Some(line), false) => lines.spliced(line, line + 1, ""),
            // A mapping that begins in a list has its first key behind the dash.
            (None, true) if lines.line(row).trim_start().starts_with('-') => {
                lines.spliced(row + 1, row + 1, &field)
            }
            (None, true) => lines.spliced(row, row, &field),
            (None, false) => text.to_owned(),
        }
    });
    edits.find(|edited| {
        let after = Scenario::from_text(edited).0;
        let others = |scenario: &Scenario| -> Vec<bool> {
            let rest = scenario.objects.iter().filter(|object| !is(object, kind, name));
            rest.map(shares).collect()
        };
        let mut own = after.objects.iter().filter(|object| is(object, kind, name));
        own.next().is_some_and(|object| shares(object) == shared)
            && others(&after) == others(&before)
            && after.objects.len() == before.objects.len()
    })
}

impl Lines<'_> {
    /// Whether nothing between two lines leaves the mapping that both are in.
    fn same_mapping(&self, one: usize, other: usize, indent: usize) -> bool {
        (one.min(other) + 1..one.max(other)).all(|row| {
            let mark = self.line(row).starts_with("---");
            !mark && self.indent(row).is_none_or(|own| own >= indent)
        })
    }
}

fn is(object: &Object, kind: &str, name: &str) -> bool {
    object.kind() == kind && object.metadata().name == name
}

/// Whether the Pods of an object share their processes.
fn shares(object: &Object) -> bool {
    let spec: Option<&PodSpec> = match object {
        Object::Pod(pod) => Some(&pod.spec),
        Object::Deployment(object) => Some(&object.spec.template.spec),
        Object::ReplicaSet(object) => Some(&object.spec.template.spec),
        Object::StatefulSet(object) => Some(&object.spec.template.spec),
        Object::DaemonSet(object) => Some(&object.spec.template.spec),
        Object::Job(object) => Some(&object.spec.template.spec),
        Object::CronJob(object) => Some(&object.spec.job_template.spec.template.spec),
        _ => None,
    };
    spec.is_some_and(|spec| spec.share_process_namespace == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: # two of them
  - {name: web, image: nginx}
";

    #[test]
    fn the_field_comes_and_goes_without_a_trace() {
        let on = with_shared_processes(POD, "Pod", "web", true).unwrap();
        assert_eq!(on, POD.replace("spec:\n", "spec:\n  shareProcessNamespace: true\n"));
        assert_eq!(with_shared_processes(&on, "Pod", "web", true).unwrap(), on);
        assert_eq!(with_shared_processes(&on, "Pod", "web", false).unwrap(), POD);
        let said = POD.replace("spec:\n", "spec:\n  shareProcessNamespace: false # no\n");
        assert_eq!(with_shared_processes(&said, "Pod", "web", true).unwrap(), on);
    }

    #[test]
    fn only_the_pods_that_are_meant_change() {
        let two = format!(
            "{POD}---\n{}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  \
             selector: {{matchLabels: {{a: b}}}}\n  template:\n    metadata: {{labels: {{a: b}}}}\n    \
             spec:\n      containers:\n      - {{name: web, image: nginx}}\n",
            POD.replace("name: web}\nspec", "name: other}\nspec")
        );
        for (kind, name) in [("Pod", "web"), ("Pod", "other"), ("Deployment", "d")] {
            let on = with_shared_processes(&two, kind, name, true).unwrap();
            let scenario = Scenario::from_text(&on).0;
            let sharing: Vec<&str> = scenario
                .objects
                .iter()
                .filter(|object| shares(object))
                .map(|object| object.metadata().name.as_str())
                .collect();
            assert_eq!(sharing, [name]);
            assert_eq!(with_shared_processes(&on, kind, name, false).unwrap(), two);
        }
    }

    #[test]
    fn what_cannot_be_written_safely_is_refused() {
        let flow = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: \
                    [{name: web, image: nginx}]}}\n";
        assert_eq!(with_shared_processes(flow, "Pod", "web", true), None);
        assert_eq!(with_shared_processes(POD, "Pod", "nobody", true), None);
    }
}
