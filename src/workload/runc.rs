//! How a container or a command in it is started: its files, its environment, its first process.
//!
//! Owns: what the runtime prepares, and its words when it cannot. Does not own: the processes
//! (`kernel`), or what they run (`programs`).

use crate::workload::cri::{ContainerId, ExecId, VolumeId};
use crate::workload::fs::{Errno, base, normal, parent};
use crate::workload::kernel::exec::DEFAULT_PATH;
use crate::workload::kernel::process::{Budget, Open, Pid, Process};
use crate::workload::kernel::{Container, Exec, Kernel};

impl Container {
    /// Where the termination message is in the container.
    pub(super) fn termination_path(&self) -> String {
        match self.setup.termination_message_path.as_str() {
            "" => "/dev/termination-log".to_owned(),
            path => normal("/", path),
        }
    }
}

impl Kernel {
    /// What the kubelet and the runtime put into every container.
    pub(super) fn prepare_root(&mut self, id: ContainerId) {
        let Some(container) = self.containers.get(&id) else { return };
        let Some(sandbox) = self.sandboxes.get(&container.sandbox) else { return };
        let ip = self.networks.get(&sandbox.network).map_or("", |network| network.ip.as_str());
        let hostname = if sandbox.setup.hostname.is_empty() {
            &self.hostname
        } else {
            &sandbox.setup.hostname
        };
        // pkg/kubelet/kubelet_pods.go managedHostsFileContent.
        let mut hosts = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n".to_owned();
        hosts += &format!("{ip}\t{hostname}\n");
        if !sandbox.setup.host_aliases.is_empty() {
            hosts += "\n# Entries added by HostAliases.\n";
            for (ip, names) in &sandbox.setup.host_aliases {
                hosts += &format!("{ip}\t{}\n", names.join("\t"));
            }
        }
        let files = [
            ("/etc/hosts".to_owned(), hosts),
            ("/etc/hostname".to_owned(), format!("{hostname}\n")),
            ("/etc/resolv.conf".to_owned(), sandbox.setup.resolv_conf.clone()),
            (container.termination_path(), String::new()),
        ];
        let directories: Vec<String> = container
            .setup
            .mounts
            .iter()
            .map(|mount| normal("/", &mount.path))
            .chain(std::iter::once(normal("/", &container.setup.working_dir)))
            .collect();
        let (root, mounts, clock) = (container.root, container.setup.mounts.clone(), self.clock);
        for (path, text) in files {
            self.write_volume(VolumeId(root), &path, &text);
        }
        if let Some(tree) = self.filesystems.get_mut(&root) {
            for directory in directories {
                tree.make_directories(parent(&directory), clock);
                if tree.get(&directory).is_none() {
                    tree.make_directories(&directory, clock);
                }
            }
        }
        // A subPath that is not there is made as a directory (pkg/volume/util/subpath).
        for mount in mounts.iter().filter(|mount| !mount.sub_path.is_empty()) {
            if let Some(tree) = self.filesystems.get_mut(&mount.volume.0) {
                tree.make_directories(&normal("/", &mount.sub_path), clock);
            }
        }
    }

    pub(super) fn start_container(&mut self, id: ContainerId) -> Result<(), String> {
        let Some(container) = self.containers.get(&id) else {
            return Err("container not found".to_owned());
        };
        let (setup, image, sandbox) =
            (container.setup.clone(), container.image.clone(), container.sandbox);
        if let Some(why) = self.bad_mount(id) {
            return Err(why);
        }
        let mut argv =
            if setup.command.is_empty() { image.entrypoint.clone() } else { setup.command.clone() };
        if !setup.args.is_empty() {
            argv.extend(setup.args.iter().cloned());
        } else if setup.command.is_empty() {
            argv.extend(image.command.iter().cloned());
        }
        let pid_ns = self.sandboxes.get(&sandbox).and_then(|sandbox| sandbox.pid_ns);
        let target = setup.pid_target.and_then(|target| self.containers.get(&target));
        let target = target.filter(|target| target.init.is_some()).map(|target| target.pid_ns);
        let pid_ns = pid_ns.or(target);
        let pid_ns = pid_ns.unwrap_or_else(|| self.fresh());
        let pid = self.new_process(id, pid_ns);
        let stdin = if setup.tty && setup.stdin {
            Open::Terminal(Some((id, 0)))
        } else if setup.stdin {
            Open::Terminal(None)
        } else {
            Open::Null
        };
        let out = |stream| {
            if setup.tty { Open::Terminal(Some((id, stream))) } else { Open::Log(id, stream) }
        };
        for (fd, open) in [(0, stdin), (1, out(0)), (2, out(1))] {
            let file = self.open_file(open);
            self.set_fd(pid, fd, Some(file));
        }
        if let Some(container) = self.containers.get_mut(&id) {
            container.init = Some(pid);
            container.pid_ns = pid_ns;
            container.budget = Budget::new(self.clock);
        }
        self.begin(pid, argv).inspect_err(|_| {
            if let Some(container) = self.containers.get_mut(&id) {
                container.init = None;
            }
            self.forget(pid);
        })
    }

    pub(super) fn start_exec(
        &mut self,
        id: ContainerId,
        argv: &[String],
    ) -> Result<ExecId, String> {
        let Some(pid_ns) =
            self.containers.get(&id).filter(|container| container.init.is_some()).map(|c| c.pid_ns)
        else {
            return Err("cannot exec in a stopped container".to_owned());
        };
        let exec = ExecId(self.fresh());
        let pid = self.new_process(id, pid_ns);
        if let Some(process) = self.processes.get_mut(&pid) {
            process.exec = Some(exec);
        }
        self.execs.insert(exec, Exec { pid, output: String::new() });
        for (fd, open) in [(0, Open::Null), (1, Open::Exec(exec)), (2, Open::Exec(exec))] {
            let file = self.open_file(open);
            self.set_fd(pid, fd, Some(file));
        }
        match self.begin(pid, argv.to_vec()) {
            Ok(()) => Ok(exec),
            Err(why) => {
                self.execs.remove(&exec);
                self.forget(pid);
                Err(why)
            }
        }
    }

    /// A process that runc starts, with the environment and the user of its container.
    fn new_process(&mut self, id: ContainerId, pid_ns: u32) -> Pid {
        let Some(container) = self.containers.get(&id) else { return 0 };
        let (setup, image) = (&container.setup, &container.image);
        let hostname = self.sandboxes.get(&container.sandbox).map(|s| s.setup.hostname.clone());
        let hostname =
            hostname.filter(|name| !name.is_empty()).unwrap_or_else(|| self.hostname.clone());
        let mut env: Vec<(String, String)> = Vec::new();
        let mut set = |key: &str, value: &str| match env.iter_mut().find(|(known, _)| known == key)
        {
            Some((_, old)) => value.clone_into(old),
            None => env.push((key.to_owned(), value.to_owned())),
        };
        set("PATH", DEFAULT_PATH);
        set("HOSTNAME", &hostname);
        if setup.tty {
            set("TERM", "xterm");
        }
        for (key, value) in image.env.iter().chain(&setup.env) {
            set(key, value);
        }
        let uid = setup.run_as_user.unwrap_or(image.uid);
        set("HOME", if uid == 0 { "/root" } else { "/" });
        let working_dir =
            if setup.working_dir.is_empty() { &image.working_dir } else { &setup.working_dir };
        let process = Process {
            pid_ns,
            container: Some(id),
            sandbox: Some(container.sandbox),
            uid,
            cwd: normal("/", working_dir),
            env,
            ..Process::default()
        };
        self.add_process(process, true)
    }

    /// Puts the first program into a process; `Err` has runc's words.
    fn begin(&mut self, pid: Pid, argv: Vec<String>) -> Result<(), String> {
        let Some(name) = argv.first().cloned() else {
            return Err("no command specified".to_owned());
        };
        self.execute(pid, argv, None).map_err(|errno| match errno {
            Errno::NotFound if name.contains('/') => {
                format!("exec: \"{name}\": stat {name}: no such file or directory")
            }
            Errno::NotFound => format!("exec: \"{name}\": executable file not found in $PATH"),
            Errno::NotDirectory => format!("exec: \"{name}\": stat {name}: not a directory"),
            Errno::NoExec => format!("exec {name}: exec format error"),
            _ => format!("exec: \"{name}\": permission denied"),
        })
    }

    /// A process that never was.
    fn forget(&mut self, pid: Pid) {
        let Some(process) = self.processes.remove(&pid) else { return };
        for file in process.fds.into_values() {
            self.release(file);
        }
        if let Some(namespace) = self.pid_namespaces.get_mut(&process.pid_ns)
            && namespace.init == Some(pid)
        {
            namespace.init = None;
        }
    }

    /// A mount below a file cannot be made.
    fn bad_mount(&self, id: ContainerId) -> Option<String> {
        let container = self.containers.get(&id)?;
        let tree = self.filesystems.get(&container.root)?;
        container.setup.mounts.iter().find_map(|mount| {
            let path = normal("/", &mount.path);
            let mut above = parent(&path);
            while above != "/" {
                if tree.get(above).is_some_and(|node| !node.is_directory()) {
                    return Some(format!(
                        "error during container init: error mounting \"/var/lib/kubelet/volumes/{}\" to rootfs at \"{path}\": open o_path procfd: open /run/containerd: not a directory",
                        base(&path)
                    ));
                }
                above = parent(above);
            }
            None
        })
    }
}
