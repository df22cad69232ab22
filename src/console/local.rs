//! The terminal's own small programs: `grep`, `head`, `wc` and the like, and files of the session.
//!
//! Owns: running a pipeline where kubectl runs. It is a container of its own, so that there is one
//! shell in the house and not two. Does not own: the programs (`workload`).

use crate::map::Map;
use crate::time::Instant;
use crate::view::kubectl::Output;
use crate::workload::cri::{ContainerSetup, Happening, Mount, SandboxSetup};
use crate::workload::image::Catalogue;
use crate::workload::machine::Machine;

/// Where the files of the session lie.
const HOME: &str = "/root";
/// What is piped in.
const STDIN: &str = ".stdin";
/// Virtual seconds that a pipeline may take.
const PATIENCE: i64 = 60;

/// The programs that exist in a terminal here.
pub const PROGRAMS: &str = " awk base64 basename cat cut date dirname echo egrep expr false fgrep \
                            grep head ls printf pwd rev sed seq sleep sort tail tee test tr true \
                            uniq wc which whoami xargs ";

/// Runs a script with an input; what it prints, and how it ends.
pub fn run(script: &str, input: Option<&str>, files: &Map<String, String>) -> Output {
    let mut machine = Machine::new("terminal", "127.0.0.1", Catalogue::default());
    let sandbox = machine.create_sandbox(SandboxSetup::default());
    machine.start_pause(Instant::ZERO, sandbox);
    let volume = machine.create_volume();
    for (name, text) in files {
        machine.write_volume(volume, name, text);
    }
    let script = match input {
        Some(input) => {
            machine.write_volume(volume, STDIN, input);
            format!("cat {HOME}/{STDIN} | {script}")
        }
        None => script.to_owned(),
    };
    let mount = Mount { path: HOME.to_owned(), volume, sub_path: String::new(), read_only: false };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let container = machine.create_container(
        sandbox,
        ContainerSetup {
            name: "terminal".to_owned(),
            image: "busybox".to_owned(),
            command: words(&["sleep", "100000"]),
            working_dir: HOME.to_owned(),
            mounts: vec![mount],
            ..ContainerSetup::default()
        },
    );
    let failed = |words: String| Output { stderr: words + "\n", exit: 1, ..Output::default() };
    if let Err(why) = machine.start_container(Instant::ZERO, container) {
        return failed(why.0);
    }
    let exec = match machine.exec(Instant::ZERO, container, &words(&["sh", "-c", &script])) {
        Ok(exec) => exec,
        Err(why) => return failed(why.0),
    };
    let end = Instant::from_secs(PATIENCE);
    while let Some(at) = machine.next_wakeup().filter(|at| *at <= end) {
        for happening in machine.advance(at) {
            match happening {
                Happening::ExecFinished { exec: ended, code, output } if ended == exec => {
                    return Output { stdout: output, exit: code, ..Output::default() };
                }
                Happening::Request { id, .. } => {
                    machine.answer(at, id, crate::workload::cri::Answer::Unreachable);
                }
                _ => {}
            }
        }
    }
    failed("^C".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_goes_through_pipes() {
        let none = Map::new();
        let table = "NAME  STATUS\nweb-1 Running\nweb-2 Pending\n";
        assert_eq!(run("grep web | wc -l", Some(table), &none).stdout.trim(), "2");
        assert_eq!(
            run("tail -n +2 | awk '{print $2}'", Some(table), &none).stdout,
            "Running\nPending\n"
        );
        let missing = run("grep nothing", Some(table), &none);
        assert_eq!((missing.stdout.as_str(), missing.exit), ("", 1));
        let files = Map::from([("a.yaml".to_owned(), "kind: Pod\n".to_owned())]);
        assert_eq!(run("cat a.yaml", None, &files).stdout, "kind: Pod\n");
    }
}
