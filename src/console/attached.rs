//! `kubectl run -it --rm`: a Pod for one command, and what that prints.
//!
//! Owns: waiting for its end, and taking it away again. Does not own: making the Pod
//! (`cluster::kubectl`). Models kubectl/pkg/cmd/run/run.go, the part behind `o.Attach`.

use crate::cluster::Cluster;
use crate::console::{Note, Terminal, printed};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::time::{Duration, Instant};
use crate::trace::{Change, Trace, Verb};
use crate::view::kubectl::{self, Output};

/// How long one waits for the end of the command. Invented, as for commands in containers.
const PATIENCE: Duration = Duration::from_secs(60);

/// The flags before the command of the container.
fn flags(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(String::as_str).take_while(|word| *word != "--")
}

/// Whether a flag is set, by its letter or its long name.
fn set(words: &[String], letter: char, long: &str) -> bool {
    flags(words).any(|word| match word.strip_prefix("--") {
        Some(name) => name == long || name.strip_prefix(long) == Some("=true"),
        None => word.starts_with('-') && !word.contains('=') && word[1..].contains(letter),
    })
}

/// Whether a line of `kubectl run` stays until the Pod ends.
pub(super) fn stays(words: &[String]) -> bool {
    let dry = flags(words).any(|word| word.starts_with("--dry-run"));
    let plain = |word: &str| matches!(word, "-i" | "-t" | "-it" | "-ti");
    !dry && (flags(words).any(plain)
        || ["stdin", "tty", "attach"].iter().any(|long| set(words, '\0', long)))
}

impl Terminal<'_> {
    /// Makes the Pod, waits for its end, and removes it when that is asked for.
    pub(super) fn run_attached(&mut self, words: &[String], line: &str) -> Output {
        let run = match line.trim().strip_prefix("k ") {
            Some(rest) => format!("kubectl {rest}"),
            None => line.trim().to_owned(),
        };
        let tried = self.attempt(&run, None, self.action_at);
        let made = tried.output.trim().strip_prefix("pod/");
        let Some(name) = made.and_then(|rest| rest.strip_suffix(" created")).map(str::to_owned)
        else {
            return printed(tried.output, tried.exit);
        };
        self.write(run, None);
        let mut scenario = self.scenario.clone();
        scenario.duration = self.at.since(Instant::ZERO) + PATIENCE;
        let trace = Cluster::run(&scenario);
        let ended = end(&trace, &name, self.action_at);
        let mut output = Output::default();
        if !set(words, 'q', "quiet") {
            output.stderr.push_str(
                "All commands and output from this session will be recorded in container logs, \
                 including credentials and sensitive information passed through the command \
                 prompt.\nIf you don't see a command prompt, try pressing enter.\n",
            );
        }
        let until = ended.map_or(trace.horizon(), |(at, _)| at);
        let state = trace.state_at(until);
        let of = ended.map_or("default", |(_, pod)| pod.metadata.namespace.as_str());
        let log = kubectl::run(&state, &trace, &format!("logs {name} -n {of}"));
        output.stdout = log.unwrap_or_default().stdout;
        let Some((at, pod)) = ended else {
            self.reply.notes.push(Note::StillRuns);
            return output;
        };
        let status = pod.status.container_statuses.first();
        let terminated = status.and_then(|own| own.state.terminated.as_ref());
        let failed = terminated.filter(|own| own.exit_code != 0);
        if let Some(own) = failed.filter(|_| pod.spec.restart_policy == "Never") {
            let (reason, message) = (&own.reason, &own.message);
            output.stderr.push_str(&format!("pod {of}/{name} terminated ({reason})\n{message}"));
            output.exit = own.exit_code;
        }
        let (stdin, tty) = (set(words, 'i', "stdin"), set(words, 't', "tty"));
        if pod.spec.restart_policy == "Always" && stdin && tty {
            output.stdout.push_str(&format!(
                "Session ended, resume using 'kubectl attach {name} -c {name} -i -t' command when \
                 the pod is running\n"
            ));
        }
        if flags(words).any(|word| matches!(word, "--rm" | "--rm=true")) {
            let tenths = at.as_micros().max(0).div_euclid(100_000) + 1;
            self.action_at = Instant::from_micros(tenths * 100_000);
            let run = format!("kubectl delete pod {name} -n {of}");
            let gone = self.attempt(&run, None, self.action_at);
            self.write(run, None);
            output.stdout.push_str(&gone.output);
        }
        output
    }
}

/// When the container of a Pod ended for the first time, and the Pod as it was then.
fn end<'t>(trace: &'t Trace, name: &str, from: Instant) -> Option<(Instant, &'t Pod)> {
    let later = trace.entries().iter().filter(|entry| entry.at >= from);
    later
        .filter_map(|entry| match &entry.change {
            Change::Stored { verb: Verb::Updated, object: Object::Pod(pod) } => {
                Some((entry.at, pod))
            }
            _ => None,
        })
        .find(|(_, pod)| {
            let over = |pod: &Pod| {
                pod.status.container_statuses.iter().any(|own| own.state.terminated.is_some())
            };
            pod.metadata.name == name && over(pod)
        })
        .map(|(at, pod)| (at, &**pod))
}
