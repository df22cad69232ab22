//! A kubectl command line, taken apart.
//!
//! Owns: verbs, words, flags and the names of kinds. Does not own: what they mean to a verb.

/// A command line after `kubectl`.
#[derive(Clone, Debug, Default)]
pub(super) struct Args {
    pub(super) verb: String,
    /// Words that are no flags, without the verb.
    pub(super) words: Vec<String>,
    flags: Vec<(String, Option<String>)>,
    /// Everything after `--`.
    pub(super) after: Vec<String>,
    /// What is wrong with the flags, in kubectl's words.
    pub(super) wrong: Option<String>,
}

/// Flags that take the next word when they have no `=`.
const WITH_VALUE: &str = " namespace selector container filename field-selector sort-by dry-run \
     containers requests limits patch patch-file subresource type output grace-period replicas \
     cascade timeout to-revision current-replicas image port target-port name schedule from labels \
     env restart from-literal from-file from-env-file protocol min max cpu memory cpu-percent \
     pod-selector skip-wait-for-delete-timeout min-available max-unavailable value description \
     preemption-policy hard scopes tcp clusterip node-port external-name role clusterrole user group \
     serviceaccount verb resource resource-name rule class default-backend annotation cert key \
     docker-server docker-username docker-password docker-email keys prefix overrides override-type \
     annotations image-pull-policy pod-running-timeout kustomize field-manager resource-version \
     template context kubeconfig cluster as as-group request-timeout chunk-size selector-name \
     session-affinity external-ip load-balancer-ip raw validate \
     target profile copy-to set-image custom ";

/// Flags that are on or off.
const SWITCHES: &str = " all all-namespaces overwrite list force now wait ignore-daemonsets \
     delete-emptydir-data delete-local-data disable-eviction record save-config server-side \
     force-conflicts prune local recursive rm stdin tty quiet command expose attach \
     leave-stdin-open global-default append-hash ignore-not-found interactive resolve \
     show-managed-fields allow-missing-template-keys windows-line-endings edit-last-applied it \
     privileged insecure-skip-tls-verify warnings-as-errors help replace same-node share-processes \
     arguments-only keep-labels keep-annotations keep-liveness keep-readiness keep-startup \
     keep-init-containers ";

/// Flags of one letter that take a value, and those that are on or off.
const SHORT: (&str, &str) = ("nlcfpoekvsr", "AitRqwh");

fn among(list: &str, flag: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == flag)
}

impl Args {
    /// Takes the words apart.
    ///
    /// Models spf13/pflag/flag.go, with what it says of flags that there are not.
    pub(super) fn parse(words: &[String]) -> Self {
        let mut args = Self::default();
        let mut words = words.iter();
        let mut wrong = None;
        while let Some(word) = words.next() {
            if word == "--" {
                args.after.extend(words.by_ref().cloned());
            } else if let Some(flag) = word.strip_prefix("--") {
                let (name, mut value) = match flag.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (flag, None),
                };
                // These mean something alone (NoOptDefVal) and never take the next word.
                let alone = matches!(name, "dry-run" | "cascade" | "validate");
                if name == "dry-run" && value.is_none() {
                    value = Some("client".to_owned());
                }
                if among(WITH_VALUE, name) && value.is_none() && !alone {
                    value = words.next().cloned();
                    if value.is_none() {
                        wrong.get_or_insert(format!("flag needs an argument: --{name}"));
                    }
                } else if !among(WITH_VALUE, name) && !among(SWITCHES, name) {
                    wrong.get_or_insert(format!("unknown flag: --{name}"));
                }
                args.flags.push((name.to_owned(), value));
            } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                for (at, letter) in letters.char_indices() {
                    let rest = &letters[at + letter.len_utf8()..];
                    if SHORT.0.contains(letter) {
                        let value = match rest {
                            "" => words.next().cloned(),
                            rest => Some(rest.strip_prefix('=').unwrap_or(rest).to_owned()),
                        };
                        if value.is_none() {
                            wrong.get_or_insert(format!(
                                "flag needs an argument: '{letter}' in -{letters}"
                            ));
                        }
                        args.flags.push((letter.to_string(), value));
                        break;
                    }
                    if !SHORT.1.contains(letter) {
                        wrong.get_or_insert(format!(
                            "unknown shorthand flag: '{letter}' in -{letters}"
                        ));
                        break;
                    }
                    args.flags.push((letter.to_string(), None));
                }
            } else if args.verb.is_empty() {
                args.verb.clone_from(word);
            } else {
                args.words.push(word.clone());
            }
        }
        args.wrong = wrong.map(|wrong| {
            let sub = match (args.verb.as_str(), args.words.first()) {
                ("create" | "rollout" | "set", Some(sub)) => format!(" {sub}"),
                _ => String::new(),
            };
            format!("error: {wrong}\nSee 'kubectl {}{sub} --help' for usage.", args.verb)
        });
        args
    }

    /// The same flags with other words, in the namespace of an object.
    pub(super) fn about(&self, words: Vec<String>, namespace: &str) -> Self {
        let mut args = Self { words, ..self.clone() };
        if !namespace.is_empty() {
            args.flags.push(("namespace".to_owned(), Some(namespace.to_owned())));
        }
        args.flags.retain(|(flag, _)| !matches!(flag.as_str(), "n" | "f" | "filename"));
        args
    }

    /// The value of a flag.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(flag, _)| flag == name)?.1.as_deref()
    }

    /// Every value of a flag that may be given several times.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.flags.iter().filter(move |(flag, _)| flag == name).filter_map(|(_, v)| v.as_deref())
    }

    /// Whether a flag is set, and not to false.
    pub(super) fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, value)| flag == name && value.as_deref() != Some("false"))
    }

    /// Sets a flag that has no value.
    pub(super) fn turn_on(&mut self, name: &str) {
        self.flags.push((name.to_owned(), None));
    }

    /// The namespace that is meant.
    pub(super) fn namespace(&self) -> &str {
        self.value("n").or_else(|| self.value("namespace")).unwrap_or("default")
    }

    /// The label selector, in its equality form.
    pub(super) fn selector(&self) -> Option<&str> {
        self.value("l").or_else(|| self.value("selector"))
    }

    /// The objects that the words name: (kind, name); a kind alone has no name.
    ///
    /// `pod a b`, `pod/a deploy/b`, `pods,services -l x=y`.
    pub(super) fn targets(&self, words: &[String]) -> Result<Vec<(&'static str, String)>, String> {
        let unknown =
            |word: &str| format!("error: the server doesn't have a resource type \"{word}\"");
        let mut targets = Vec::new();
        if words.first().is_some_and(|word| word.contains('/')) {
            for word in words {
                let (kind, name) = word.split_once('/').unwrap_or((word, ""));
                targets.push((kind_of(kind).ok_or_else(|| unknown(kind))?, name.to_owned()));
            }
            return Ok(targets);
        }
        let Some((kinds, names)) = words.split_first() else { return Ok(targets) };
        for word in kinds.split(',') {
            let kind = kind_of(word).ok_or_else(|| unknown(word))?;
            if names.is_empty() {
                targets.push((kind, String::new()));
            }
            targets.extend(names.iter().map(|name| (kind, name.clone())));
        }
        Ok(targets)
    }
}

/// The kind that a word of the command line means.
pub(super) fn kind_of(word: &str) -> Option<&'static str> {
    let word = word.split('.').next().unwrap_or(word).to_lowercase();
    Some(match word.as_str() {
        "po" | "pod" | "pods" => "Pod",
        "deploy" | "deployment" | "deployments" => "Deployment",
        "rs" | "replicaset" | "replicasets" => "ReplicaSet",
        "rc" | "replicationcontroller" | "replicationcontrollers" => "ReplicationController",
        "svc" | "service" | "services" => "Service",
        "cm" | "configmap" | "configmaps" => "ConfigMap",
        "secret" | "secrets" => "Secret",
        "no" | "node" | "nodes" => "Node",
        "ns" | "namespace" | "namespaces" => "Namespace",
        "sts" | "statefulset" | "statefulsets" => "StatefulSet",
        "ds" | "daemonset" | "daemonsets" => "DaemonSet",
        "job" | "jobs" => "Job",
        "cj" | "cronjob" | "cronjobs" => "CronJob",
        "pdb" | "poddisruptionbudget" | "poddisruptionbudgets" => "PodDisruptionBudget",
        "pc" | "priorityclass" | "priorityclasses" => "PriorityClass",
        "limits" | "limitrange" | "limitranges" => "LimitRange",
        "quota" | "resourcequota" | "resourcequotas" => "ResourceQuota",
        "pvc" | "persistentvolumeclaim" | "persistentvolumeclaims" => "PersistentVolumeClaim",
        "pv" | "persistentvolume" | "persistentvolumes" => "PersistentVolume",
        "sc" | "storageclass" | "storageclasses" => "StorageClass",
        "hpa" | "horizontalpodautoscaler" | "horizontalpodautoscalers" => "HorizontalPodAutoscaler",
        _ => return None,
    })
}

/// The resource in kubectl's answers: `deployment.apps`.
pub(super) fn resource_of(kind: &str) -> String {
    let group = match kind {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => ".apps",
        "Job" | "CronJob" => ".batch",
        "HorizontalPodAutoscaler" => ".autoscaling",
        "PodDisruptionBudget" => ".policy",
        "PriorityClass" => ".scheduling.k8s.io",
        "StorageClass" => ".storage.k8s.io",
        _ => "",
    };
    format!("{}{group}", kind.to_lowercase())
}

/// The resource in the API server's errors: `deployments.apps`.
pub(crate) fn plural_of(kind: &str) -> String {
    let resource = resource_of(kind);
    let (name, group) = resource.split_once('.').unwrap_or((&resource, ""));
    let dot = if group.is_empty() { "" } else { "." };
    let s = if name.ends_with('s') { "es" } else { "s" };
    format!("{name}{s}{dot}{group}")
}
