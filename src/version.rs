//! Kubernetes releases, and what changed in which.
//!
//! Owns: [`KubeVersion`] and the table of [`Feature`]s. Does not own: the behaviour itself; it asks
//! `version.has(Feature::X)` where it differs.

use std::fmt;

/// A minor release of Kubernetes 1: `KubeVersion::new(36)` is 1.36.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubeVersion(u8);

impl KubeVersion {
    /// The oldest release that can be chosen.
    pub const OLDEST: Self = Self(20);
    /// The release that is simulated when nothing is said.
    pub const LATEST: Self = Self(36);

    /// The release `1.<minor>`, if it can be simulated.
    pub fn new(minor: u8) -> Option<Self> {
        let version = Self(minor);
        (Self::OLDEST..=Self::LATEST).contains(&version).then_some(version)
    }

    /// Reads `1.36`, `v1.36` or `1.36.2`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        if parts.next() != Some("1") {
            return None;
        }
        let minor = parts.next()?.parse().ok()?;
        let patch = parts.next();
        if patch.is_some_and(|p| p.parse::<u16>().is_err()) || parts.next().is_some() {
            return None;
        }
        Self::new(minor)
    }

    /// The minor number.
    pub const fn minor(self) -> u8 {
        self.0
    }

    /// Every release that can be chosen, newest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.0..=Self::LATEST.0).rev().map(Self)
    }

    /// Whether this release behaves like that by default.
    pub fn has(self, feature: Feature) -> bool {
        self.0 >= feature.since()
    }
}

impl Default for KubeVersion {
    fn default() -> Self {
        Self::LATEST
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// A behaviour or field that came with a release and is on by default since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// The annotation pod-deletion-cost (beta, on).
    PodDeletionCost,
    /// Surplus Pods are told apart by the logarithm of their ages (beta, on).
    LogarithmicScaleDown,
    /// Labels of a namespace forbid Pods (beta, on).
    PodSecurity,
    /// gRPC probes (beta, on).
    GrpcProbe,
    /// containerd instead of dockershim: network before pause.
    Containerd,
    /// Probe-level terminationGracePeriodSeconds (on).
    ProbeTerminationGracePeriod,
    /// A deleted Pod shows its final phase before it goes.
    TerminalPhaseOnDelete,
    /// persistentVolumeClaimRetentionPolicy of StatefulSets (beta, on).
    StatefulSetAutoDeleteClaims,
    /// Native sidecars (beta, on), and their reverse order at the end.
    SidecarContainers,
    /// Condition PodReadyToStartContainers (beta, on).
    PodReadyToStartContainersCondition,
    /// preStop `sleep` (beta, on).
    SleepAction,
    /// `sleep` may be of 0 seconds (beta, on).
    SleepOfZeroSeconds,
    /// Condition DisruptionTarget (beta, on).
    PodDisruptionConditions,
    /// `(… including waiting)` in the Pulled event.
    PullWaitingInEvent,
    /// `Image size: … bytes.` in the Pulled event.
    ImageSizeInEvent,
    /// `pod "x" deleted from default namespace`.
    DeleteNamesNamespace,
    /// `Container created` instead of `Created container x`.
    ShortContainerEvents,
    /// `Create Pod web-0 in StatefulSet web successful`, with a capital (seen in 1.36.2).
    CapitalStatefulSetEvents,
    /// `… and can be accessed by the pod` in the Pulled event.
    EnsureSecretPulledImages,
    /// The Pod worker wakes when a back-off expires, not every 10 to 15 s.
    BackoffExpiryResync,
    /// restartPolicy and restartPolicyRules on any container.
    ContainerRestartRules,
    /// `kubectl describe` prints the field path before the message.
    DescribeFieldPath,
    /// metadata.generation and observedGeneration of Pods.
    PodGeneration,
    /// PLEG relists one Pod at once after a sync that did something.
    PlegOnDemandRelist,
    /// RestartAllContainers.
    RestartAllContainers,
    /// Pod-level resources.
    PodLevelResources,
    /// status.terminatingReplicas.
    TerminatingReplicas,
    /// backoffLimitPerIndex of Jobs, and the action FailIndex (beta, on).
    JobBackoffLimitPerIndex,
    /// A schedule cannot name its time zone; `timeZone` does.
    NoZoneInSchedule,
    /// trafficDistribution: PreferClose (beta, on).
    TrafficDistribution,
    /// PreferSameZone and PreferSameNode (beta, on).
    PreferSameTrafficDistribution,
    /// SuccessCriteriaMet and FailureTarget before a Job's end, which waits for its Pods.
    DelayedJobConditions,
    /// A deleted namespace loses its Pods before anything else (on).
    OrderedNamespaceDeletion,
    /// In-place resize of CPU and memory (on).
    InPlaceResize,
    /// Static Pods may not name objects of the API (beta, on).
    PreventStaticPodReferences,
    /// A variable may have any name that is printed and has no `=` (beta, on).
    RelaxedEnvironmentNames,
    /// A Service's name may begin with a digit (beta, on).
    RelaxedServiceNames,
    /// A silent node counts as lost after 50 s instead of 40.
    LongNodeMonitorGrace,
    /// FailedScheduling says why preemption does not help.
    PreemptionInFailedScheduling,
    /// `node is filtered out by the prefilter result`, of Pods that name their nodes.
    PrefilterResultInMessage,
    /// `node(s) didn't satisfy plugin(s) [NodeAffinity]` instead.
    PluginsOfUnfitNodes,
    /// FailedScheduling does not say which taint it was.
    TaintsUnnamed,
    /// `FailedScheduling` names claims: `no new claims to deallocate, preemption: …`.
    ClaimsInFailedScheduling,
}

impl Feature {
    /// The minor release from which on it is so by default.
    ///
    /// Models pkg/features/kube_features.go and the changelogs.
    pub const fn since(self) -> u8 {
        match self {
            Self::PodDeletionCost | Self::LogarithmicScaleDown => 22,
            Self::PodSecurity => 23,
            Self::GrpcProbe | Self::Containerd | Self::PreemptionInFailedScheduling => 24,
            Self::ProbeTerminationGracePeriod => 25,
            Self::PodDisruptionConditions => 26,
            Self::TerminalPhaseOnDelete
            | Self::PullWaitingInEvent
            | Self::StatefulSetAutoDeleteClaims => 27,
            Self::SidecarContainers
            | Self::PodReadyToStartContainersCondition
            | Self::JobBackoffLimitPerIndex
            | Self::NoZoneInSchedule => 29,
            Self::PrefilterResultInMessage => 28,
            Self::SleepAction | Self::PluginsOfUnfitNodes => 30,
            Self::ImageSizeInEvent | Self::DelayedJobConditions | Self::TrafficDistribution => 31,
            Self::LongNodeMonitorGrace | Self::RelaxedEnvironmentNames => 32,
            Self::InPlaceResize | Self::OrderedNamespaceDeletion | Self::SleepOfZeroSeconds => 33,
            Self::DeleteNamesNamespace
            | Self::PodLevelResources
            | Self::PodGeneration
            | Self::PreventStaticPodReferences
            | Self::PreferSameTrafficDistribution => 34,
            Self::EnsureSecretPulledImages
            | Self::BackoffExpiryResync
            | Self::ContainerRestartRules
            | Self::DescribeFieldPath
            | Self::TerminatingReplicas
            | Self::ClaimsInFailedScheduling
            | Self::TaintsUnnamed
            | Self::ShortContainerEvents => 35,
            Self::PlegOnDemandRelist
            | Self::RestartAllContainers
            | Self::RelaxedServiceNames
            | Self::CapitalStatefulSetEvents => 36,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_write_them() {
        assert_eq!(KubeVersion::parse("v1.29"), KubeVersion::new(29));
        assert_eq!(KubeVersion::parse("1.36.2"), Some(KubeVersion::LATEST));
        for text in ["1.19", "1.37", "2.36", "1", "1.x", "1.36.2.1", ""] {
            assert_eq!(KubeVersion::parse(text), None, "{text}");
        }
        assert!(!KubeVersion::new(28).unwrap().has(Feature::SidecarContainers));
    }
}
