//! `kubectl cp`, and the verbs that go on until they are stopped.
//!
//! Owns: what a copy does to the files of the session and to those of a container. Does not own:
//! what is printed at first (`plumbing`).

use crate::console::{Note, Terminal, failed, plumbing, printed};
use crate::view::kubectl::Output;

impl Terminal<'_> {
    /// A verb that joins this terminal to something.
    pub(super) fn join(&mut self, verb: &str, words: &[String]) -> Output {
        if verb == "cp" {
            return self.copy(words);
        }
        let state = self.trace.state_at(self.at);
        let output = match verb {
            "port-forward" => plumbing::port_forward(&state, words),
            "attach" => plumbing::attach(&state, words),
            "proxy" => plumbing::proxy(words),
            _ => plumbing::auth(words),
        };
        if output.exit == 0 && verb != "auth" {
            self.reply.notes.push(Note::StillRuns);
        }
        output
    }

    /// `kubectl cp`: between the files of this session and those of a container.
    ///
    /// Models kubectl/pkg/cmd/cp, which packs and unpacks with the container's tar.
    fn copy(&mut self, words: &[String]) -> Output {
        let mut flags = Vec::new();
        let mut paths = Vec::new();
        let mut rest = words.iter().map(String::as_str).filter(|word| *word != "cp");
        while let Some(word) = rest.next() {
            match word {
                "-n" | "--namespace" | "-c" | "--container" => {
                    flags.push(word);
                    flags.extend(rest.next());
                }
                word if word.starts_with('-') => flags.push(word),
                word => paths.push(word),
            }
        }
        let [from, to] = paths.as_slice() else {
            return failed("error: source and destination are required".to_owned(), 1);
        };
        let (away, here) = (from.split_once(':'), to.split_once(':'));
        let flags = shell_words::join(flags);
        let exec = |pod: &str, script: &str| {
            let script = shell_words::quote(script);
            // `namespace/pod` stands for both.
            let (space, pod) = match pod.split_once('/') {
                Some((namespace, pod)) => (format!(" -n {namespace}"), pod),
                None => (String::new(), pod),
            };
            format!("kubectl exec {pod}{space} {flags} -- sh -c {script}")
        };
        match (away, here) {
            (Some(_), Some(_)) => {
                failed("error: one of src or dest must be a local file specification".to_owned(), 1)
            }
            (None, None) => failed(
                "error: one of src or dest must be a remote file specification".to_owned(),
                1,
            ),
            (Some((pod, path)), None) => {
                let run = exec(pod, &format!("cat {}", shell_words::quote(path)));
                let tried = self.attempt(&run, None, self.at);
                if tried.exit != 0 && tried.output.contains("No such file") {
                    let name = path.trim_start_matches('/');
                    let words = format!(
                        "tar: {name}: Cannot stat: No such file or directory\ntar: Exiting with \
                         failure status due to previous errors\nerror: exit status 2"
                    );
                    return failed(words, 1);
                }
                if tried.exit != 0 {
                    return printed(tried.output, tried.exit);
                }
                let said = |line: &&str| line.starts_with("Defaulted container");
                let text = tried.output.split_inclusive('\n').filter(|line| !said(line)).collect();
                let notice: String = tried.output.split_inclusive('\n').filter(said).collect();
                self.files.insert((*to).to_owned(), text);
                let mut output = Output::notice_text(notice);
                if path.starts_with('/') {
                    output.stderr.push_str("tar: Removing leading `/' from member names\n");
                }
                output
            }
            (None, Some((pod, path))) => {
                let Some(text) = self.files.get(*from).cloned() else {
                    let words = format!("error: {from} doesn't exist in local filesystem");
                    return failed(words, 1);
                };
                let (text, path) = (shell_words::quote(&text), shell_words::quote(path));
                let run = exec(pod, &format!("printf %s {text} > {path}"));
                let argv = ["sh", "-c", ">"].map(str::to_owned);
                self.run_exec(run, &argv)
            }
        }
    }
}
