//! Pod Security admission: what the labels of a namespace forbid its Pods.
//!
//! Models k8s.io/pod-security-admission/policy and admission/admission.go, with the checks in the
//! order of their names: those of baseline, then those of restricted. Does not own: the other
//! plugins (`admission`).

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::pod::{Container, Pod, PodSpec, SecurityContext, SecurityProfile};
use crate::map::Set;
use crate::version::{Feature, KubeVersion};

/// What the labels begin with.
const PREFIX: &str = "pod-security.kubernetes.io/";

/// Capabilities that baseline lets containers add.
const BASELINE_CAPABILITIES: &str = "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD \
    NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT";

/// Kernel settings that baseline lets Pods have.
const SAFE_SYSCTLS: &str = "kernel.shm_rmid_forced net.ipv4.ip_local_port_range \
    net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start \
    net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout \
    net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem \
    net.ipv4.tcp_wmem";

impl World<'_> {
    /// What the namespace of a Pod has against it.
    pub(crate) fn admit_security(&self, pod: &Pod) -> Result<(), String> {
        let version = self.scenario.version;
        let space = Key::new("Namespace", "", &pod.metadata.namespace);
        let Some(Object::Namespace(space)) = self.store.get(&space) else { return Ok(()) };
        let label = |name: &str| space.metadata.labels.get(&format!("{PREFIX}{name}"));
        let Some(level) = label("enforce").filter(|_| version.has(Feature::PodSecurity)) else {
            return Ok(());
        };
        let of = label("enforce-version").map_or("latest", String::as_str);
        let faults = faults(&pod.spec, level, version);
        if faults.is_empty() {
            return Ok(());
        }
        Err(format!("violates PodSecurity \"{level}:{of}\": {}", faults.join(", ")))
    }
}

/// What a level forbids, as it is said.
fn faults(spec: &PodSpec, level: &str, version: KubeVersion) -> Vec<String> {
    let mut faults = Vec::new();
    let mut say = |reason: &str, detail: Option<String>| {
        if let Some(detail) = detail {
            faults.push(format!("{reason} ({detail})"));
        }
    };
    let restricted = level == "restricted";
    if !restricted && level != "baseline" {
        return faults;
    }
    let armor = profiles(spec, Profile::AppArmor);
    say(
        plural(armor.bad.len(), "forbidden AppArmor profile"),
        armor.explicit("AppArmor profile type"),
    );
    if !restricted {
        say("non-default capabilities", added_capabilities(spec, BASELINE_CAPABILITIES));
    }
    say("host namespaces", host_namespaces(spec));
    if !restricted {
        say("hostPath volumes", host_paths(spec));
    }
    say("hostPort", host_ports(spec));
    say("privileged", privileged(spec));
    say("procMount", proc_mount(spec));
    let seccomp = profiles(spec, Profile::Seccomp);
    if !restricted {
        say("seccompProfile", seccomp.explicit("securityContext.seccompProfile.type"));
    }
    say("forbidden sysctls", sysctls(spec));
    if !restricted {
        return faults;
    }
    say("allowPrivilegeEscalation != false", escalation(spec));
    say("unrestricted capabilities", restricted_capabilities(spec));
    say("restricted volume types", volume_types(spec));
    let own_namespace = version.minor() >= 35 && spec.host_users == Some(false);
    if !own_namespace {
        say("runAsNonRoot != true", non_root(spec));
        say("runAsUser=0", user_zero(spec));
    }
    say(
        "seccompProfile",
        seccomp.explicit("securityContext.seccompProfile.type").or_else(|| {
            let named = quoted(&seccomp.missing)?;
            Some(format!(
                "pod or {} {named} must set securityContext.seccompProfile.type to \
                 \"RuntimeDefault\" or \"Localhost\"",
                containers(seccomp.missing.len())
            ))
        }),
    );
    faults
}

/// Every container, those of the beginning first.
fn all(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().chain(&spec.containers)
}

/// The names of the containers of which something holds.
fn names(spec: &PodSpec, holds: impl Fn(Option<&SecurityContext>) -> bool) -> Vec<&str> {
    all(spec)
        .filter(|container| holds(container.security_context.as_ref()))
        .map(|container| container.name.as_str())
        .collect()
}

fn quoted(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| format!("\"{}\"", names.join("\", \"")))
}

fn containers(count: usize) -> &'static str {
    if count == 1 { "container" } else { "containers" }
}

fn plural(count: usize, one: &'static str) -> &'static str {
    match (one, count) {
        (one, 0 | 1) => one,
        ("forbidden AppArmor profile", _) => "forbidden AppArmor profiles",
        (one, _) => one,
    }
}

/// `container "a" must …`, unless nobody is meant.
fn must(names: &[&str], what: &str) -> Option<String> {
    quoted(names).map(|quoted| format!("{} {quoted} {what}", containers(names.len())))
}

#[derive(Clone, Copy)]
enum Profile {
    AppArmor,
    Seccomp,
}

/// Who has which profile.
struct Profiles<'s> {
    /// The Pod itself has a bad one.
    pod: bool,
    /// Containers that have a bad one.
    set: Vec<&'s str>,
    /// Containers that have none, nor has the Pod.
    missing: Vec<&'s str>,
    bad: Set<&'s str>,
}

fn profiles(spec: &PodSpec, which: Profile) -> Profiles<'_> {
    let fits = |profile: &SecurityProfile| {
        ["RuntimeDefault", "Localhost"].contains(&profile.kind.as_str())
    };
    let own = spec.security_context.as_ref().and_then(|own| match which {
        Profile::AppArmor => own.app_armor_profile.as_ref(),
        Profile::Seccomp => own.seccomp_profile.as_ref(),
    });
    let pod = own.is_some_and(|profile| !fits(profile));
    let mut found = Profiles { pod, set: Vec::new(), missing: Vec::new(), bad: Set::new() };
    if let Some(own) = own.filter(|own| !fits(own)) {
        found.bad.insert(own.kind.as_str());
    }
    for container in all(spec) {
        let profile = container.security_context.as_ref().and_then(|own| match which {
            Profile::AppArmor => own.app_armor_profile.as_ref(),
            Profile::Seccomp => own.seccomp_profile.as_ref(),
        });
        match profile {
            Some(profile) if !fits(profile) => {
                found.set.push(&container.name);
                found.bad.insert(profile.kind.as_str());
            }
            None if own.is_none() || pod => found.missing.push(&container.name),
            Some(_) | None => {}
        }
    }
    found
}

impl Profiles<'_> {
    fn explicit(&self, field: &str) -> Option<String> {
        let mut setters = Vec::new();
        if self.pod {
            setters.push("pod".to_owned());
        }
        setters.extend(must(&self.set, "").map(|text| text.trim_end().to_owned()));
        let bad: Vec<&str> = self.bad.iter().copied().collect();
        let bad = quoted(&bad)?;
        Some(format!("{} must not set {field} to {bad}", setters.join(" and ")))
    }
}

fn added(context: Option<&SecurityContext>) -> &[String] {
    let capabilities = context.and_then(|context| context.capabilities.as_ref());
    capabilities.map_or(&[], |capabilities| &capabilities.add)
}

fn added_capabilities(spec: &PodSpec, allowed: &str) -> Option<String> {
    let bad = |name: &str| !allowed.split(' ').any(|known| known == name);
    let who = names(spec, |context| added(context).iter().any(|name| bad(name)));
    let mut which = Set::new();
    for container in all(spec) {
        for name in added(container.security_context.as_ref()).iter().filter(|name| bad(name)) {
            which.insert(name.as_str());
        }
    }
    let which: Vec<&str> = which.iter().copied().collect();
    let which = quoted(&which)?;
    must(&who, &format!("must not include {which} in securityContext.capabilities.add"))
}

fn host_namespaces(spec: &PodSpec) -> Option<String> {
    let set: Vec<&str> = [
        (spec.host_network, "hostNetwork=true"),
        (spec.host_pid, "hostPID=true"),
        (spec.host_ipc, "hostIPC=true"),
    ]
    .into_iter()
    .filter_map(|(set, name)| set.then_some(name))
    .collect();
    (!set.is_empty()).then(|| set.join(", "))
}

fn host_paths(spec: &PodSpec) -> Option<String> {
    let bad = spec.volumes.iter().filter(|volume| volume.host_path.is_some());
    let bad: Vec<&str> = bad.map(|volume| volume.name.as_str()).collect();
    let volumes = if bad.len() == 1 { "volume" } else { "volumes" };
    quoted(&bad).map(|quoted| format!("{volumes} {quoted}"))
}

fn host_ports(spec: &PodSpec) -> Option<String> {
    let mut ports = Set::new();
    let mut who = Vec::new();
    for container in all(spec) {
        let given = container.ports.iter().map(|port| port.host_port).filter(|port| *port != 0);
        let given: Vec<String> = given.map(|port| port.to_string()).collect();
        if !given.is_empty() {
            who.push(container.name.as_str());
        }
        for port in given {
            ports.insert(port);
        }
    }
    let uses = if who.len() == 1 { "uses" } else { "use" };
    let many = if ports.len() == 1 { "hostPort" } else { "hostPorts" };
    let list: Vec<&str> = ports.iter().map(String::as_str).collect();
    must(&who, &format!("{uses} {many} {}", list.join(", ")))
}

fn privileged(spec: &PodSpec) -> Option<String> {
    let who = names(spec, |own| own.is_some_and(|own| own.privileged == Some(true)));
    must(&who, "must not set securityContext.privileged=true")
}

fn proc_mount(spec: &PodSpec) -> Option<String> {
    let own = |own: Option<&SecurityContext>| {
        own.and_then(|own| own.proc_mount.clone()).filter(|kind| kind != "Default")
    };
    let who = names(spec, |context| own(context).is_some());
    let kinds: Set<String> =
        all(spec).filter_map(|container| own(container.security_context.as_ref())).collect();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let kinds = quoted(&kinds)?;
    must(&who, &format!("must not set securityContext.procMount to {kinds}"))
}

fn sysctls(spec: &PodSpec) -> Option<String> {
    let set = spec.security_context.iter().flat_map(|own| &own.sysctls);
    let safe = |name: &str| SAFE_SYSCTLS.split(' ').any(|known| known == name);
    let bad: Vec<&str> =
        set.map(|sysctl| sysctl.name.as_str()).filter(|name| !safe(name)).collect();
    (!bad.is_empty()).then(|| bad.join(", "))
}

fn escalation(spec: &PodSpec) -> Option<String> {
    let who =
        names(spec, |own| own.is_none_or(|own| own.allow_privilege_escalation != Some(false)));
    must(&who, "must set securityContext.allowPrivilegeEscalation=false")
}

fn restricted_capabilities(spec: &PodSpec) -> Option<String> {
    let drops_all = |own: Option<&SecurityContext>| {
        own.and_then(|own| own.capabilities.as_ref())
            .is_some_and(|own| own.drop.iter().any(|name| name == "ALL"))
    };
    let who = names(spec, |own| !drops_all(own));
    let drop = must(&who, "must set securityContext.capabilities.drop=[\"ALL\"]");
    let add = added_capabilities(spec, "NET_BIND_SERVICE");
    let both: Vec<String> = drop.into_iter().chain(add).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

/// Of the volumes that our type knows only these are restricted.
fn volume_types(spec: &PodSpec) -> Option<String> {
    let bad = spec.volumes.iter().filter(|volume| volume.host_path.is_some());
    let who: Vec<&str> = bad.map(|volume| volume.name.as_str()).collect();
    let (one, uses) = if who.len() == 1 { ("volume", "uses") } else { ("volumes", "use") };
    let who = quoted(&who)?;
    Some(format!("{one} {who} {uses} restricted volume type \"hostPath\""))
}

fn non_root(spec: &PodSpec) -> Option<String> {
    let pod = spec.security_context.as_ref().and_then(|own| own.run_as_non_root);
    let set = names(spec, |own| own.is_some_and(|own| own.run_as_non_root == Some(false)));
    let mut setters = Vec::new();
    if pod == Some(false) {
        setters.push("pod".to_owned());
    }
    setters.extend(must(&set, "").map(|text| text.trim_end().to_owned()));
    if !setters.is_empty() {
        let who = setters.join(" and ");
        return Some(format!("{who} must not set securityContext.runAsNonRoot=false"));
    }
    let missing = names(spec, |own| own.is_none_or(|own| own.run_as_non_root.is_none()));
    if pod == Some(true) {
        return None;
    }
    must(&missing, "must set securityContext.runAsNonRoot=true")
        .map(|text| format!("pod or {text}"))
}

fn user_zero(spec: &PodSpec) -> Option<String> {
    let mut setters = Vec::new();
    if spec.security_context.as_ref().and_then(|own| own.run_as_user) == Some(0) {
        setters.push("pod".to_owned());
    }
    let set = names(spec, |own| own.is_some_and(|own| own.run_as_user == Some(0)));
    setters.extend(must(&set, "").map(|text| text.trim_end().to_owned()));
    (!setters.is_empty()).then(|| format!("{} must not set runAsUser=0", setters.join(" and ")))
}
