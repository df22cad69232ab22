//! Profiles of seccomp and AppArmor that a node does not have.
//!
//! Owns: which profile decides for a container, and what the runtime says when it is missing.
//! Models containerd/pkg/seccomp and containerd/internal/cri/server/container_create_linux.go. Does
//! not own: what a profile forbids; nothing is forbidden here.

use crate::cluster::World;
use crate::cluster::kubelet::actions::List;
use crate::manifest::pod::{Container, Pod, SecurityProfile};
use crate::rule::Rule;

/// Where the kubelet looks for profiles of seccomp (its flag --root-dir, and `seccomp`).
const SECCOMP: &str = "/var/lib/kubelet/seccomp/";

/// The annotation that named a profile of AppArmor before 1.30, before the container's name.
const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// The name of a profile that must be on the node.
fn local(profile: Option<&SecurityProfile>) -> Option<&str> {
    let profile = profile.filter(|profile| profile.kind == "Localhost")?;
    profile.localhost_profile.as_deref()
}

/// The profile of seccomp that must be on the node.
fn seccomp<'p>(pod: &'p Pod, container: &'p Container) -> Option<&'p str> {
    let own = container.security_context.as_ref().and_then(|own| own.seccomp_profile.as_ref());
    let of_pod = pod.spec.security_context.as_ref();
    local(own.or_else(|| of_pod.and_then(|context| context.seccomp_profile.as_ref())))
}

/// The profile of AppArmor that must be on the node.
fn app_armor<'p>(pod: &'p Pod, container: &'p Container) -> Option<&'p str> {
    let own = container.security_context.as_ref().and_then(|own| own.app_armor_profile.as_ref());
    let of_pod = pod.spec.security_context.as_ref();
    let field = own.or_else(|| of_pod.and_then(|context| context.app_armor_profile.as_ref()));
    if field.is_some() {
        return local(field);
    }
    let key = format!("{APPARMOR}{}", container.name);
    pod.metadata.annotations.get(&key)?.strip_prefix("localhost/")
}

impl World<'_> {
    /// What keeps the runtime from creating a container.
    pub(crate) fn missing_profile(
        &self,
        node: usize,
        pod: &Pod,
        container: &Container,
    ) -> Option<String> {
        let name = &self.nodes[node].name;
        let described = self.scenario.nodes.iter().find(|node| node.name == *name);
        let has = |profile: &str| {
            described.is_some_and(|node| node.profiles.iter().any(|own| own == profile))
        };
        // AppArmor's is looked for when the specification is made, before seccomp's is read.
        if let Some(profile) = app_armor(pod, container).filter(|profile| !has(profile)) {
            return Some(format!(
                "failed to get container spec opts: failed to generate apparmor spec opts: \
                 apparmor profile not found {profile}"
            ));
        }
        let profile = seccomp(pod, container).filter(|profile| !has(profile))?;
        Some(format!(
            "failed to create containerd container: cannot load seccomp profile \
             \"{SECCOMP}{profile}\": open {SECCOMP}{profile}: no such file or directory"
        ))
    }

    /// The runtime refuses to create a container.
    pub(crate) fn create_failed(
        &mut self,
        uid: &str,
        list: List,
        container: &Container,
        message: String,
    ) {
        let event = format!("Error: {message}");
        self.say_of_container(uid, &container.name, "Warning", "Failed", event);
        self.decided(uid, Some(&container.name), &message, Rule::ContainerCreateError);
        self.wait_for(uid, &container.name, "CreateContainerError", message);
        self.sync_failed(uid, None);
        self.start_failed(uid, list, container);
    }
}
