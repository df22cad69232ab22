//! What `kubectl explain` says about fields, in our own words.
//!
//! Owns: one or two sentences for the fields that decide what one sees here, which fields must be
//! written, and the words that a field may have. Does not own: which fields there are and of which
//! types (`manifest::schema`), or the layout (`explain`). English only, as everything that kubectl
//! prints.

/// The sentences about a type, or about a field as `Type.field`.
pub(super) fn words(name: &str) -> Option<&'static str> {
    let found = WORDS.iter().find(|(known, _)| known.split(' ').any(|own| own == name));
    found.map(|(_, words)| *words)
}

/// Whether a type must have a field.
pub(super) fn is_required(owner: &str, field: &str) -> bool {
    let own = REQUIRED.iter().find(|(known, _)| *known == owner.trim_start_matches("v2."));
    own.is_some_and(|(_, fields)| fields.split(' ').any(|known| known == field))
}

/// The words that a field may have, sorted; none where it may have any.
pub(super) fn choices(owner: &str, field: &str) -> &'static str {
    let own = CHOICES.iter().find(|(known, _)| {
        known.split(' ').any(|known| known.split_once('.') == Some((owner, field)))
    });
    own.map_or("", |(_, choices)| *choices)
}

/// Fields that must be written, by type.
static REQUIRED: &[(&str, &str)] = &[
    ("ConfigMapKeySelector", "key"),
    ("Container", "name"),
    ("ContainerPort", "containerPort"),
    ("CronJobSpec", "jobTemplate schedule"),
    ("CrossVersionObjectReference", "kind name"),
    ("DaemonSetSpec", "selector template"),
    ("DeploymentSpec", "selector template"),
    ("EnvVar", "name"),
    ("GRPCAction", "port"),
    ("HPAScalingPolicy", "periodSeconds type value"),
    ("HTTPGetAction", "port"),
    ("HTTPHeader", "name value"),
    ("HorizontalPodAutoscalerSpec", "maxReplicas scaleTargetRef"),
    ("HostPathVolumeSource", "path"),
    ("JobSpec", "template"),
    ("KeyToPath", "key path"),
    ("LabelSelectorRequirement", "key operator"),
    ("MetricSpec", "type"),
    ("MetricTarget", "type"),
    ("NodeSelector", "nodeSelectorTerms"),
    ("NodeSelectorRequirement", "key operator"),
    ("ObjectFieldSelector", "fieldPath"),
    ("OwnerReference", "apiVersion kind name uid"),
    ("PersistentVolumeClaimVolumeSource", "claimName"),
    ("PodAffinityTerm", "topologyKey"),
    ("PodReadinessGate", "conditionType"),
    ("PodSchedulingGate", "name"),
    ("PodSpec", "containers"),
    ("PreferredSchedulingTerm", "preference weight"),
    ("ReplicaSetSpec", "selector"),
    ("ResourceFieldSelector", "resource"),
    ("ResourceMetricSource", "name target"),
    ("SecretKeySelector", "key"),
    ("ServicePort", "port"),
    ("SleepAction", "seconds"),
    ("StatefulSetSpec", "selector template"),
    ("TCPSocketAction", "port"),
    ("TopologySpreadConstraint", "maxSkew topologyKey whenUnsatisfiable"),
    ("Volume", "name"),
    ("VolumeMount", "mountPath name"),
    ("WeightedPodAffinityTerm", "podAffinityTerm weight"),
];

/// Words that fields may have.
static CHOICES: &[(&str, &str)] = &[
    ("PodSpec.restartPolicy", "Always Never OnFailure"),
    ("PodSpec.dnsPolicy", "ClusterFirst ClusterFirstWithHostNet Default None"),
    ("PodSpec.preemptionPolicy", "Never PreemptLowerPriority"),
    ("Container.imagePullPolicy", "Always IfNotPresent Never"),
    ("Container.terminationMessagePolicy", "FallbackToLogsOnError File"),
    ("ContainerPort.protocol ServicePort.protocol", "SCTP TCP UDP"),
    ("HTTPGetAction.scheme", "HTTP HTTPS"),
    ("DeploymentStrategy.type", "Recreate RollingUpdate"),
    ("StatefulSetSpec.podManagementPolicy", "OrderedReady Parallel"),
    ("JobSpec.completionMode", "Indexed NonIndexed"),
    ("JobSpec.podReplacementPolicy", "Failed TerminatingOrFailed"),
    ("CronJobSpec.concurrencyPolicy", "Allow Forbid Replace"),
    ("ServiceSpec.type", "ClusterIP ExternalName LoadBalancer NodePort"),
    ("ServiceSpec.sessionAffinity", "ClientIP None"),
    ("Toleration.effect", "NoExecute NoSchedule PreferNoSchedule"),
];

/// Types and fields, and what there is to say.
static WORDS: &[(&str, &str)] = &[
    ("Pod", "Containers that are placed on one node together and share a network."),
    (
        "Deployment",
        "Keeps a number of Pods running, and replaces them step by step when their template \
         changes.",
    ),
    ("ReplicaSet", "Keeps a number of Pods of one template running."),
    ("ReplicationController", "What ReplicaSets were before they had selectors with expressions."),
    ("StatefulSet", "Pods with names and volumes of their own that stay the same over restarts."),
    ("DaemonSet", "One Pod on every node that fits."),
    ("Job", "Runs Pods until enough of them have succeeded."),
    ("CronJob", "Makes a Job whenever its schedule says so."),
    ("Service", "One address in front of the Pods that a selector finds."),
    (
        "HorizontalPodAutoscaler v2.HorizontalPodAutoscaler",
        "Changes the number of replicas so that a metric stays near its target.",
    ),
    ("ConfigMap", "Configuration as keys and values, for variables and files of Pods."),
    ("Secret", "As a ConfigMap, for what not everybody may read."),
    (
        "Pod.metadata Deployment.metadata Service.metadata Job.metadata",
        "Name, namespace, labels and annotations.",
    ),
    ("Pod.spec", "What the Pod shall be."),
    ("Pod.status", "What was seen of it last. Written by the kubelet and by controllers."),
    ("Deployment.spec", "What the Deployment shall be."),
    ("ObjectMeta.name", "Unique among the objects of its kind in a namespace; never changes."),
    ("ObjectMeta.namespace", "Where the name is unique; default where nothing is written."),
    ("ObjectMeta.labels", "Keys and values by which selectors find the object."),
    ("ObjectMeta.annotations", "Keys and values for tools; nothing selects by them."),
    ("ObjectMeta.finalizers", "The object stays, marked for deletion, until this list is empty."),
    ("ObjectMeta.ownerReferences", "The object is deleted after all of its owners are gone."),
    ("ObjectMeta.deletionTimestamp", "When a deletion was asked for, plus the grace period."),
    ("PodSpec.containers", "The containers. A Pod has at least one, and their list never changes."),
    (
        "PodSpec.initContainers",
        "Run in this order before the containers, each until it exits with 0. With \
         restartPolicy Always one is a sidecar: it only has to start, and stays until the \
         others have ended.",
    ),
    (
        "PodSpec.restartPolicy",
        "Whether containers that exit are started again: always, only after a failure, or \
         never. Always is the default.",
    ),
    (
        "PodSpec.terminationGracePeriodSeconds",
        "From the deletion to SIGKILL, preStop hooks included. 30 where nothing is written; 0 \
         kills at once.",
    ),
    ("PodSpec.activeDeadlineSeconds", "The Pod fails when it has been active for longer."),
    (
        "PodSpec.shareProcessNamespace",
        "All containers see each other's processes, and pause is PID 1 of all.",
    ),
    ("PodSpec.hostNetwork", "Uses the network of the node: its addresses, and its ports."),
    ("PodSpec.hostPID", "Uses the processes of the node."),
    (
        "PodSpec.nodeName",
        "The node that it runs on. Written by the scheduler; who writes it by hand goes past \
         the scheduler.",
    ),
    ("PodSpec.nodeSelector", "Labels that a node must have."),
    ("PodSpec.affinity", "Which nodes, and which Pods beside it, it wants or must have."),
    ("PodSpec.tolerations", "Taints of nodes that it bears, and for how long."),
    ("PodSpec.topologySpreadConstraints", "How evenly Pods are spread over nodes or zones."),
    ("PodSpec.priorityClassName", "Its rank when there is not room for all."),
    ("PodSpec.serviceAccountName", "The account whose token its containers get."),
    ("PodSpec.imagePullSecrets", "Secrets with which the node asks registries for images."),
    ("PodSpec.dnsPolicy", "Where its containers look for names."),
    (
        "PodSpec.hostname",
        "The hostname of its containers; the name of the Pod where nothing is written.",
    ),
    ("PodSpec.schedulingGates", "It is not scheduled while one of these stands here."),
    ("PodSpec.readinessGates", "Conditions that must be True too before the Pod is ready."),
    ("PodSpec.volumes", "Directories that its containers can mount."),
    ("PodSpec.securityContext", "Users, groups and kernel settings for all of its containers."),
    ("Container", "One image that runs as one process tree."),
    ("Container.name", "Unique within the Pod; a DNS label."),
    (
        "Container.image",
        "The image, with its registry unless that is Docker Hub, and its tag unless that is \
         latest.",
    ),
    (
        "Container.imagePullPolicy",
        "Whether the node asks the registry at every start. Always for the tag latest, \
         otherwise IfNotPresent.",
    ),
    (
        "Container.command",
        "Instead of the image's entry point. Not run in a shell; $(NAME) is replaced by a \
         variable.",
    ),
    ("Container.args", "Arguments of the entry point; instead of the image's own."),
    (
        "Container.workingDir",
        "Where the process starts; the image's own directory where nothing is written.",
    ),
    ("Container.env", "Environment variables. They are fixed at the start of the container."),
    ("Container.envFrom", "ConfigMaps and Secrets of which every key becomes a variable."),
    (
        "Container.ports",
        "Ports that it serves. Only said, not opened: any port that it listens on can be \
         reached.",
    ),
    ("Container.resources", "What the scheduler sets aside for it, and what it cannot exceed."),
    ("Container.lifecycle", "What is done right after its start, and before it is stopped."),
    (
        "Container.livenessProbe",
        "Asked again and again; when it fails too often the container is restarted.",
    ),
    (
        "Container.readinessProbe",
        "Asked again and again; while it fails the Pod gets no traffic from Services.",
    ),
    (
        "Container.startupProbe",
        "Asked from the start until it passes once; until then the other probes wait. When it \
         fails too often the container is restarted.",
    ),
    ("Container.restartPolicy", "Its own policy. For an init container Always makes it a sidecar."),
    ("Container.securityContext", "Its user, and what it may do on the node."),
    ("Container.volumeMounts", "Where the Pod's volumes appear in its file system."),
    ("Container.stdin", "Keeps standard input open, so that a shell does not end at once."),
    ("Container.tty", "Gives it a terminal."),
    ("Container.terminationMessagePath", "A file whose end becomes the message of its exit."),
    ("ContainerPort.containerPort", "The port, on the address of the Pod."),
    ("ContainerPort.hostPort", "The same port on the node; only one Pod of a node can have it."),
    ("ContainerPort.name", "A name by which Services and probes can refer to it."),
    (
        "ResourceRequirements.requests",
        "What the scheduler sets aside: a Pod goes only where this much is left. Autoscalers \
         measure in percent of it.",
    ),
    (
        "ResourceRequirements.limits",
        "CPU beyond it waits; memory beyond it is killed (OOMKilled, exit 137).",
    ),
    (
        "Lifecycle.postStart",
        "Runs beside the entry point, right after the start. The next container waits for it, \
         and a failure kills this one.",
    ),
    (
        "Lifecycle.preStop",
        "Runs before the stop signal, within the grace period. Not run when the container \
         ends by itself.",
    ),
    ("Lifecycle.stopSignal", "The signal that asks it to end; the image's own, or SIGTERM."),
    ("LifecycleHandler.exec Probe.exec", "A command inside the container; 0 is a success."),
    ("LifecycleHandler.httpGet Probe.httpGet", "A GET; from 200 to 399 is a success."),
    ("LifecycleHandler.tcpSocket Probe.tcpSocket", "A connection; one that opens is a success."),
    ("LifecycleHandler.sleep", "Nothing but time: the container goes on for so long."),
    ("SleepAction.seconds", "For how long."),
    ("ExecAction.command", "The command, without a shell, in the container's file system."),
    ("HTTPGetAction.path", "The path; / where nothing is written."),
    ("HTTPGetAction.port", "The port, by its number or its name."),
    ("HTTPGetAction.host", "The address; that of the Pod where nothing is written."),
    ("Probe.failureThreshold", "So many failures in a row are one. 3 where nothing is written."),
    (
        "Probe.successThreshold",
        "So many successes in a row end it. 1 where nothing is written, and always for \
         liveness and startup.",
    ),
    ("Probe.periodSeconds", "From one look to the next. 10 where nothing is written."),
    (
        "Probe.timeoutSeconds",
        "An answer that takes longer is a failure. 1 where nothing is written.",
    ),
    ("Probe.initialDelaySeconds", "From the start to the first look."),
    (
        "Probe.terminationGracePeriodSeconds",
        "The grace period of a kill by this probe, instead of the Pod's.",
    ),
    ("Probe.grpc", "A call of the gRPC health service."),
    ("EnvVar.value", "The value; $(NAME) is replaced by a variable that stands before."),
    ("EnvVar.valueFrom", "Where the value comes from: a ConfigMap, a Secret, a field of the Pod."),
    ("VolumeMount.mountPath", "The path in the container."),
    ("VolumeMount.name", "The name of a volume of the Pod."),
    (
        "VolumeMount.subPath",
        "Only this part of the volume; it does not follow changes of a ConfigMap.",
    ),
    ("Volume.emptyDir", "A directory that begins empty and lives as long as the Pod."),
    ("Volume.configMap", "The keys of a ConfigMap as files."),
    ("Volume.secret", "The keys of a Secret as files, in memory."),
    ("Volume.hostPath", "A directory of the node."),
    ("Volume.persistentVolumeClaim", "Storage that outlives the Pod, by the claim on it."),
    (
        "DeploymentSpec.replicas ReplicaSetSpec.replicas StatefulSetSpec.replicas",
        "How many Pods. 1 where nothing is written; leave it out where an autoscaler counts.",
    ),
    (
        "DeploymentSpec.selector ReplicaSetSpec.selector StatefulSetSpec.selector \
         DaemonSetSpec.selector",
        "Which Pods are its own. Must fit the template's labels, and never changes.",
    ),
    (
        "DeploymentSpec.template ReplicaSetSpec.template StatefulSetSpec.template \
         DaemonSetSpec.template",
        "What its Pods are made from.",
    ),
    ("DeploymentSpec.strategy", "How old Pods are replaced by new ones."),
    (
        "DeploymentSpec.minReadySeconds",
        "A Pod counts as available after it has been ready for so long.",
    ),
    (
        "DeploymentSpec.progressDeadlineSeconds",
        "A rollout that has not moved on for so long is reported as stuck; nothing is rolled \
         back. 600 where nothing is written.",
    ),
    (
        "DeploymentSpec.revisionHistoryLimit",
        "So many old ReplicaSets are kept to go back to. 10 where nothing is written.",
    ),
    ("DeploymentSpec.paused", "Changes of the template wait."),
    (
        "RollingUpdateDeployment.maxSurge",
        "So many Pods more than wanted while it is replaced; a number or a percentage, \
         rounded up. 25% where nothing is written.",
    ),
    (
        "RollingUpdateDeployment.maxUnavailable",
        "So many Pods fewer than wanted may be available; a number or a percentage, rounded \
         down. 25% where nothing is written.",
    ),
    (
        "StatefulSetSpec.podManagementPolicy",
        "One after the other, each when the one before is ready, or all at once.",
    ),
    ("StatefulSetSpec.serviceName", "The headless Service that gives its Pods their names."),
    ("StatefulSetSpec.volumeClaimTemplates", "Claims that every Pod gets for itself."),
    ("JobSpec.completions", "So many Pods must succeed."),
    ("JobSpec.parallelism", "So many run at a time."),
    (
        "JobSpec.backoffLimit",
        "So many failures are borne: Pods with restartPolicy Never, restarts with OnFailure. \
         6 where nothing is written.",
    ),
    (
        "JobSpec.activeDeadlineSeconds",
        "The Job fails when it takes longer, whatever the back-off says.",
    ),
    ("JobSpec.ttlSecondsAfterFinished", "The Job is deleted so long after its end."),
    ("JobSpec.template", "What its Pods are made from; restartPolicy must be Never or OnFailure."),
    ("CronJobSpec.schedule", "Minute, hour, day, month, weekday."),
    (
        "CronJobSpec.concurrencyPolicy",
        "What is done when the last Job still runs: one more beside it, none, or one in its \
         place.",
    ),
    ("CronJobSpec.startingDeadlineSeconds", "A run that is late by more is lost."),
    ("CronJobSpec.suspend", "No new Jobs; what runs goes on."),
    ("ServiceSpec.selector", "The labels of the Pods behind it."),
    ("ServiceSpec.ports", "The ports that it offers."),
    ("ServiceSpec.type", "Inside the cluster only, on every node too, or behind a load balancer."),
    ("ServiceSpec.clusterIP", "Its address; None for a headless Service."),
    ("ServicePort.port", "The port of the Service."),
    (
        "ServicePort.targetPort",
        "The port of the Pods, by number or name; the same one where nothing is written.",
    ),
    (
        "HorizontalPodAutoscalerSpec.minReplicas v2.HorizontalPodAutoscalerSpec.minReplicas",
        "Never fewer. 1 where nothing is written.",
    ),
    (
        "HorizontalPodAutoscalerSpec.maxReplicas v2.HorizontalPodAutoscalerSpec.maxReplicas",
        "Never more.",
    ),
    (
        "HorizontalPodAutoscalerSpec.scaleTargetRef v2.HorizontalPodAutoscalerSpec.scaleTargetRef",
        "What is scaled.",
    ),
    (
        "HorizontalPodAutoscalerSpec.targetCPUUtilizationPercentage",
        "The CPU that Pods should use, in percent of their requests. 80 where nothing is \
         written.",
    ),
    (
        "v2.HorizontalPodAutoscalerSpec.metrics",
        "What is measured. Of several the one that wants most counts.",
    ),
    (
        "v2.HorizontalPodAutoscalerSpec.behavior",
        "How fast it goes up and down. Down waits 300 s where nothing is written.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::schema;

    fn known(name: &str) -> bool {
        let (owner, field) = match name.strip_prefix("v2.") {
            Some(rest) => rest
                .split_once('.')
                .map_or((name, ""), |(owner, field)| (&name[..owner.len() + 3], field)),
            None => name.split_once('.').unwrap_or((name, "")),
        };
        let mut fields = schema::fields(owner);
        if field.is_empty() { fields.next().is_some() } else { fields.any(|own| own.0 == field) }
    }

    #[test]
    fn the_api_has_what_is_described() {
        let described = WORDS.iter().chain(CHOICES).flat_map(|(names, _)| names.split(' '));
        let unknown: Vec<&str> = described.filter(|name| !known(name)).collect();
        assert_eq!(unknown, [""; 0]);
        for (owner, fields) in REQUIRED {
            for field in fields.split(' ') {
                let plain = known(&format!("{owner}.{field}"));
                assert!(plain || known(&format!("v2.{owner}.{field}")), "{owner}.{field}");
            }
        }
        for (_, choices) in CHOICES {
            assert!(choices.split(' ').is_sorted(), "{choices}");
        }
    }

    #[test]
    fn nothing_is_said_twice() {
        let mut names: Vec<&str> = WORDS.iter().flat_map(|(names, _)| names.split(' ')).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
