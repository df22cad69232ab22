//! Metadata that every object has, and label selectors.

use crate::manifest::decode::{Decode, Decoder, always_present, api_object};
use crate::manifest::node::Node;
use crate::map::Map;
use crate::time::Instant;

/// Labels and annotations, in the order in which kubectl prints them.
pub type Labels = Map<String, String>;

api_object! {
    /// ObjectMeta: name, identity and ownership.
    ObjectMeta {
        "name" name: String,
        "generateName" generate_name: String,
        "namespace" namespace: String,
        "uid" uid: String,
        "resourceVersion" resource_version: String,
        "generation" generation: i64,
        "creationTimestamp" creation_timestamp: Option<Instant>,
        "deletionTimestamp" deletion_timestamp: Option<Instant>,
        "deletionGracePeriodSeconds" deletion_grace_period_seconds: Option<i64>,
        "labels" labels: Labels,
        "annotations" annotations: Labels,
        "ownerReferences" owner_references: Vec<OwnerReference>,
        "finalizers" finalizers: Vec<String>,
    }
}

api_object! {
    /// OwnerReference: who made this object, and who takes it along when it goes.
    OwnerReference {
        "apiVersion" api_version: String,
        "kind" kind: String,
        "name" name: String,
        "uid" uid: String,
        "controller" controller: bool,
        "blockOwnerDeletion" block_owner_deletion: bool,
    }
}

api_object! {
    /// LabelSelector: which objects are meant.
    LabelSelector {
        "matchLabels" match_labels: Labels,
        "matchExpressions" match_expressions: Vec<LabelSelectorRequirement>,
    }
}

api_object! {
    /// One requirement of a selector.
    LabelSelectorRequirement {
        "key" key: String,
        "operator" operator: String,
        "values" values: Vec<String>,
    }
}

always_present!(ObjectMeta, LabelSelector);

impl LabelSelector {
    /// Whether the labels satisfy every requirement.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|requirement| {
                let value = labels.get(&requirement.key);
                let listed = value.is_some_and(|value| requirement.values.contains(value));
                match requirement.operator.as_str() {
                    "In" => listed,
                    "NotIn" => !listed,
                    "Exists" => value.is_some(),
                    "DoesNotExist" => value.is_none(),
                    _ => false,
                }
            })
    }
}

impl std::fmt::Display for LabelSelector {
    /// Prints it as Kubernetes does: `app=web,env in (a,b)`; nothing where it asks for nothing.
    ///
    /// Models apimachinery/pkg/labels/selector.go.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts: Vec<(&str, String)> = self
            .match_labels
            .iter()
            .map(|(key, value)| (key.as_str(), format!("{key}={value}")))
            .collect();
        for LabelSelectorRequirement { key, operator, values } in &self.match_expressions {
            let mut values = values.clone();
            crate::order::sort(&mut values);
            let text = match operator.as_str() {
                "In" => format!("{key} in ({})", values.join(",")),
                "NotIn" => format!("{key} notin ({})", values.join(",")),
                "DoesNotExist" => format!("!{key}"),
                _ => key.clone(),
            };
            parts.push((key, text));
        }
        crate::order::sort_by(&mut parts, |a, b| a.0.cmp(b.0));
        let texts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
        f.write_str(&texts.join(","))
    }
}

/// Timestamps are made by the cluster; one that stands in a manifest has no meaning here.
impl Decode for Instant {
    const GO_TYPE: &'static str = "Time";
    fn decode(_node: &Node, _decoder: &mut Decoder) -> Self {
        Self::ZERO
    }
}
