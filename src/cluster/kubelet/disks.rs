//! Volumes that outlive their Pods: those of claims, and directories of the node.
//!
//! Owns: finding again what a claim's volume or a hostPath holds, and whether a hostPath is of the
//! type that was asked for. Models pkg/volume/hostpath/host_path.go, and what any driver of block
//! storage does when a volume moves to another node. Does not own: binding claims
//! (`controllers::storage`).
//!
//! A volume that two nodes mount at once is one directory a node here: what one of them writes,
//! the other sees only when it mounts the volume again.

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::volume::{HostPathVolumeSource, Volume};
use crate::version::Feature;
use crate::workload::cri::VolumeId;

/// The name under which a node's own directories are kept.
const HOST: &str = "/";

/// Directories that a node has. Invented: a usual Linux with containerd and the kubelet.
const DIRECTORIES: &[&str] = &[
    "/boot",
    "/dev",
    "/etc/cni/net.d",
    "/etc/containerd",
    "/etc/kubernetes/manifests",
    "/etc/kubernetes/pki",
    "/etc/ssl/certs",
    "/home",
    "/lib/modules",
    "/lib64",
    "/mnt",
    "/opt/cni/bin",
    "/proc",
    "/root",
    "/run/containerd",
    "/run/udev",
    "/sbin",
    "/srv",
    "/sys/fs/bpf",
    "/sys/fs/cgroup",
    "/sys/kernel/debug",
    "/tmp",
    "/usr/bin",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/src",
    "/var/lib/containerd",
    "/var/lib/kubelet/device-plugins",
    "/var/lib/kubelet/plugins",
    "/var/lib/kubelet/plugins_registry",
    "/var/lib/kubelet/pods",
    "/var/log/containers",
    "/var/log/pods",
    "/var/run",
];

/// Files that a node has. Invented, as the directories are.
const FILES: &[&str] = &["/etc/hostname", "/etc/localtime", "/etc/machine-id", "/etc/os-release"];

/// Sockets that a node has; docker's went with dockershim.
const SOCKETS: &[&str] = &[
    "/run/containerd/containerd.sock",
    "/var/run/containerd/containerd.sock",
    "/var/lib/kubelet/pod-resources/kubelet.sock",
    "/var/lib/kubelet/device-plugins/kubelet.sock",
];
const DOCKER: [&str; 2] = ["/run/docker.sock", "/var/run/docker.sock"];

/// Devices that a node has.
const CHARACTER: &[&str] = &["/dev/fuse", "/dev/kmsg", "/dev/net/tun", "/dev/null", "/dev/zero"];
const BLOCK: &[&str] = &["/dev/sda", "/dev/sda1"];

impl World<'_> {
    /// The volume of a Pod that is there from before, if it is one that lasts; whether anything
    /// had mounted it.
    pub(crate) fn lasting_volume(
        &mut self,
        pod: &Pod,
        volume: &Volume,
    ) -> Option<(VolumeId, bool)> {
        let node = self.worker(&pod.metadata.uid)?.node;
        if volume.host_path.is_some() {
            return Some((self.host_root(node), false));
        }
        let claim = volume.persistent_volume_claim.as_ref()?;
        let key = Key::new("PersistentVolumeClaim", &pod.metadata.namespace, &claim.claim_name);
        let name = match self.store.get(&key) {
            Some(Object::PersistentVolumeClaim(claim)) => claim.spec.volume_name.clone(),
            _ => return None,
        };
        if name.is_empty() {
            return None;
        }
        if let Some(id) = self.nodes[node].disks.get(&name) {
            return Some((*id, true));
        }
        // It was on another node: it is detached there, and attached here.
        let before = self.nodes.iter_mut().find_map(|other| {
            let id = other.disks.remove(&name)?;
            Some(other.machine.copy_of(id))
        });
        let known = before.is_some();
        let id = self.nodes[node].machine.attach(before.unwrap_or_default());
        self.nodes[node].disks.insert(name, id);
        Some((id, known))
    }

    /// The node's own directories.
    fn host_root(&mut self, node: usize) -> VolumeId {
        if let Some(id) = self.nodes[node].disks.get(HOST) {
            return *id;
        }
        let host = &mut self.nodes[node];
        let id = host.machine.create_volume();
        for directory in DIRECTORIES {
            host.machine.make_directory(id, directory);
        }
        let docker = if self.scenario.version.has(Feature::Containerd) { &[][..] } else { &DOCKER };
        for file in [FILES, SOCKETS, docker, CHARACTER, BLOCK].into_iter().flatten() {
            host.machine.write_volume(id, file, "");
        }
        host.machine.write_volume(id, "/etc/hostname", &format!("{}\n", host.name));
        host.disks.insert(HOST.to_owned(), id);
        id
    }

    /// Makes what a hostPath asks for, or says why it is not what it should be.
    ///
    /// Models host_path.go checkTypeInternal.
    pub(crate) fn check_host_path(
        &mut self,
        node: usize,
        source: &HostPathVolumeSource,
    ) -> Result<(), String> {
        let root = self.host_root(node);
        let path = crate::manifest::volume::clean(&source.path);
        let machine = &mut self.nodes[node].machine;
        let there = machine.is_directory(root, &path);
        let (right, what) = match source.kind.as_deref().unwrap_or_default() {
            "DirectoryOrCreate" if there.is_none() => {
                machine.make_directory(root, &path);
                return Ok(());
            }
            "FileOrCreate" if there.is_none() => {
                machine.write_volume(root, &path, "");
                return Ok(());
            }
            "Directory" | "DirectoryOrCreate" => (there == Some(true), "a directory"),
            "File" | "FileOrCreate" => (there == Some(false), "a file"),
            "Socket" => {
                let docker = !self.scenario.version.has(Feature::Containerd);
                let known = SOCKETS.contains(&&*path) || docker && DOCKER.contains(&&*path);
                (known, "a socket file")
            }
            "CharDevice" => (CHARACTER.contains(&&*path), "a character device"),
            "BlockDevice" => (BLOCK.contains(&&*path), "a block device"),
            _ => (true, ""),
        };
        if right {
            return Ok(());
        }
        Err(format!("hostPath type check failed: {} is not {what}", source.path))
    }
}
