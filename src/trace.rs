//! What happened: entries in the order of time, each with its cause and its rule.
//!
//! Owns: [`Entry`], [`Change`], [`Trace`] and the state of any object at any moment. Does not own:
//! deciding what happens (`cluster`) or how it looks (`view`).

pub mod quiet;
pub mod requests;
pub mod scaling;

pub use crate::workload::cri::{LocalAnswer, Namespaces, ProcessStep};

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::digest::Digest;
use crate::manifest::Object;
use crate::manifest::cluster::Event;
use crate::manifest::pod::Pod;
use crate::map::index::Index;
use crate::rule::Rule;
use crate::scenario::Metering;
use crate::time::{Duration, Instant};
use crate::version::KubeVersion;

/// A shared name.
pub type Name = Rc<str>;

/// The place of an entry in its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u32);

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The person with kubectl.
    You,
    /// kube-apiserver.
    ApiServer,
    /// kube-scheduler.
    Scheduler,
    /// kube-controller-manager's deployment-controller.
    DeploymentController,
    /// kube-controller-manager's replicaset-controller.
    ReplicaSetController,
    /// kube-controller-manager's replication-controller.
    ReplicationController,
    /// kube-controller-manager's statefulset-controller.
    StatefulSetController,
    /// kube-controller-manager's daemonset-controller.
    DaemonSetController,
    /// kube-controller-manager's job-controller.
    JobController,
    /// kube-controller-manager's cronjob-controller.
    CronJobController,
    /// kube-controller-manager's ttl-after-finished-controller.
    TtlAfterFinished,
    /// kube-controller-manager's namespace-controller.
    NamespaceController,
    /// kube-controller-manager's node-lifecycle-controller.
    NodeLifecycleController,
    /// kube-controller-manager's taint-eviction-controller.
    TaintEvictionController,
    /// kube-controller-manager's pod-garbage-collector-controller.
    PodGarbageCollector,
    /// kube-controller-manager's disruption-controller.
    DisruptionController,
    /// kube-controller-manager's resourcequota-controller.
    ResourceQuotaController,
    /// kube-controller-manager's persistentvolume-binder-controller.
    PersistentVolumeController,
    /// kube-controller-manager's persistentvolumeclaim-protection-controller, and that of volumes.
    StorageProtection,
    /// The program that makes the volumes of a StorageClass.
    Provisioner,
    /// kube-controller-manager's endpointslice-controller.
    EndpointSliceController,
    /// kube-controller-manager's horizontal-pod-autoscaler.
    HorizontalPodAutoscaler,
    /// kube-controller-manager's garbage collector.
    GarbageCollector,
    /// kube-proxy of a node.
    KubeProxy,
    /// The cluster's DNS.
    ClusterDns,
    /// Who sends the scenario's load.
    Clients,
    /// The kubelet of the node.
    Kubelet,
    /// The container runtime of the node, and the CNI plugins it calls.
    Runtime,
    /// The kernel of the node.
    Kernel,
    /// A process in a container.
    Process,
    /// The simulator itself: limits, and what it cannot judge.
    Simulator,
}

impl Actor {
    /// The component's own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::ApiServer => "kube-apiserver",
            Self::Scheduler => "default-scheduler",
            Self::DeploymentController => "deployment-controller",
            Self::ReplicaSetController => "replicaset-controller",
            Self::ReplicationController => "replication-controller",
            Self::StatefulSetController => "statefulset-controller",
            Self::DaemonSetController => "daemonset-controller",
            Self::JobController => "job-controller",
            Self::CronJobController => "cronjob-controller",
            Self::TtlAfterFinished => "ttl-after-finished-controller",
            Self::NamespaceController => "namespace-controller",
            Self::NodeLifecycleController => "node-controller",
            Self::TaintEvictionController => "taint-eviction-controller",
            Self::PodGarbageCollector => "pod-garbage-collector-controller",
            Self::DisruptionController => "controllermanager",
            Self::ResourceQuotaController => "resourcequota-controller",
            Self::PersistentVolumeController => "persistentvolume-controller",
            Self::StorageProtection => "pvc-protection-controller",
            Self::Provisioner => "rancher.io/local-path",
            Self::EndpointSliceController => "endpoint-slice-controller",
            Self::HorizontalPodAutoscaler => "horizontal-pod-autoscaler",
            Self::GarbageCollector => "garbage-collector",
            Self::KubeProxy => "kube-proxy",
            Self::ClusterDns => "coredns",
            Self::Clients => "clients",
            Self::Kubelet => "kubelet",
            Self::Runtime => "containerd",
            Self::Kernel => "kernel",
            Self::Process => "process",
            Self::Simulator => "podarium",
        }
    }
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// `Pod`, `Deployment`, `Node`, …; empty for the cluster as a whole.
    pub kind: Name,
    /// Namespace; empty where there is none.
    pub namespace: Name,
    /// Name.
    pub name: Name,
    /// UID: two Pods of one name are two Pods.
    pub uid: Name,
    /// A container of the Pod.
    pub container: Option<Name>,
}

/// How a stored object came to be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// It is new.
    Created,
    /// It replaced its predecessor.
    Updated,
    /// It was removed; this is how it last was.
    Deleted,
}

/// Which probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// Started?
    Startup,
    /// Alive?
    Liveness,
    /// Ready?
    Readiness,
}

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProbeOutcome {
    /// It answered well.
    Success,
    /// It sent the probe elsewhere: that counts as well, with a warning.
    Warning,
    /// It answered badly, or not at all.
    Failure,
    /// It did not answer in time.
    Timeout,
    /// Asking itself failed; the result is thrown away.
    Errored,
    /// Not asked: the startup probe has not succeeded, or the initial delay has not passed.
    Held,
}

/// Which hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookKind {
    /// After the start.
    PostStart,
    /// Before the stop.
    PreStop,
}

/// A step of making or unmaking a Pod's sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SandboxStep {
    /// RunPodSandbox was called.
    Creating,
    /// The network namespace exists.
    NetworkNamespace {
        /// Its number, as `/proc/self/ns/net` shows it.
        number: u32,
    },
    /// CNI ADD gave the Pod its address.
    NetworkAttached {
        /// The Pod's IP.
        ip: Name,
    },
    /// CNI ADD found no free address; what was made is taken down again.
    NoAddress,
    /// pause runs.
    PauseStarted,
    /// The kubelet knows that the sandbox is ready.
    Ready,
    /// CNI DEL took the Pod's interface away: what is sent to its address is lost.
    NetworkDetached,
    /// StopPodSandbox: pause ended, CNI DEL done.
    Stopped,
}

/// What an image pull did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PullStep {
    /// Nothing to pull.
    Present,
    /// Waits for another pull of the node.
    Queued,
    /// Began.
    Started {
        /// When it will end.
        until: Instant,
    },
    /// Done.
    Finished {
        /// How long it took.
        took: Duration,
        /// How many bytes.
        bytes: i64,
    },
    /// Failed, with the runtime's words.
    Failed {
        /// The words.
        message: Name,
    },
    /// Not tried, because an earlier failure is too fresh.
    BackedOff {
        /// When it may be tried again.
        until: Instant,
    },
}

/// What is different from this entry on.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Change {
    /// You ran a command.
    Acted {
        /// The command line.
        command: Name,
        /// What it printed, stdout and stderr.
        output: Name,
        /// Its exit status.
        exit: i32,
        /// When it was carried out; for a command in a container that has ended, when it ended.
        done: Option<Instant>,
    },
    /// The API holds an object as it is from now on.
    Stored {
        /// How it came to be so.
        verb: Verb,
        /// The object.
        object: Object,
    },
    /// A Pod's volume was mounted or unmounted.
    Volume {
        /// Its name.
        name: Name,
        /// Mounted, or taken away.
        mounted: bool,
    },
    /// A kubelet read the manifest of a static Pod, or found it gone.
    Manifest {
        /// The file.
        file: Name,
        /// The node.
        node: Name,
        /// It is there.
        there: bool,
    },
    /// A step of the sandbox.
    Sandbox(SandboxStep),
    /// A step of an image pull, of the container in the subject.
    Pull {
        /// The image as the Pod names it.
        image: Name,
        /// The step.
        step: PullStep,
    },
    /// The container was created in the runtime.
    ContainerCreated {
        /// Which instance: 0 for the first.
        attempt: i32,
    },
    /// The container's first process runs.
    ContainerStarted {
        /// Which instance.
        attempt: i32,
    },
    /// The container's first process ended.
    ContainerExited {
        /// Which instance.
        attempt: i32,
        /// Exit code.
        code: i32,
        /// The signal that ended it, or 0.
        signal: i32,
        /// `Completed`, `Error`, `OOMKilled`, `StartError`, …
        reason: Name,
    },
    /// A start was judged by the container's back-off.
    Backoff {
        /// The back-off that counted.
        window: Duration,
        /// The exit from which it counts.
        from: Instant,
        /// Whether the start had to wait.
        blocks: bool,
    },
    /// The kubelet began to stop a container.
    Stopping {
        /// Seconds of grace it has.
        grace: Duration,
        /// Why, as the Killing event says.
        message: Name,
    },
    /// A signal was sent to the first process of a container.
    Signal {
        /// `TERM`, `KILL`, `QUIT`, …
        signal: Name,
        /// PID 1 has no handler and does not get it.
        ignored: bool,
    },
    /// Something happened to a process; a subject without a container is pause.
    Process {
        /// PID on the node.
        host_pid: u32,
        /// PID as the container sees it.
        pid: u32,
        /// What happened.
        step: ProcessStep,
    },
    /// A process wrote a line.
    Output {
        /// The line.
        line: Name,
    },
    /// A probe asked.
    Probe {
        /// Which.
        kind: ProbeKind,
        /// What it found.
        outcome: ProbeOutcome,
        /// In the words of its event.
        detail: Name,
        /// How many in a row, and of how many that count.
        count: (i32, i32),
    },
    /// A hook began or ended.
    Hook {
        /// Which.
        kind: HookKind,
        /// `None` when it begins; afterwards whether it succeeded.
        result: Option<bool>,
    },
    /// A decision without an object: why something does not happen.
    Decided {
        /// One English line with the numbers, for the log; the rule explains.
        what: Name,
    },
    /// An autoscaler compared metrics with targets.
    Scaling(Rc<scaling::Scaling>),
    /// A node sends the requests for a Service (the subject) there from now on.
    Routed {
        /// The node; empty when it is what the cluster's DNS answers.
        node: Name,
        /// To whom.
        routes: Rc<requests::Routes>,
        /// With session affinity: to whom the node's own clients stick.
        only: Option<Name>,
    },
    /// What became of the load on a Service (the subject) in the span that ends here.
    Requests(Rc<requests::Requests>),
    /// The simulator stopped or skipped something.
    Limit {
        /// What and how many.
        what: Name,
    },
    /// A probe goes on to be answered as it was.
    Quiet(Rc<quiet::Quiet>),
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Actor,
    /// What it is about.
    pub subject: Subject,
    /// What is different.
    pub change: Change,
    /// The earlier entry that led to it; nothing only for your own acts.
    pub cause: Option<EntryId>,
    /// The behaviour it obeys.
    pub rule: Rule,
}

/// One object through its whole life: its versions in the order of time.
#[derive(Clone, Debug)]
pub struct History {
    /// Kind.
    pub kind: Name,
    /// Namespace.
    pub namespace: Name,
    /// Name.
    pub name: Name,
    /// UID.
    pub uid: Name,
    /// The entries that stored it.
    pub versions: Vec<EntryId>,
}

/// Everything that happened until the horizon.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    entries: Vec<Entry>,
    histories: Vec<History>,
    by_uid: Index,
    horizon: Instant,
    metering: Rc<Metering>,
    version: KubeVersion,
}

impl Trace {
    /// An empty trace that will end at the horizon.
    pub fn new(horizon: Instant) -> Self {
        Self { horizon, ..Self::default() }
    }

    /// The same trace, with what Pods use and who measures it.
    #[must_use]
    pub fn with_metering(mut self, metering: Metering) -> Self {
        self.metering = Rc::new(metering);
        self
    }

    /// Names the release that was simulated.
    #[must_use]
    pub const fn with_version(mut self, version: KubeVersion) -> Self {
        self.version = version;
        self
    }

    /// What Pods use and who measures it: metrics are looked up, not recorded.
    pub fn metering(&self) -> &Metering {
        &self.metering
    }

    /// Appends an entry; entries come in the order of time.
    pub fn push(&mut self, entry: Entry) -> EntryId {
        let id = EntryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        debug_assert!(entry.cause.is_none_or(|cause| cause < id), "a cause comes first");
        debug_assert!(self.entries.last().is_none_or(|last| last.at <= entry.at), "time goes on");
        if let Change::Stored { object, .. } = &entry.change {
            let metadata = object.metadata();
            let index = match self.by_uid.get(metadata.uid.as_str()) {
                Some(index) => index as usize,
                None => {
                    self.by_uid.insert(&metadata.uid, self.histories.len() as u32);
                    self.histories.push(History {
                        kind: object.kind().into(),
                        namespace: metadata.namespace.as_str().into(),
                        name: metadata.name.as_str().into(),
                        uid: metadata.uid.as_str().into(),
                        versions: Vec::new(),
                    });
                    self.histories.len() - 1
                }
            };
            if let Some(history) = self.histories.get_mut(index) {
                history.versions.push(id);
            }
        }
        self.entries.push(entry);
        id
    }

    /// Notes what an act printed, which is known only after it was done.
    pub(crate) fn set_output(&mut self, id: EntryId, text: Name, status: i32, at: Instant) {
        if let Some(Entry { change: Change::Acted { output, exit, done, .. }, .. }) =
            self.entries.get_mut(id.0 as usize)
        {
            *output = text;
            *exit = status;
            *done = Some(at);
        }
    }

    /// Notes how many answers were alike, which is known only when something else happens.
    pub(crate) fn set_quiet(&mut self, id: EntryId, answers: u32) {
        if let Some(Entry { change: Change::Quiet(quiet), .. }) =
            self.entries.get_mut(id.0 as usize)
        {
            Rc::make_mut(quiet).count = answers;
        }
    }

    /// All entries in the order of time.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One entry.
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.0 as usize)
    }

    /// The end of the simulated time.
    pub fn horizon(&self) -> Instant {
        self.horizon
    }

    /// Every object that ever existed, in the order of its creation.
    pub fn histories(&self) -> &[History] {
        &self.histories
    }

    /// The chain of causes from an entry back to what you did, the entry first.
    pub fn causes(&self, id: EntryId) -> impl Iterator<Item = (EntryId, &Entry)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            let entry = self.entry(id)?;
            next = entry.cause;
            Some((id, entry))
        })
    }

    /// How a history's object is at a moment; `None` before it exists and after it is gone.
    pub fn object_at(&self, history: &History, at: Instant) -> Option<&Object> {
        let after = history
            .versions
            .partition_point(|id| self.entry(*id).is_some_and(|entry| entry.at <= at));
        let id = history.versions.get(after.checked_sub(1)?)?;
        match &self.entry(*id)?.change {
            Change::Stored { verb: Verb::Deleted, .. } => None,
            Change::Stored { object, .. } => Some(object),
            _ => None,
        }
    }

    /// Everything the API holds at a moment.
    pub fn state_at(&self, at: Instant) -> State<'_> {
        let objects =
            self.histories.iter().filter_map(|history| self.object_at(history, at)).collect();
        State { at, objects, version: self.version }
    }

    /// A digest of all that happened: equal for equal traces, on every machine.
    ///
    /// FNV-1a, 64 bits, over every entry.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        for entry in &self.entries {
            entry.hash(&mut digest);
        }
        digest.finish()
    }
}

/// Everything the API holds at one moment, in the order of creation.
#[derive(Clone, Debug)]
pub struct State<'t> {
    /// The moment.
    pub at: Instant,
    /// The objects.
    pub objects: Vec<&'t Object>,
    /// The release of the cluster, and of the kubectl that goes with it.
    pub version: KubeVersion,
}

impl<'t> State<'t> {
    /// The Pods.
    pub fn pods(&self) -> impl Iterator<Item = &'t Rc<Pod>> + '_ {
        self.objects.iter().filter_map(|object| match object {
            Object::Pod(pod) => Some(pod),
            _ => None,
        })
    }

    /// The Events.
    pub fn events(&self) -> impl Iterator<Item = &'t Rc<Event>> + '_ {
        self.objects.iter().filter_map(|object| match object {
            Object::Event(event) => Some(event),
            _ => None,
        })
    }

    /// One object by kind, namespace and name.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&'t Object> {
        self.objects.iter().copied().find(|object| {
            let metadata = object.metadata();
            object.kind() == kind && metadata.namespace == namespace && metadata.name == name
        })
    }
}
