//! HorizontalPodAutoscalers in kubectl's words: the cells of `get hpa`, and `describe hpa`'s lines.
//!
//! Models formatHPAMetrics of pkg/printers/internalversion/printers.go and
//! describeHorizontalPodAutoscalerV2 of kubectl/pkg/describe/describe.go. Does not own: the table
//! or the description around them.

use crate::manifest::autoscaling::{
    HPAScalingRules, HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget,
    MetricValueStatus,
};
use crate::manifest::quantity::Quantity;

/// Metrics that a cell names before it only counts.
const LISTED: usize = 2;
const UNKNOWN: &str = "<unknown>";

/// What a metric is and what it should be.
struct Pair {
    current: String,
    target: String,
}

impl MetricSpec {
    fn target(&self) -> Option<&MetricTarget> {
        let resource = self.resource.as_ref().map(|own| &own.target);
        let container = self.container_resource.as_ref().map(|own| &own.target);
        let pods = self.pods.as_ref().map(|own| &own.target);
        let object = self.object.as_ref().map(|own| &own.target);
        let external = self.external.as_ref().map(|own| &own.target);
        resource.or(container).or(pods).or(object).or(external)
    }
}

impl MetricStatus {
    fn current(&self) -> Option<&MetricValueStatus> {
        let resource = self.resource.as_ref().map(|own| &own.current);
        let container = self.container_resource.as_ref().map(|own| &own.current);
        let pods = self.pods.as_ref().map(|own| &own.current);
        let object = self.object.as_ref().map(|own| &own.current);
        let external = self.external.as_ref().map(|own| &own.current);
        resource.or(container).or(pods).or(object).or(external)
    }
}

/// Both sides of a metric; `with_value` adds the mean beside a percentage.
fn pair(spec: &MetricSpec, status: Option<&MetricStatus>, with_value: bool) -> Pair {
    let current = status.and_then(MetricStatus::current);
    let Some(target) = spec.target() else {
        return Pair { current: UNKNOWN.to_owned(), target: UNKNOWN.to_owned() };
    };
    let text = |quantity: Option<&Quantity>| {
        quantity.map_or_else(|| UNKNOWN.to_owned(), |quantity| quantity.text().to_owned())
    };
    if let Some(average) = &target.average_value {
        let current = text(current.and_then(|own| own.average_value.as_ref()));
        return Pair { current, target: average.text().to_owned() };
    }
    if let Some(value) = &target.value {
        let current = text(current.and_then(|own| own.value.as_ref()));
        return Pair { current, target: value.text().to_owned() };
    }
    let percent =
        target.average_utilization.map_or_else(|| "<auto>".to_owned(), |own| format!("{own}%"));
    let current = current.and_then(|own| {
        let used = own.average_utilization?;
        let mean = own.average_value.as_ref().filter(|_| with_value);
        Some(match mean {
            Some(mean) => format!("{used}% ({})", mean.text()),
            None => format!("{used}%"),
        })
    });
    Pair { current: current.unwrap_or_else(|| UNKNOWN.to_owned()), target: percent }
}

/// The cell TARGETS.
fn targets(autoscaler: &HorizontalPodAutoscaler) -> String {
    let specs = &autoscaler.spec.metrics;
    if specs.is_empty() {
        return "<none>".to_owned();
    }
    let mut list: Vec<String> = specs
        .iter()
        .enumerate()
        .take(LISTED)
        .map(|(index, spec)| {
            let status = autoscaler.status.current_metrics.get(index);
            let Pair { current, target } = pair(spec, status, false);
            let resource = spec.resource.as_ref().map(|own| &own.name);
            let resource =
                resource.or_else(|| spec.container_resource.as_ref().map(|own| &own.name));
            let is_average = spec.target().is_some_and(|own| own.average_value.is_some());
            let outside = spec.object.is_some() || spec.external.is_some();
            match resource {
                Some(name) => format!("{name}: {current}/{target}"),
                None if spec.target().is_none() => "<unknown type>".to_owned(),
                None if outside && is_average => format!("{current}/{target} (avg)"),
                None => format!("{current}/{target}"),
            }
        })
        .collect();
    let rest = specs.len().saturating_sub(LISTED);
    if let Some(last) = list.last_mut().filter(|_| rest > 0) {
        last.push_str(&format!(" + {rest} more..."));
    }
    list.join(", ")
}

/// The cells between NAME and AGE: REFERENCE, TARGETS, MINPODS, MAXPODS, REPLICAS.
pub fn cells(autoscaler: &HorizontalPodAutoscaler) -> [String; 5] {
    let spec = &autoscaler.spec;
    let target = &spec.scale_target_ref;
    [
        format!("{}/{}", target.kind, target.name),
        targets(autoscaler),
        least(autoscaler),
        spec.max_replicas.to_string(),
        autoscaler.status.current_replicas.to_string(),
    ]
}

fn least(autoscaler: &HorizontalPodAutoscaler) -> String {
    autoscaler.spec.min_replicas.map_or_else(|| "<unset>".to_owned(), |least| least.to_string())
}

/// The lines of a description, from the reference to the conditions: level and text.
pub fn lines(autoscaler: &HorizontalPodAutoscaler) -> Vec<(usize, String)> {
    let HorizontalPodAutoscaler { spec, status, .. } = autoscaler;
    let target = &spec.scale_target_ref;
    let mut lines = vec![
        (0, format!("Reference:\t{}/{}", target.kind, target.name)),
        (0, "Metrics:\t( current / target )".to_owned()),
    ];
    for (index, metric) in spec.metrics.iter().enumerate() {
        let Pair { current, target } = pair(metric, status.current_metrics.get(index), true);
        lines.push((1, format!("{}:\t{current} / {target}", title(metric))));
    }
    lines.push((0, format!("Min replicas:\t{}", least(autoscaler))));
    lines.push((0, format!("Max replicas:\t{}", spec.max_replicas)));
    if let Some(behavior) = &spec.behavior {
        lines.push((0, "Behavior:".to_owned()));
        direction("Scale Up", behavior.scale_up.as_ref(), &mut lines);
        direction("Scale Down", behavior.scale_down.as_ref(), &mut lines);
    }
    let (current, desired) = (status.current_replicas, status.desired_replicas);
    lines.push((0, format!("{} pods:\t{current} current / {desired} desired", target.kind)));
    if !status.conditions.is_empty() {
        lines.push((0, "Conditions:".to_owned()));
        lines.push((1, "Type\tStatus\tReason\tMessage".to_owned()));
        lines.push((1, "----\t------\t------\t-------".to_owned()));
        for own in &status.conditions {
            let text = format!("{}\t{}\t{}\t{}", own.kind, own.status, own.reason, own.message);
            lines.push((1, text));
        }
    }
    lines
}

/// What stands before a metric's numbers.
fn title(metric: &MetricSpec) -> String {
    let is_average = metric.target().is_some_and(|own| own.average_value.is_some());
    let of_request = if is_average { "" } else { "  (as a percentage of request)" };
    let kind = if is_average { "(target average value)" } else { "(target value)" };
    if let Some(own) = &metric.resource {
        format!("resource {} on pods{of_request}", own.name)
    } else if let Some(own) = &metric.container_resource {
        format!("resource {} of container \"{}\" on pods{of_request}", own.name, own.container)
    } else if let Some(own) = &metric.pods {
        format!("\"{}\" on pods", own.metric.name)
    } else if let Some(own) = &metric.object {
        let object = &own.described_object;
        format!("\"{}\" on {}/{} {kind}", own.metric.name, object.kind, object.name)
    } else if let Some(own) = &metric.external {
        format!("\"{}\" {kind}", own.metric.name)
    } else {
        format!("<unknown metric type \"{}\">", metric.kind)
    }
}

fn direction(name: &str, rules: Option<&HPAScalingRules>, lines: &mut Vec<(usize, String)>) {
    let Some(rules) = rules else { return };
    lines.push((1, format!("{name}:")));
    if let Some(seconds) = rules.stabilization_window_seconds {
        lines.push((2, format!("Stabilization Window: {seconds} seconds")));
    }
    if rules.policies.is_empty() {
        return;
    }
    let select = rules.select_policy.as_deref().unwrap_or("Max");
    lines.push((2, format!("Select Policy: {select}")));
    lines.push((2, "Policies:".to_owned()));
    for policy in &rules.policies {
        let (kind, value, seconds) = (&policy.kind, policy.value, policy.period_seconds);
        lines.push((3, format!("- Type: {kind}\tValue: {value}\tPeriod: {seconds} seconds")));
    }
}
