//! What containers take of a machine's memory and disk.
//!
//! Owns: the sums. Does not own: what a program takes (it knows itself), or what a kubelet does
//! about it.

use crate::time::Instant;
use crate::workload::cri::ContainerId;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::{FsId, Pid};

impl Kernel {
    /// Bytes of memory that a container's programs are known to hold; nothing where none says.
    pub(in crate::workload) fn memory_of(&self, now: Instant, id: ContainerId) -> Option<i64> {
        let own = self.processes.values().filter(|process| process.container == Some(id));
        let known = own.filter_map(|process| process.program.as_ref()?.memory(now));
        known.fold(None, |sum: Option<i64>, bytes| Some(sum.unwrap_or(0).saturating_add(bytes)))
    }

    /// The most that the container of a process may hold at this moment: its own limit, and what
    /// the others of its Pod leave of the Pod's.
    pub(in crate::workload) fn memory_limit(&self, pid: Pid) -> Option<i64> {
        let id = self.processes.get(&pid)?.container?;
        let container = self.containers.get(&id)?;
        let own = container.setup.memory_limit;
        let Some(of_pod) = container.setup.pod_memory_limit else { return own };
        let beside = self.containers.iter().filter(|(other, beside)| {
            **other != id && beside.sandbox == container.sandbox && beside.init.is_some()
        });
        let taken = beside.filter_map(|(other, _)| self.memory_of(self.clock, *other)).sum::<i64>();
        let left = (of_pod - taken).max(0);
        Some(own.map_or(left, |own| own.min(left)))
    }

    /// Whether some program's memory grows by itself.
    pub(in crate::workload) fn memory_grows(&self) -> bool {
        self.processes.values().filter_map(|p| p.program.as_ref()).any(|program| program.grows())
    }

    /// Bytes of a container's own files beyond its image, and of its log.
    pub(in crate::workload) fn written_by(&self, id: ContainerId) -> (i64, i64) {
        let Some(container) = self.containers.get(&id) else { return (0, 0) };
        (self.bytes_in(container.root), container.logged)
    }

    /// Bytes in a tree beyond an image's.
    pub(in crate::workload) fn bytes_in(&self, fs: FsId) -> i64 {
        let bytes = self.filesystems.get(&fs).map_or(0, crate::workload::fs::Fs::written);
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }
}
