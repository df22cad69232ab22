//! execve: from a name to the file that it means, and a new program in an old process.
//!
//! Owns: looking along PATH, and what changes in the process. Does not own: which programs there
//! are and how each begins (`programs`, which the kernel is given).

use crate::workload::fs::{Content, Errno};
use crate::workload::image::tools::Base;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::files::Place;
use crate::workload::kernel::process::Pid;

/// The PATH of an image that sets none (the runtime's default).
pub(in crate::workload) const DEFAULT_PATH: &str =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Kernel {
    /// Finds an executable: its path, and the behaviour behind it unless it is a script.
    ///
    /// Nobody knows what images that are not in the catalogue have: they have whatever is asked
    /// for.
    pub(in crate::workload) fn find_program(
        &self,
        pid: Pid,
        name: &str,
        env: Option<&[(String, String)]>,
    ) -> Result<(String, Option<&'static str>), Errno> {
        let unknown = self.container_of(pid).is_some_and(|container| container.image.unknown);
        match self.search_program(pid, name, env) {
            Err(Errno::NotFound) if unknown && !name.is_empty() && !self.in_volume(pid, name) => {
                Ok((name.to_owned(), Some("app")))
            }
            found => found,
        }
    }

    fn search_program(
        &self,
        pid: Pid,
        name: &str,
        env: Option<&[(String, String)]>,
    ) -> Result<(String, Option<&'static str>), Errno> {
        if name.contains('/') {
            return self.executable(pid, name).map(|program| (name.to_owned(), program));
        }
        if name.is_empty() {
            return Err(Errno::NotFound);
        }
        let path = match env {
            Some(env) => env.iter().find(|(key, _)| key == "PATH").map(|(_, value)| value.clone()),
            None => self.processes.get(&pid).and_then(|p| p.variable("PATH").map(str::to_owned)),
        };
        let path = path.unwrap_or_else(|| DEFAULT_PATH.to_owned());
        let mut denied = false;
        for directory in path.split(':') {
            let candidate = format!("{directory}/{name}");
            match self.executable(pid, &candidate) {
                Ok(program) => return Ok((candidate, program)),
                Err(Errno::Denied) => denied = true,
                Err(_) => {}
            }
        }
        Err(if denied { Errno::Denied } else { Errno::NotFound })
    }

    fn executable(&self, pid: Pid, path: &str) -> Result<Option<&'static str>, Errno> {
        let node = self.node(pid, path)?;
        match node.content {
            Content::Program(name) => Ok(Some(name)),
            Content::Directory => Err(Errno::Denied),
            // Files of volumes: their mode is not known here, whoever mounts a script meant it.
            Content::File(_) if node.mode & 0o111 != 0 || self.in_volume(pid, path) => Ok(None),
            Content::File(_) | Content::Link(_) => Err(Errno::Denied),
        }
    }

    fn in_volume(&self, pid: Pid, path: &str) -> bool {
        matches!(self.place(pid, path, true), Ok(Place::In { root: false, .. }))
    }

    /// Puts another program into a process, as execve does.
    pub(in crate::workload) fn execute(
        &mut self,
        pid: Pid,
        argv: Vec<String>,
        env: Option<Vec<(String, String)>>,
    ) -> Result<(), Errno> {
        let (path, name) =
            self.find_program(pid, argv.first().map_or("", String::as_str), env.as_deref())?;
        if let (Some(env), Some(process)) = (env, self.processes.get_mut(&pid)) {
            process.env = env;
        }
        let (program, argv) = (self.load)(self, pid, &path, name, argv)?;
        let in_place = name.filter(|name| self.runs_in_place(pid, name));
        let Some(process) = self.processes.get_mut(&pid) else { return Ok(()) };
        process.title = in_place.map(|name| format!("{{{name}}} {}", process.command()));
        process.argv = argv;
        process.handled = 0;
        process.reaps = false;
        process.announced = false;
        let (handled, ignored, reaps) = program.dispositions();
        process.handled = handled & !process.ignored;
        process.ignored |= ignored;
        process.reaps = reaps;
        process.program = Some(program);
        let scheduled = process.wake.is_some();
        self.announce_program(pid);
        if !scheduled {
            self.wake(pid);
        }
        Ok(())
    }

    /// busybox' shell runs some of its own applets without execve: the command line stays that of
    /// the shell, and ps puts the name in front of it.
    ///
    /// Models busybox shell/ash.c tryexec (FEATURE_SH_STANDALONE) and applets.h APPLET_NOEXEC; of
    /// those only ps lists processes while it runs, and the others are over at once.
    fn runs_in_place(&self, pid: Pid, name: &str) -> bool {
        let shell = self.processes.get(&pid).is_some_and(|process| {
            matches!(process.name(), "sh" | "ash") && process.argv.len() > 1
        });
        shell && name == "ps" && self.is_busybox(pid)
    }

    /// Whether a process's small programs are busybox'.
    pub(in crate::workload) fn is_busybox(&self, pid: Pid) -> bool {
        self.container_of(pid)
            .is_none_or(|container| matches!(container.image.base, Base::Busybox | Base::Alpine))
    }
}
