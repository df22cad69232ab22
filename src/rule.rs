//! Every behaviour we claim, as one list.
//!
//! A [`Rule`] is the explanation shown to the learner (`i18n`), the citation (here), the coverage
//! mark (`tests/rules.rs` asserts that each fires in some scenario) and the unit of fidelity.
//! Does not own: the words (`i18n`), or the behaviour (`cluster`, `workload`).

/// Declares the rules: name and upstream file, in the order of a Pod's life.
macro_rules! rules {
    ($( $(#[$meta:meta])* $name:ident => $source:literal ),* $(,)?) => {
        /// A behaviour of Kubernetes, its runtime or its kernel that an entry of a trace obeys.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $( $(#[$meta])* $name ),* }

        impl Rule {
            /// Every rule, in the order of a Pod's life.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),* ];

            /// The file that says so; below `pkg/` of k8s.io/kubernetes unless it names a project.
            pub const fn source(self) -> &'static str {
                match self { $( Self::$name => $source ),* }
            }

            /// The name, as it stands in a trace.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => stringify!($name) ),* }
            }
        }
    };
}

rules! {
    /// You did something at this time.
    YouActed => "podarium: actions are part of the scenario",
    /// kubectl or the API server refused a command.
    CommandRefused => "kubectl/pkg/cmd",
    /// The API server stored a new object with its defaults.
    ObjectStored => "registry/core/pod/strategy.go",
    /// A LimitRange, a quota or a priority forbids a new object.
    AdmissionForbids => "apiserver/pkg/admission/plugin/resourcequota/controller.go",
    /// What the objects of a namespace use was counted against its quota.
    QuotaCounted => "controller/resourcequota/resource_quota_controller.go",
    /// An object was changed.
    ObjectUpdated => "apiserver/pkg/registry/generic/registry/store.go",
    /// An object is gone.
    ObjectRemoved => "apiserver/pkg/registry/rest/delete.go",
    /// The Deployment controller made a ReplicaSet for the template.
    DeploymentMakesReplicaSet => "controller/deployment/sync.go",
    /// The Deployment controller changed a ReplicaSet's replicas.
    DeploymentScales => "controller/deployment/rolling.go",
    /// The ReplicaSet controller created a Pod that was missing.
    ReplicaSetCreates => "controller/replicaset/replica_set.go",
    /// The ReplicaSet controller deleted a Pod that was too many.
    ReplicaSetDeletes => "controller/controller_utils.go",
    /// A controller let go of a Pod whose labels no longer match its selector.
    OrphanReleased => "controller/controller_ref_manager.go",
    /// A controller took in a Pod that matches its selector and was nobody's.
    OrphanAdopted => "controller/controller_ref_manager.go",
    /// A StatefulSet or DaemonSet remembers a template.
    RevisionKept => "controller/history/controller_history.go",
    /// The StatefulSet controller created the Pod of the next number.
    StatefulSetCreates => "controller/statefulset/stateful_set_control.go",
    /// A Pod of a StatefulSet got a claim of its own.
    StatefulSetClaims => "controller/statefulset/stateful_pod_control.go",
    /// A claim of a StatefulSet belongs to it, to a Pod that is one too many, or to nobody.
    ClaimRetained => "controller/statefulset/stateful_set_utils.go",
    /// The StatefulSet controller deletes the Pod with the highest number.
    StatefulSetDeletes => "controller/statefulset/stateful_set_control.go",
    /// The StatefulSet controller replaces a Pod of an older template.
    StatefulSetUpdates => "controller/statefulset/stateful_set_control.go",
    /// The DaemonSet controller created the Pod of a node.
    DaemonSetCreates => "controller/daemon/daemon_controller.go",
    /// The DaemonSet controller replaces a Pod of an older template.
    DaemonSetUpdates => "controller/daemon/update.go",
    /// The Job controller created a Pod.
    JobCreates => "controller/job/job_controller.go",
    /// The Job controller counted Pods that have ended.
    JobCounts => "controller/job/job_controller.go",
    /// A Pod that has been counted loses the finalizer that kept it.
    JobLetsGo => "controller/job/job_controller.go",
    /// A Job has had enough successes.
    JobCompletes => "controller/job/job_controller.go",
    /// A Job has failed for good.
    JobFails => "controller/job/job_controller.go",
    /// A finished Job is removed when its time is over.
    JobTtl => "controller/ttlafterfinished/ttlafterfinished_controller.go",
    /// The CronJob controller created the Job of a time.
    CronJobCreates => "controller/cronjob/cronjob_controllerv2.go",
    /// A namespace that is being deleted takes in nothing new.
    NamespaceTerminates => "apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go",
    /// The namespace controller deletes what is in the namespace.
    NamespaceEmptied => "controller/namespace/deletion/namespaced_resources_deleter.go",
    /// An owner that is deleted in the foreground waits for what it owns.
    ForegroundDeletion => "controller/garbagecollector/garbagecollector.go",
    /// A kubelet was stopped: what runs on its node runs on without it.
    KubeletStopped => "kubelet/kubelet.go",
    /// A machine went off, and everything on it ended.
    MachineOff => "kubelet/kubelet_node_status.go",
    /// A kubelet has started and takes up its Pods.
    KubeletStarted => "kubelet/kubelet.go",
    /// A kubelet says that its node is well.
    NodeReady => "kubelet/kubelet_node_status.go",
    /// A container ended in a way after which all containers of the Pod begin anew.
    RestartsAll => "kubelet/kuberuntime/kuberuntime_manager.go",
    /// A Pod names a Secret for pulling that does not exist.
    PullSecretMissing => "kubelet/kubelet_pods.go",
    /// A node has too little memory or disk left, or enough again.
    NodePressure => "kubelet/eviction/eviction_manager.go",
    /// A kubelet ended a Pod because its node has too little memory or disk.
    EvictedForRoom => "kubelet/eviction/helpers.go",
    /// A kubelet ended a Pod that wrote more than its limits.
    EvictedOverLimit => "kubelet/eviction/eviction_manager.go",
    /// A kubelet did not let in a Pod that was bound to its node.
    PodRejected => "kubelet/kubelet.go",
    /// Nothing was heard of a node for so long that its state is Unknown.
    NodeUnknown => "controller/nodelifecycle/node_lifecycle_controller.go",
    /// The Pods of a lost node are no longer ready.
    NodePodsNotReady => "controller/util/node/controller_utils.go",
    /// Taints of a node follow its conditions.
    NodeTainted => "controller/nodelifecycle/node_lifecycle_controller.go",
    /// So many nodes are silent that none is evicted.
    NodeDisruption => "controller/nodelifecycle/node_lifecycle_controller.go",
    /// A Pod is deleted because it does not tolerate a taint any longer.
    TaintEvicts => "controller/tainteviction/taint_eviction.go",
    /// The collector of Pods removes one that nobody else would.
    PodGarbageCollected => "controller/podgc/gc_controller.go",
    /// A node is no longer watched, or is again.
    NodeRegistered => "controller/nodelifecycle/node_lifecycle_controller.go",
    /// The disruption controller counted the Pods of a budget.
    BudgetCounted => "controller/disruption/disruption.go",
    /// A Pod was evicted: deleted, because its budget allowed it.
    PodEvicted => "registry/core/pod/storage/eviction.go",
    /// An eviction was refused, because too few Pods would be left.
    BudgetRefuses => "registry/core/pod/storage/eviction.go",
    /// The autoscaler compared usage with target: Pods × usage ÷ target, rounded up.
    AutoscalerComputes => "controller/podautoscaler/replica_calculator.go",
    /// Usage is so near to the target that nothing changes.
    AutoscalerTolerates => "controller/podautoscaler/replica_calculator.go",
    /// Pods that are starting, or not measured yet, hold a change back.
    AutoscalerHolds => "controller/podautoscaler/replica_calculator.go",
    /// The autoscaler had no usable metrics and left the replicas alone.
    AutoscalerLacksMetrics => "controller/podautoscaler/horizontal.go",
    /// A recommendation waits for its stabilization window.
    AutoscalerStabilizes => "controller/podautoscaler/horizontal.go",
    /// minReplicas, maxReplicas or a rate cut a recommendation short.
    AutoscalerLimits => "controller/podautoscaler/horizontal.go",
    /// The autoscaler cannot read or has switched off scaling of its target.
    AutoscalerDisabled => "controller/podautoscaler/horizontal.go",
    /// The autoscaler set the replicas of its target.
    AutoscalerRescales => "controller/podautoscaler/horizontal.go",
    /// A controller wrote what it counted into its object's status.
    ControllerStatus => "controller/replicaset/replica_set_utils.go",
    /// The garbage collector removed what its owner left behind.
    GarbageCollected => "controller/garbagecollector/garbagecollector.go",
    /// The scheduler chose the node.
    Scheduled => "scheduler/schedule_one.go",
    /// No node fits; the scheduler tries again when something changes.
    Unschedulable => "scheduler/schedule_one.go",
    /// A more important Pod drives less important ones away.
    Preempts => "scheduler/framework/plugins/defaultpreemption/default_preemption.go",
    /// A claim waits until a Pod that uses it has a node.
    ClaimWaits => "scheduler/framework/plugins/volumebinding/volume_binding.go",
    /// A volume was made for a claim.
    VolumeProvisioned => "sig-storage-lib-external-provisioner/controller/controller.go",
    /// A claim or volume that was in use may go now.
    InUseProtected => "controller/volume/pvcprotection/pvc_protection_controller.go",
    /// A claim and a volume belong to each other from now on.
    ClaimBound => "controller/volume/persistentvolume/pv_controller.go",
    /// No scheduler of that name exists.
    UnknownScheduler => "scheduler/eventhandlers.go",
    /// The kubelet of the node saw the Pod and began to work for it.
    KubeletAdmits => "kubelet/kubelet.go",
    /// The kubelet runs what stands in its folder of manifests.
    ManifestRead => "kubelet/config/file.go",
    /// A manifest of the kubelet's folder names objects of the API, and is not run.
    StaticPodRefused => "kubelet/config/common.go",
    /// The API holds a mirror of a static Pod, so that people can see it.
    MirrorPod => "kubelet/pod/mirror_client.go",
    /// The kubelet wrote the Pod's status as it saw it at the start of this sync.
    StatusAtSyncStart => "kubelet/kubelet.go",
    /// Volumes are mounted before anything runs.
    VolumesMounted => "kubelet/volumemanager/volume_manager.go",
    /// The volume of a claim holds what was written to it before.
    VolumeKept => "kubelet/volumemanager/volume_manager.go",
    /// A volume's ConfigMap or Secret does not exist: nothing of the Pod starts.
    FailedMount => "kubelet/volumemanager/volume_manager.go",
    /// The files of a mounted ConfigMap or Secret follow it at the next sync of the Pod.
    VolumeRefreshed => "kubelet/volumemanager/reconciler/reconciler.go",
    /// The runtime made the sandbox: namespaces, network, pause.
    SandboxCreated => "kubelet/kuberuntime/kuberuntime_sandbox.go",
    /// containerd makes the network namespace before anything runs in it.
    NetworkFirst => "containerd/internal/cri/server/sandbox_run.go",
    /// dockershim started pause first, and CNI put the network into its namespace.
    PauseFirst => "kubelet/dockershim/docker_sandbox.go",
    /// CNI gave the Pod its address.
    NetworkAttached => "containerd/internal/cri/server/sandbox_run.go",
    /// A node's range of addresses is used up, so that no sandbox can be made.
    AddressesExhausted => "plugins/ipam/host-local/backend/allocator/allocator.go",
    /// PodReadyToStartContainers is set as soon as the sandbox stands.
    SandboxReadyCondition => "kubelet/kubelet.go",
    /// Between the end of its containers and the final status a Pod's address leads nowhere.
    NetworkDetached => "containerd/internal/cri/server/sandbox_stop.go",
    /// The sandbox was stopped and its network taken back.
    SandboxStopped => "kubelet/kuberuntime/kuberuntime_sandbox.go",
    /// The image is on the node already.
    ImagePresent => "kubelet/images/image_manager.go",
    /// The image is pulled: size divided by bandwidth.
    ImagePull => "kubelet/images/image_manager.go",
    /// Pulls wait for one another on a node.
    SerialPulls => "kubelet/images/puller.go",
    /// The image could not be pulled.
    ImagePullFails => "kubelet/images/image_manager.go",
    /// A failed pull is not tried again before its back-off has passed.
    ImagePullBackoff => "kubelet/images/image_manager.go",
    /// The image is not there and must not be pulled.
    ImageNeverPulled => "kubelet/images/image_manager.go",
    /// The image name cannot be read.
    InvalidImageName => "kubelet/images/image_manager.go",
    /// The container was created.
    ContainerCreated => "kubelet/kuberuntime/kuberuntime_container.go",
    /// The container was started: its first process runs.
    ContainerStarted => "kubelet/kuberuntime/kuberuntime_container.go",
    /// The container's configuration cannot be made.
    ContainerConfigError => "kubelet/kuberuntime/kuberuntime_container.go",
    /// The runtime refused to create the container.
    ContainerCreateError => "containerd/internal/cri/server/container_create.go",
    /// The runtime could not start the command.
    ContainerStartError => "containerd/internal/cri/server/container_start.go",
    /// An ephemeral container was added to a Pod that is there, and started once.
    EphemeralStarted => "kubelet/kuberuntime/kuberuntime_manager.go",
    /// Init containers run one after the other, each to its end.
    InitInOrder => "kubelet/kuberuntime/kuberuntime_container.go",
    /// An init container failed and may not be tried again: the Pod fails.
    InitFailedForGood => "kubelet/kuberuntime/kuberuntime_container.go",
    /// Status stays as it was until the last container has been started.
    StatusAfterLastStart => "kubelet/kubelet.go",
    /// The process ended by itself.
    ProcessExited => "kernel/exit.c",
    /// The process was ended by a signal.
    ProcessSignalled => "kernel/signal.c",
    /// A process that ended stays in the table until its parent reads its exit status.
    ZombieStays => "kernel/exit.c",
    /// The parent, or PID 1 in its place, read the exit status of a zombie.
    ZombieReaped => "kernel/exit.c",
    /// A process sent another one a signal.
    ProcessSignals => "kernel/signal.c",
    /// A process began or ceased to listen on a port of its Pod.
    PortListened => "net/ipv4/inet_connection_sock.c",
    /// Two processes of one network namespace cannot listen on one port.
    PortTaken => "net/ipv4/inet_connection_sock.c",
    /// Containers of a Pod reach one another on localhost.
    LocalhostShared => "kubelet/kuberuntime/util/util.go",
    /// The kubelet notices an exit at the next relist of the runtime, up to a second later.
    PlegNotices => "kubelet/pleg/generic.go",
    /// An ended container is started again, as its restart policy says.
    Restarted => "kubelet/container/helpers.go",
    /// The restart policy says that the container stays as it ended.
    NotRestarted => "kubelet/container/helpers.go",
    /// A container that ended again waits longer each time.
    CrashLoopBackoff => "kubelet/kuberuntime/kuberuntime_manager.go",
    /// The Pod worker looks again when the back-off ends, plus up to half of it.
    BackoffResync => "kubelet/pod_workers.go",
    /// After ten minutes without a restart the back-off begins anew.
    BackoffReset => "client-go/util/flowcontrol/backoff.go",
    /// The runtime ended a container that used more memory than its limit.
    OutOfMemory => "kernel/mm/oom_kill.c",
    /// A node has no room for what a Pod is to have.
    ResizePending => "kubelet/allocation/allocation_manager.go",
    /// CPU and memory of a running container were changed.
    Resized => "kubelet/kuberuntime/kuberuntime_manager.go",
    /// The Pod ran longer than activeDeadlineSeconds.
    ActiveDeadline => "kubelet/active_deadline.go",
    /// All containers have ended for good: the Pod's phase is final.
    PodFinished => "kubelet/kubelet_pods.go",
    /// A probe asked the container.
    ProbeRan => "kubelet/prober/prober.go",
    /// A probe's threshold was reached.
    ProbeThreshold => "kubelet/prober/worker.go",
    /// The kubelet kills a container whose liveness or startup probe failed.
    ProbeKills => "kubelet/kuberuntime/kuberuntime_manager.go",
    /// A hook ran.
    HookRan => "kubelet/lifecycle/handlers.go",
    /// A postStart hook holds back everything that comes after it.
    PostStartBlocks => "kubelet/kuberuntime/kuberuntime_container.go",
    /// A preStop hook runs before the stop signal, within the grace period.
    PreStopFirst => "kubelet/kuberuntime/kuberuntime_container.go",
    /// A deletion sets the deletion timestamp; the node does the rest.
    GracefulDeletion => "apiserver/pkg/registry/rest/delete.go",
    /// A Pod without a node, or a finished one, is deleted at once.
    ImmediateDeletion => "registry/core/pod/strategy.go",
    /// A force deletion removes the object and leaves the containers to the kubelet.
    ForceDeletion => "apiserver/pkg/registry/rest/delete.go",
    /// A finalizer keeps the object.
    FinalizerHolds => "apiserver/pkg/registry/rest/delete.go",
    /// The stop signal goes to the first process of the container.
    StopSignal => "kubelet/kuberuntime/kuberuntime_container.go",
    /// PID 1 does not get a signal for which it has no handler.
    PidOneIgnores => "kernel/signal.c",
    /// The grace period has passed: the kernel ends the process.
    GraceEnds => "containerd/internal/cri/server/container_stop.go",
    /// Sidecars stop after the containers they serve, last one first.
    SidecarsLast => "kubelet/kuberuntime/kuberuntime_termination_order.go",
    /// The final status is written when every container has ended.
    FinalStatus => "kubelet/status/status_manager.go",
    /// The kubelet removes the object after the last container has gone.
    KubeletDeletes => "kubelet/status/status_manager.go",
    /// EndpointSlices follow the Pods' readiness.
    EndpointsFollow => "controller/endpointslice/endpointslice_controller.go",
    /// kube-proxy of a node wrote the Pods behind a Service into the node's rules.
    ProxyRoutes => "proxy/iptables/proxier.go",
    /// No endpoint is ready, so requests go to those that leave and still serve.
    ProxyFallsBack => "proxy/topology.go",
    /// A Service keeps to its node, and nobody is there: the node drops its requests.
    ProxyDrops => "proxy/iptables/proxier.go",
    /// Nobody is behind a Service: the node refuses its requests.
    ProxyRejects => "proxy/iptables/proxier.go",
    /// The name of a headless Service stands for its ready Pods.
    HeadlessDns => "github.com/kubernetes/dns/docs/specification.md",
    /// Requests were answered.
    RequestsServed => "proxy/iptables/proxier.go",
    /// Requests were refused: nobody listens where the node sends them.
    RequestsRefused => "kernel/net/ipv4/tcp_ipv4.c",
    /// Requests went to an address that leads nowhere any more.
    RequestsUnanswered => "kernel/net/ipv4/tcp_timer.c",
    /// Requests were being worked on when the process died.
    RequestsCut => "kernel/net/ipv4/tcp.c",
    /// Requests waited for CPU longer than their client does.
    RequestsWaitForCpu => "kernel/sched/fair.c",
    /// Requests waited for something that more Pods do not make faster.
    RequestsBottleneck => "podarium: load is part of the scenario",
    /// A component told about it in an Event.
    EventRecorded => "client-go/tools/record/event.go",
    /// The same Event again only raises its count.
    EventCounted => "client-go/tools/record/events_cache.go",
    /// A process wrote a line.
    ProcessOutput => "containerd/internal/cri/io/logger.go",
    /// A process did something that is not simulated.
    NotSimulated => "podarium: what the simulator cannot judge",
    /// A limit of the simulator was reached.
    LimitReached => "podarium: limits keep every run short",
}
