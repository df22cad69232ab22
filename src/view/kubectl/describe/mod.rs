//! `kubectl describe`: everything about an object, for people.
//!
//! Owns: choosing the objects, and the writer that every description uses; the kinds are in files
//! of their own. Models kubectl/pkg/describe/describe.go. Does not own: aligning (`table.rs`).

mod batch;
mod container;
mod other;
mod pod;
mod policy;
mod workload;

use crate::manifest::Object;
use crate::manifest::last_applied::LAST_APPLIED;
use crate::manifest::meta::{Labels, ObjectMeta};
use crate::time::Instant;
use crate::trace::State;
use crate::version::Feature;
use crate::view::kubectl::Output;
use crate::view::kubectl::events;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::get::{self, Found};
use crate::view::kubectl::table::{DESCRIBE, align};

/// Annotations longer than this go on lines of their own.
const MAX_ANNOTATION: usize = 140;

/// The template of a Pod, as `rollout history --revision` shows it.
pub fn pod_template(template: &crate::manifest::pod::PodTemplateSpec) -> String {
    let mut writer = Writer { text: String::new() };
    workload::template(&mut writer, template);
    align(&writer.text, DESCRIBE)
}

/// A description that is being written: cells end in tabs, levels indent by two spaces.
struct Writer {
    text: String,
}

impl Writer {
    /// Writes a line.
    fn line(&mut self, level: usize, line: &str) {
        self.indent(level);
        self.push(line);
        self.text.push('\n');
    }

    /// Writes `Label:` and a value in the next column.
    fn field(&mut self, level: usize, label: &str, value: &str) {
        self.indent(level);
        self.push(label);
        self.text.push_str(":\t");
        self.push(value);
        self.text.push('\n');
    }

    fn indent(&mut self, level: usize) {
        for _ in 0..level {
            self.text.push_str("  ");
        }
    }

    /// Appends text; an escape character must not reach the terminal.
    fn push(&mut self, text: &str) {
        for (index, part) in text.split('\u{1b}').enumerate() {
            if index > 0 {
                self.text.push_str("^[");
            }
            self.text.push_str(part);
        }
    }

    /// Writes a label and several values, one a line, all in the next column.
    fn column(&mut self, label: &str, values: impl IntoIterator<Item = String>) {
        let mut first = true;
        for value in values {
            let label = if first { format!("{label}:") } else { String::new() };
            self.line(0, &format!("{label}\t{value}"));
            first = false;
        }
        if first {
            self.field(0, label, "<none>");
        }
    }

    fn labels(&mut self, label: &str, labels: &Labels) {
        self.column(label, labels.iter().map(|(key, value)| format!("{key}={value}")));
    }

    fn annotations(&mut self, label: &str, annotations: &Labels) {
        let mut values = Vec::new();
        for (key, value) in annotations.iter().filter(|(key, _)| *key != LAST_APPLIED) {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 > MAX_ANNOTATION || value.contains('\n') {
                values.push(format!("{key}:"));
                values.extend(
                    value
                        .split('\n')
                        .map(|line| format!("  {}", shorten(line, MAX_ANNOTATION - 2))),
                );
            } else {
                values.push(format!("{key}: {value}"));
            }
        }
        self.column(label, values);
    }

    fn events(&mut self, context: &Context<'_>, metadata: &ObjectMeta) {
        if !context.show_events {
            return;
        }
        let about = context
            .state
            .events()
            .filter(|event| {
                event.metadata.namespace == metadata.namespace || metadata.namespace.is_empty()
            })
            .filter(|event| {
                event.involved_uid == metadata.uid && event.involved_name == metadata.name
            })
            .collect();
        let events = events::in_description_order(about);
        if events.is_empty() {
            return self.field(0, "Events", "<none>");
        }
        self.line(0, "Events:");
        self.line(1, "Type\tReason\tAge\tFrom\tMessage");
        self.line(1, "----\t------\t----\t----\t-------");
        for event in events {
            let field = match event.field_path.as_str() {
                "" => String::new(),
                _ if !context.state.version.has(Feature::DescribeFieldPath) => String::new(),
                path => format!("{path}: "),
            };
            self.line(
                1,
                &format!(
                    "{}\t{}\t{}\t{}\t{field}{}",
                    event.kind,
                    event.reason,
                    events::interval(event, context.now()),
                    event.source,
                    event.message.trim()
                ),
            );
        }
    }
}

fn shorten(line: &str, limit: usize) -> String {
    if line.len() <= limit {
        return line.to_owned();
    }
    let end = (0..=limit).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
    format!("{}...", &line[..end])
}

/// All that a description may look at besides its object.
struct Context<'s> {
    state: &'s State<'s>,
    show_events: bool,
}

impl Context<'_> {
    fn now(&self) -> Instant {
        self.state.at
    }
}

/// Describes one object, with its Events or without.
pub fn describe(state: &State<'_>, object: &Object, show_events: bool) -> String {
    let context = Context { state, show_events };
    let mut writer = Writer { text: String::new() };
    match object {
        Object::Pod(pod) => pod::describe(&mut writer, &context, pod),
        Object::Deployment(deployment) => {
            workload::deployment(&mut writer, &context, deployment);
        }
        Object::ReplicaSet(replica_set) => {
            workload::replica_set(&mut writer, &context, replica_set);
        }
        Object::StatefulSet(set) => workload::stateful_set(&mut writer, &context, set),
        Object::DaemonSet(set) => workload::daemon_set(&mut writer, &context, set),
        Object::Job(job) => batch::job(&mut writer, &context, job),
        Object::CronJob(cron_job) => batch::cron_job(&mut writer, &context, cron_job),
        Object::Service(service) => other::service(&mut writer, &context, service),
        Object::EndpointSlice(slice) => other::endpoint_slice(&mut writer, &context, slice),
        Object::HorizontalPodAutoscaler(autoscaler) => {
            other::autoscaler(&mut writer, &context, autoscaler);
        }
        Object::Node(node) => other::node(&mut writer, &context, node),
        Object::ConfigMap(config_map) => other::config_map(&mut writer, &context, config_map),
        Object::Secret(secret) => other::secret(&mut writer, secret),
        Object::Namespace(namespace) => other::namespace(&mut writer, namespace),
        Object::PodDisruptionBudget(budget) => policy::budget(&mut writer, &context, budget),
        Object::ResourceQuota(quota) => policy::quota(&mut writer, quota),
        Object::LimitRange(range) => policy::limit_range(&mut writer, range),
        Object::PersistentVolumeClaim(claim) => policy::claim(&mut writer, &context, claim),
        Object::Event(_)
        | Object::PriorityClass(_)
        | Object::PersistentVolume(_)
        | Object::StorageClass(_)
        | Object::Unsimulated(_) => {
            other::generic(&mut writer, &context, object);
        }
    }
    align(&writer.text, DESCRIBE)
}

/// Runs `kubectl describe`.
pub fn run(state: &State<'_>, flags: &Flags) -> Output {
    if flags.words.is_empty() {
        return Output::error(
            "error: You must specify the type of resource to describe. Use \"kubectl \
             api-resources\" for a complete list of supported resources."
                .to_owned(),
        );
    }
    let mut found = match get::find(state, flags) {
        Ok(found) => found,
        Err(error) => return Output::error(error),
    };
    if found.groups.is_empty() && found.missing.len() == 1 {
        found = match by_prefix(state, flags, found) {
            Ok(found) => found,
            Err(error) => return Output::error(error),
        };
    }
    let objects: Vec<&Object> =
        found.groups.iter().flat_map(|group| group.objects.iter().copied()).collect();
    let mut output = Output::default();
    // Events of many objects would be too many requests: kubectl leaves them out.
    let show_events = !flags.hide_events && objects.len() == 1;
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            output.stdout.push_str("\n\n");
        }
        output.stdout.push_str(&describe(state, object, show_events));
    }
    for missing in &found.missing {
        output.complain(missing);
    }
    if objects.is_empty() && found.missing.is_empty() {
        output.stderr = if flags.all_namespaces || found.cluster_wide {
            "No resources found\n".to_owned()
        } else {
            format!("No resources found in {} namespace.\n", flags.namespace())
        };
    }
    output
}

/// A name that is nobody's may be the beginning of several.
fn by_prefix<'s>(
    state: &'s State<'_>,
    flags: &Flags,
    missing: Found<'s>,
) -> Result<Found<'s>, String> {
    let [kind, prefix] = flags.words.as_slice() else { return Ok(missing) };
    let mut all = get::find(state, &Flags { words: vec![kind.clone()], ..flags.clone() })?;
    for group in &mut all.groups {
        group.objects.retain(|object| object.metadata().name.starts_with(prefix.as_str()));
    }
    all.groups.retain(|group| !group.objects.is_empty());
    Ok(if all.groups.is_empty() { missing } else { all })
}
