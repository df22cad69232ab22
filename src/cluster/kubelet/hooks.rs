//! Lifecycle hooks: what runs after a start and before a stop.
//!
//! Models pkg/kubelet/lifecycle/handlers.go and the callers in kuberuntime_container.go. Does not
//! own: stopping (`termination`), or how a container is asked (`probe_handler`).

use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::actions::List;
use crate::cluster::kubelet::steps::KillStage;
use crate::cluster::kubelet::steps::StartStep;
use crate::cluster::kubelet::steps::Step;
use crate::cluster::kubelet::steps::{ExecOwner, HookOf};
use crate::cluster::{Wake, World};
use crate::manifest::pod::Container;
use crate::manifest::probe::LifecycleHandler;
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, Change, Entry, EntryId, HookKind, ProbeOutcome};

/// An HTTP hook has no time limit of its own; the runtime's requests have this one.
///
/// Models the CRI's two minutes (kubelet runtimeRequestTimeout).
const HTTP_TIMEOUT: Duration = Duration::from_secs(120);

impl World<'_> {
    /// Begins a hook; its end comes back to [`World::hook_ended`].
    pub(crate) fn run_hook(
        &mut self,
        of: HookOf,
        container: &Container,
        handler: &LifecycleHandler,
    ) {
        self.hook_entry(&of, &container.name, None);
        if let Some(exec) = &handler.exec {
            return self.run_exec_hook(of, container, &exec.command);
        }
        let (after, succeeded) = if let Some(sleep) = &handler.sleep {
            (Duration::from_secs(sleep.seconds), true)
        } else if let Some(http) = &handler.http_get {
            let uid = of.uid.clone();
            let plain = self.plain_for_tls(&uid, container, http);
            let mut http = http.clone();
            if let Some(host) = &plain {
                // Hooks ask once more without TLS (handlers.go isHTTPResponseError).
                http.scheme = "HTTP".to_owned();
                let message = format!(
                    "request to HTTPS lifecycle hook {host} got HTTP response, retry with HTTP \
                     succeeded"
                );
                self.say_of_pod(&uid, "Warning", "LifecycleHTTPFallback", message);
            }
            let reply = self.http_get(&uid, container, &http, HTTP_TIMEOUT, false);
            (reply.after, matches!(reply.outcome, ProbeOutcome::Success | ProbeOutcome::Warning))
        } else {
            // tcpSocket is accepted by the API and known to no kubelet: "invalid handler".
            (Duration::ZERO, false)
        };
        self.wake_after(after, Wake::HookEnded { of, succeeded }, None);
    }

    fn run_exec_hook(&mut self, of: HookOf, container: &Container, command: &[String]) {
        let now = self.now;
        let Some((node, id)) = self.running_container(&of.uid, &container.name) else {
            self.wake_after(Duration::ZERO, Wake::HookEnded { of, succeeded: false }, None);
            return;
        };
        match self.nodes[node].machine.exec(now, id, command) {
            Ok(exec) => {
                self.nodes[node].execs.insert(exec, ExecOwner::Hook(of));
                self.watch_machine(node);
            }
            Err(_) => {
                self.wake_after(Duration::ZERO, Wake::HookEnded { of, succeeded: false }, None);
            }
        }
    }

    /// A hook has ended.
    pub(crate) fn hook_ended(&mut self, of: &HookOf, succeeded: bool) {
        match of.kind {
            HookKind::PostStart => self.post_start_ended(of, succeeded),
            HookKind::PreStop => self.pre_stop_ended(of, succeeded),
        }
    }

    /// Records that a hook begins, or how it ended.
    pub(crate) fn hook_entry(
        &mut self,
        of: &HookOf,
        name: &str,
        result: Option<bool>,
    ) -> Option<EntryId> {
        let worker = self.worker(&of.uid)?;
        let subject = pod_subject(&worker.pod, Some(name));
        let cause = worker.sync.as_ref().and_then(|sync| sync.cause);
        let rule = match (of.kind, result) {
            (HookKind::PostStart, None) => Rule::PostStartBlocks,
            (HookKind::PreStop, None) => Rule::PreStopFirst,
            (HookKind::PostStart | HookKind::PreStop, Some(_)) => Rule::HookRan,
        };
        let change = Change::Hook { kind: of.kind, result };
        let at = self.now;
        let entry = self.record(Entry { at, actor: Actor::Kubelet, subject, change, cause, rule });
        self.sync_cause(&of.uid, Some(entry));
        Some(entry)
    }

    /// Begins the postStart hook of a container that has just been started, if it has one.
    pub(crate) fn post_start(
        &mut self,
        uid: &str,
        index: usize,
        list: List,
        container: &Container,
        id: u32,
    ) -> bool {
        let handler = container.lifecycle.as_ref().and_then(|l| l.post_start.clone());
        let Some(handler) = handler else { return false };
        self.set_step(uid, Step::Starting { index, list, step: StartStep::PostStart { id } });
        let of = HookOf { uid: uid.to_owned(), container: id, kind: HookKind::PostStart };
        self.run_hook(of, container, &handler);
        true
    }

    fn post_start_ended(&mut self, of: &HookOf, succeeded: bool) {
        let uid = &of.uid;
        let Some(sync) = self.worker(uid).and_then(|worker| worker.sync.as_ref()) else { return };
        let Step::Starting { index, list, step: StartStep::PostStart { id } } = sync.step else {
            return;
        };
        if id != of.container {
            return;
        }
        let Some(container) = self.worker(uid).and_then(|w| w.spec_of(index, list)).cloned() else {
            return;
        };
        self.hook_entry(of, &container.name, Some(succeeded));
        if succeeded {
            return self.start_next(uid);
        }
        let name = &container.name;
        let words = "PostStartHook failed";
        self.say_of_container(uid, name, "Warning", "FailedPostStartHook", words.to_owned());
        self.wait_for(uid, name, "PostStartHookError", words.to_owned());
        self.sync_failed(uid, None);
        self.set_step(uid, Step::Starting { index, list, step: StartStep::PostStartKill { id } });
        if self.worker(uid).is_some_and(|worker| worker.is_running(name)) {
            self.stop_container(uid, name, "FailedPostStartHook", None);
        } else {
            self.start_failed(uid, list, &container);
        }
    }

    fn pre_stop_ended(&mut self, of: &HookOf, succeeded: bool) {
        let waits = self
            .worker(&of.uid)
            .and_then(|worker| worker.kills.get(&of.container))
            .filter(|kill| kill.stage == KillStage::PreStop)
            .map(|kill| kill.name.clone());
        let Some(name) = waits else { return };
        self.hook_entry(of, &name, Some(succeeded));
        if !succeeded {
            let words = "PreStopHook failed".to_owned();
            self.say_of_container(&of.uid, &name, "Warning", "FailedPreStopHook", words);
        }
        self.pre_stop_over(&of.uid, of.container);
    }
}
