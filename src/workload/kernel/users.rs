//! Users and groups, as a container's own files name them.
//!
//! Owns: reading them. Does not own: the files (`image`, `files`).

use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;

impl Kernel {
    /// The user name of a process, as its own image knows it.
    pub(in crate::workload) fn user_name(&self, pid: Pid) -> String {
        let uid = self.processes.get(&pid).map_or(0, |process| process.uid);
        self.name_of(pid, uid)
    }

    /// The name of a user in a process's /etc/passwd, or the number.
    pub(in crate::workload) fn name_of(&self, pid: Pid, uid: i64) -> String {
        if uid == 0 {
            return "root".to_owned();
        }
        let passwd = self.text_of(pid, "/etc/passwd").unwrap_or_default();
        let number = uid.to_string();
        passwd
            .lines()
            .find_map(|line| {
                let mut parts = line.split(':');
                let name = parts.next()?;
                (parts.nth(1)? == number).then(|| name.to_owned())
            })
            .unwrap_or(number)
    }

    /// The primary group of a process.
    pub(in crate::workload) fn group_of(&self, pid: Pid) -> i64 {
        let setup = self.container_of(pid).map(|container| &container.setup);
        if let Some(group) = setup.and_then(|setup| setup.run_as_group) {
            return group;
        }
        // A user that the image knows has a group of its own there; any other has root's.
        let uid = self.processes.get(&pid).map_or(0, |process| process.uid);
        if self.name_of(pid, uid) == uid.to_string() { 0 } else { uid }
    }

    /// The number of a user, by number or name.
    pub(in crate::workload) fn uid_of(&self, pid: Pid, name: &str) -> Option<i64> {
        if let Ok(number) = name.parse() {
            return Some(number);
        }
        let passwd = self.text_of(pid, "/etc/passwd")?;
        passwd.lines().find_map(|line| {
            let mut parts = line.split(':');
            (parts.next()? == name).then(|| parts.nth(1)?.parse().ok()).flatten()
        })
    }
}
