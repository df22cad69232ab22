//! `kubectl autoscale`: makes a HorizontalPodAutoscaler for a workload.
//!
//! Models kubectl/pkg/cmd/autoscale/autoscale.go. Does not own: what the autoscaler does.

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::cluster::kubectl::Printed;
use crate::cluster::kubectl::args::{Args, plural_of};
use crate::manifest::Object;
use crate::manifest::autoscaling::{
    self, CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    MetricSpec, MetricTarget, cpu_utilization, resource_metric,
};
use crate::manifest::defaults::Filled;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::quantity::Quantity;
use crate::trace::EntryId;

/// What pflag says when an old flag is used.
const DEPRECATED: &str = "Flag --cpu-percent has been deprecated, Use --cpu with percentage or \
                          resource quantity format (e.g., '70%' for utilization or '500m' for \
                          milliCPU).\n";

impl World<'_> {
    pub(super) fn kubectl_autoscale(&mut self, args: &Args, entry: EntryId) -> Printed {
        let flags = match AutoscaleFlags::read(args) {
            Ok(flags) => flags,
            Err(error) => return Printed::error(error),
        };
        let (key, _) = match self.target(args, &args.words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let api_version = match key.kind.as_str() {
            "Deployment" | "ReplicaSet" | "StatefulSet" => "apps/v1",
            "ReplicationController" => "v1",
            kind => {
                let group = if kind == "DaemonSet" { "apps/v1" } else { "/v1" };
                let resource = plural_of(kind);
                let resource = resource.split('.').next().unwrap_or_default();
                return Printed::error(format!(
                    "error: cannot autoscale a {kind}: could not find scale subresource for \
                     {group}, Resource={resource} in discovery information"
                ));
            }
        };
        let name = args.value("name").unwrap_or(&key.name).to_owned();
        let own = Key::new("HorizontalPodAutoscaler", &key.namespace, &name);
        if self.store.get(&own).is_some() {
            return Printed::error(format!(
                "Error from server (AlreadyExists): horizontalpodautoscalers.autoscaling \
                 \"{name}\" already exists"
            ));
        }
        let mut autoscaler = HorizontalPodAutoscaler {
            metadata: ObjectMeta {
                name: name.clone(),
                namespace: key.namespace.clone(),
                ..ObjectMeta::default()
            },
            spec: HorizontalPodAutoscalerSpec {
                scale_target_ref: CrossVersionObjectReference {
                    api_version: api_version.to_owned(),
                    kind: key.kind.clone(),
                    name: key.name,
                },
                min_replicas: flags.least,
                max_replicas: flags.most,
                metrics: flags.metrics,
                behavior: None,
            },
            ..HorizontalPodAutoscaler::default()
        };
        autoscaling::defaults(&mut autoscaler, &mut Filled::silent());
        let object = Object::HorizontalPodAutoscaler(autoscaler.into());
        if let Err(error) = self.apply(object, entry) {
            return Printed::error(format!("Error from server (Forbidden): {error}"));
        }
        let mut text = if flags.deprecated { DEPRECATED.to_owned() } else { String::new() };
        text.push_str(&format!("horizontalpodautoscaler.autoscaling/{name} autoscaled\n"));
        Printed::ok(text)
    }
}

/// The flags of `kubectl autoscale`.
#[derive(Debug)]
struct AutoscaleFlags {
    least: Option<i32>,
    most: i32,
    metrics: Vec<MetricSpec>,
    deprecated: bool,
}

impl AutoscaleFlags {
    fn read(args: &Args) -> Result<Self, String> {
        let number = |name: &str| -> Result<Option<i32>, String> {
            let Some(text) = args.value(name) else { return Ok(None) };
            text.parse().map(Some).map_err(|_| {
                format!(
                    "error: invalid argument \"{text}\" for \"--{name}\" flag: strconv.ParseInt: \
                     parsing \"{text}\": invalid syntax\nSee 'kubectl autoscale --help' for usage."
                )
            })
        };
        let Some(most) = number("max")? else {
            return Err("error: required flag(s) \"max\" not set".to_owned());
        };
        let least = number("min")?.filter(|least| *least >= 0);
        if most < 1 {
            return Err(format!(
                "error: --max=MAXPODS is required and must be at least 1, max: {most}"
            ));
        }
        if let Some(least) = least.filter(|least| *least > most) {
            return Err(format!(
                "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, \
                 min: {least}"
            ));
        }
        let mut metrics = Vec::new();
        let percent = number("cpu-percent")?.filter(|percent| *percent >= 0);
        if let (Some(_), Some(_)) = (percent, args.value("cpu")) {
            return Err("error: if any flags in the group [cpu cpu-percent] are set none of the \
                        others can be; [cpu cpu-percent] were all set"
                .to_owned());
        }
        metrics.extend(percent.map(cpu_utilization));
        for resource in ["cpu", "memory"] {
            if let Some(text) = args.value(resource) {
                metrics.push(metric(resource, text)?);
            }
        }
        let deprecated = args.value("cpu-percent").is_some();
        Ok(Self { least, most, metrics, deprecated })
    }
}

/// `70%` of the request, or `500m` a Pod.
fn metric(resource: &str, text: &str) -> Result<MetricSpec, String> {
    let wrong =
        |error: &str| format!("error: invalid {resource} resource {text:?} provided: {error}");
    if let Some(percent) = text.strip_suffix('%') {
        let percent: i32 = percent.parse().map_err(|_| wrong("it is no percentage"))?;
        let target = MetricTarget {
            kind: "Utilization".to_owned(),
            average_utilization: Some(percent),
            ..MetricTarget::default()
        };
        return Ok(resource_metric(resource, target));
    }
    let quantity = Quantity::parse(text).map_err(|error| wrong(&error))?;
    let target = MetricTarget {
        kind: "AverageValue".to_owned(),
        average_value: Some(quantity),
        ..MetricTarget::default()
    };
    Ok(resource_metric(resource, target))
}
