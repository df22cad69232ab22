//! Programs that serve: when they listen, what they answer, how they end.
//!
//! Owns: [`Behaviour`], a server as data, and [`Server`], one that runs. Does not own: which image
//! has which (`catalogue`).

pub(super) mod pages;

use std::rc::Rc;

use crate::manifest::scenario_document::HttpSpec;
use crate::time::{Duration, Instant};
use crate::workload::cri::ProcessStep;
use crate::workload::cri::{Answer, Signal};
use crate::workload::kernel::process::{Pid, Step};
use crate::workload::kernel::{Kernel, Lasting, Program};

/// What a signal does to a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum OnSignal {
    /// It has no handler.
    #[default]
    Default,
    Ignore,
    /// It stops listening and ends some time later.
    End {
        after: Duration,
        code: i32,
    },
    /// It reads its configuration again.
    Reload,
}

/// Ports on which TLS is spoken. Invented: by habit.
const TLS_PORTS: [u16; 4] = [443, 6443, 8443, 9443];

/// What a server answers to paths that no rule names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Pages {
    /// It does not speak HTTP.
    #[default]
    None,
    /// Always this.
    Always(u16, String),
    /// 200 for the root, 404 for anything else.
    Root(String),
    /// Files below a directory.
    Files(String),
    /// What nginx' configuration says.
    Nginx,
    /// The example of the Kubernetes documentation: healthy for ten seconds.
    Liveness,
    /// agnhost netexec: /healthz, /hostname, /echo?msg=….
    Netexec,
    /// The name of the host.
    Hostname,
}

/// A server as data.
#[derive(Clone, Debug, Default)]
pub(super) struct Behaviour {
    /// Ports and how long after the start each opens.
    pub(super) ports: Vec<(u16, Duration)>,
    pub(super) pages: Pages,
    pub(super) rules: Vec<HttpSpec>,
    pub(super) term: OnSignal,
    pub(super) int: OnSignal,
    pub(super) quit: OnSignal,
    pub(super) hup: OnSignal,
    pub(super) usr1: OnSignal,
    /// apache's graceful stop.
    pub(super) winch: OnSignal,
    pub(super) title: Option<String>,
    /// Children: how many, what they are called and whose they are.
    pub(super) workers: Option<(u32, String, i64)>,
    /// Lines at the start; `{pid}` is its own PID.
    pub(super) log: Vec<String>,
    pub(super) exit: Option<(Duration, i32)>,
    pub(super) memory: i64,
    pub(super) memory_a_minute: i64,
    /// It reaps children that are not its own.
    pub(super) reaps: bool,
    /// It logs requests.
    pub(super) access_log: bool,
    pub(super) nginx: bool,
}

impl Behaviour {
    /// A Go program without a handler: its runtime catches the signal, raises it again in vain as
    /// PID 1, and exits with 2 (recorded of agnhost).
    pub(super) fn go() -> Self {
        Self::ending(2)
    }

    /// Ends on TERM and INT with this exit code, at once.
    pub(super) fn ending(code: i32) -> Self {
        let end = OnSignal::End { after: Duration::from_millis(5), code };
        Self { term: end, int: end, ..Self::default() }
    }
}

/// nginx tries to bind this often, this far apart (src/core/ngx_connection.c).
const BIND_ATTEMPTS: u32 = 5;
const BIND_RETRY: Duration = Duration::from_millis(500);

/// How long an answer takes of which nobody says anything. Invented: a small page on a quiet
/// server.
const QUICK: Duration = Duration::from_millis(1);

/// A server that runs.
#[derive(Clone, Debug)]
pub(super) struct Server {
    behaviour: Rc<Behaviour>,
    started: Option<Instant>,
    opened: Vec<u16>,
    refused: u32,
    retry: Option<Instant>,
    ending: Option<(Instant, i32)>,
    workers_run: bool,
}

impl Server {
    pub(super) fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour: Rc::new(behaviour),
            started: None,
            opened: Vec::new(),
            refused: 0,
            retry: None,
            ending: None,
            workers_run: false,
        }
    }

    fn elapsed(&self, now: Instant) -> Duration {
        self.started.map_or(Duration::ZERO, |started| now.since(started))
    }

    /// When it has something to do by itself.
    fn next(&self, kernel: &Kernel, pid: Pid) -> Option<Instant> {
        let started = self.started?;
        let ports = self
            .behaviour
            .ports
            .iter()
            .filter(|(port, _)| !self.opened.contains(port))
            .map(|(_, after)| started + *after);
        let exit = self.behaviour.exit.map(|(after, _)| started + after);
        ports.chain(exit).chain(self.retry).chain(self.memory_end(kernel, pid)).min()
    }

    /// When it will have used up its memory.
    fn memory_end(&self, kernel: &Kernel, pid: Pid) -> Option<Instant> {
        let limit = kernel.memory_limit(pid)?;
        let b = &self.behaviour;
        if b.memory > limit {
            return self.started;
        }
        if b.memory_a_minute <= 0 {
            return None;
        }
        let left = (limit - b.memory).max(0);
        let micros = i128::from(left) * 60_000_000 / i128::from(b.memory_a_minute) + 1;
        Some(self.started? + Duration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX / 4)))
    }

    fn memory_fits(&self, kernel: &mut Kernel, pid: Pid) -> Result<(), Step> {
        if self.memory_end(kernel, pid).is_some_and(|end| end <= kernel.clock) {
            kernel.out_of_memory(pid);
            return Err(Step::Replaced);
        }
        Ok(())
    }

    /// Opens the ports that are due; `Some` when it has to wait or to end.
    fn open_ports(&mut self, kernel: &mut Kernel, pid: Pid) -> Option<Step> {
        let now = kernel.clock;
        let network = kernel.sandbox_of(pid).map_or(0, |sandbox| sandbox.network);
        if self.retry.is_some_and(|at| at > now) {
            return Some(Step::Block(self.retry));
        }
        self.retry = None;
        let due: Vec<u16> = self
            .behaviour
            .ports
            .iter()
            .filter(|(port, after)| !self.opened.contains(port) && *after <= self.elapsed(now))
            .map(|(port, _)| *port)
            .collect();
        for port in due {
            let network = kernel.networks.entry(network).or_default();
            let taken = network.listeners.contains_key(&port);
            if !taken {
                network.listeners.insert(port, pid);
                kernel.doors += 1;
                self.opened.push(port);
            }
            if !taken || self.refused == 0 {
                kernel.tell(pid, ProcessStep::Listens { port, taken });
            }
            if taken {
                return Some(self.bind_failed(kernel, pid, port));
            }
        }
        None
    }

    fn bind_failed(&mut self, kernel: &mut Kernel, pid: Pid, port: u16) -> Step {
        if self.behaviour.nginx {
            self.refused += 1;
            self.emerg(
                kernel,
                pid,
                &format!("bind() to 0.0.0.0:{port} failed (98: Address already in use)"),
            );
            if self.refused < BIND_ATTEMPTS {
                self.retry = Some(kernel.clock + BIND_RETRY);
                return Step::Block(self.retry);
            }
            self.emerg(kernel, pid, "still could not bind()");
        } else {
            let text = format!("listen tcp :{port}: bind: address already in use\n");
            let _ = kernel.write(pid, 2, &text);
        }
        Step::Exit(1)
    }

    fn emerg(&self, kernel: &mut Kernel, pid: Pid, message: &str) {
        let number = kernel.processes.get(&pid).map_or(1, |process| process.ns_pid);
        let text = format!(
            "{} [emerg] {number}#{number}: {message}\nnginx: [emerg] {message}\n",
            nginx_time(kernel.clock)
        );
        let _ = kernel.write(pid, 2, &text);
    }

    fn notice(&self, kernel: &mut Kernel, pid: Pid, message: &str) {
        let number = kernel.processes.get(&pid).map_or(1, |process| process.ns_pid);
        let text = format!("{} [notice] {number}#{number}: {message}\n", nginx_time(kernel.clock));
        let _ = kernel.write(pid, 2, &text);
    }

    fn start_log(&self, kernel: &mut Kernel, pid: Pid) {
        for line in &self.behaviour.log {
            if self.behaviour.nginx {
                self.notice(kernel, pid, line);
            } else {
                let _ = kernel.write(pid, 1, &format!("{line}\n"));
            }
        }
    }

    fn start_workers(&self, kernel: &mut Kernel, pid: Pid) {
        let Some((count, title, uid)) = &self.behaviour.workers else { return };
        for _ in 0..*count {
            let worker = Behaviour { quit: self.behaviour.quit, ..Behaviour::ending(0) };
            let mut server = Self::new(worker);
            server.workers_run = true;
            let (handled, _, _) = server.dispositions();
            let Some(child) = kernel.fork(pid, Some(Box::new(server))) else { return };
            if let Some(process) = kernel.processes.get_mut(&child) {
                process.title = Some(title.clone());
                process.uid = *uid;
                process.handled = handled;
            }
            if self.behaviour.nginx {
                let number = kernel.processes.get(&child).map_or(0, |process| process.ns_pid);
                self.notice(kernel, pid, &format!("start worker process {number}"));
            }
            kernel.announce(child);
        }
    }

    fn stop_workers(&self, kernel: &mut Kernel, pid: Pid) {
        let workers: Vec<Pid> = kernel
            .processes
            .iter()
            .filter(|(_, process)| process.parent == Some(pid) && process.zombie.is_none())
            .map(|(child, _)| *child)
            .collect();
        for worker in workers {
            kernel.exit(worker, 0, 0);
        }
    }

    fn reload(&mut self, kernel: &mut Kernel, pid: Pid) {
        if self.behaviour.nginx {
            self.notice(kernel, pid, "signal 1 (SIGHUP) received, reconfiguring");
            self.notice(kernel, pid, "reconfiguring");
        }
        let before: Vec<Pid> = kernel
            .processes
            .iter()
            .filter(|(_, process)| process.parent == Some(pid) && process.zombie.is_none())
            .map(|(child, _)| *child)
            .collect();
        self.start_workers(kernel, pid);
        for worker in before {
            kernel.exit(worker, 0, 0);
        }
    }

    fn close(&mut self, kernel: &mut Kernel, pid: Pid) {
        let mut listened = false;
        for network in kernel.networks.values_mut() {
            let before = network.listeners.len();
            network.listeners.retain(|_, owner| *owner != pid);
            listened |= network.listeners.len() < before;
        }
        if listened {
            kernel.doors += 1;
            kernel.tell(pid, ProcessStep::Closed);
        }
        self.opened = self.behaviour.ports.iter().map(|(port, _)| *port).collect();
    }
}

impl Program for Server {
    fn step(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        let now = kernel.clock;
        let behaviour = self.behaviour.clone();
        if self.started.is_none() {
            self.started = Some(now);
            if let (Some(title), Some(process)) = (&behaviour.title, kernel.processes.get_mut(&pid))
            {
                process.title = Some(title.clone());
            }
            if let Err(code) = self.memory_fits(kernel, pid) {
                return code;
            }
        }
        while let Some(signal) = kernel.processes.get_mut(&pid).and_then(|p| p.pending.pop_front())
        {
            let what = match signal {
                Signal::TERM => behaviour.term,
                Signal::INT => behaviour.int,
                Signal::QUIT => behaviour.quit,
                Signal::HUP => behaviour.hup,
                Signal(10) => behaviour.usr1,
                Signal(28) => behaviour.winch,
                _ => OnSignal::Ignore,
            };
            match what {
                OnSignal::Default | OnSignal::Ignore => {}
                OnSignal::Reload => self.reload(kernel, pid),
                OnSignal::End { after, code } => {
                    if behaviour.nginx {
                        self.notice(
                            kernel,
                            pid,
                            &format!(
                                "signal {} (SIG{}) received, {}",
                                signal.0,
                                signal.name(),
                                if signal == Signal::QUIT { "shutting down" } else { "exiting" }
                            ),
                        );
                    }
                    let at = now + after;
                    self.ending =
                        Some(self.ending.map_or((at, code), |before| before.min((at, code))));
                    self.close(kernel, pid);
                }
            }
        }
        if let Some((at, code)) = self.ending {
            if at <= now {
                self.stop_workers(kernel, pid);
                return Step::Exit(code);
            }
            return Step::Block(Some(at));
        }
        if let Some((after, code)) = behaviour.exit
            && self.elapsed(now) >= after
        {
            self.stop_workers(kernel, pid);
            return Step::Exit(code);
        }
        if let Some(step) = self.open_ports(kernel, pid) {
            return step;
        }
        if !self.workers_run {
            self.workers_run = true;
            self.start_log(kernel, pid);
            self.start_workers(kernel, pid);
        }
        if let Err(step) = self.memory_fits(kernel, pid) {
            return step;
        }
        Step::Block(self.next(kernel, pid))
    }

    fn dispositions(&self) -> (u64, u64, bool) {
        let (mut handled, mut ignored) = (0, 0);
        let b = &self.behaviour;
        for (signal, what) in [
            (Signal::TERM, b.term),
            (Signal::INT, b.int),
            (Signal::QUIT, b.quit),
            (Signal::HUP, b.hup),
            (Signal(10), b.usr1),
            (Signal(28), b.winch),
        ] {
            match what {
                OnSignal::Default => {}
                OnSignal::Ignore => ignored |= 1 << signal.0,
                OnSignal::End { .. } | OnSignal::Reload => handled |= 1 << signal.0,
            }
        }
        (handled, ignored, b.reaps)
    }

    fn memory(&self, now: Instant) -> Option<i64> {
        let b = &self.behaviour;
        if b.memory == 0 && b.memory_a_minute == 0 {
            return None;
        }
        let micros = i128::from(self.elapsed(now).as_micros());
        let grown = i128::from(b.memory_a_minute) * micros / 60_000_000;
        Some(b.memory.saturating_add(i64::try_from(grown).unwrap_or(i64::MAX / 2)))
    }

    fn grows(&self) -> bool {
        self.behaviour.memory_a_minute > 0
    }

    fn serves(&self) -> bool {
        true
    }

    fn speaks_plainly(&self, port: u16) -> bool {
        // Of what always answers alike nobody knows how it speaks.
        let known = match self.behaviour.pages {
            Pages::None | Pages::Always(..) => false,
            Pages::Root(_)
            | Pages::Files(_)
            | Pages::Nginx
            | Pages::Liveness
            | Pages::Netexec
            | Pages::Hostname => true,
        };
        known && !TLS_PORTS.contains(&port)
    }

    fn latency(&self, now: Instant, path: &str) -> Duration {
        self.rule(now, path).and_then(|rule| rule.latency).unwrap_or(QUICK)
    }

    fn answer(
        &self,
        kernel: &mut Kernel,
        pid: Pid,
        path: Option<&str>,
        client: (&str, &str),
    ) -> Answer {
        let Some(path) = path else { return Answer::Connected };
        let answer = self.page(kernel, pid, path);
        if let Some((before, after)) = self.access_line(path, &answer, client) {
            let text = format!("{before}{}{after}\n", kernel.clock.common_log());
            let _ = kernel.write(pid, 1, &text);
        }
        answer
    }

    fn steady(&self, kernel: &Kernel, pid: Pid, path: &str, client: (&str, &str)) -> Lasting {
        if !self.is_steady(kernel.clock, path) {
            return None;
        }
        let answer = self.page(kernel, pid, path);
        let line = self.access_line(path, &answer, client);
        Some((answer, line))
    }
}

/// `2026/01/05 00:00:10`.
fn nginx_time(at: Instant) -> String {
    let text = at.rfc3339();
    format!("{} {}", text[..10].replace('-', "/"), &text[11..19])
}
