//! How each program begins: scripts, shells, entrypoints, servers, small programs.
//!
//! Owns: making one ready to run, for the kernel's execve. Does not own: finding it
//! (`kernel::exec`), or what it then does (`shell`, `applets`, `server`).

mod behaviour;

use crate::workload::applets::Task;
use crate::workload::fs::Errno;
use crate::workload::image::tools::Base;
use crate::workload::kernel::process::Pid;
use crate::workload::kernel::{Kernel, Loaded, Program};
use crate::workload::server::Server;
use crate::workload::shell::code::compile;
use crate::workload::shell::vm::{Flavor, Vm};

/// Makes a program ready to run: the file behind `path`, or the program `name` that stands there.
pub(super) fn load(
    kernel: &mut Kernel,
    pid: Pid,
    path: &str,
    name: Option<&'static str>,
    argv: Vec<String>,
) -> Result<Loaded, Errno> {
    kernel.load(pid, path, name, argv, 0)
}

impl Kernel {
    fn load(
        &mut self,
        pid: Pid,
        path: &str,
        name: Option<&'static str>,
        argv: Vec<String>,
        depth: u32,
    ) -> Result<Loaded, Errno> {
        if depth > 4 {
            return Err(Errno::Loop);
        }
        let Some(name) = name else {
            let text = self.read_file(pid, path)?;
            let line = text.lines().next().unwrap_or("").strip_prefix("#!").unwrap_or("/bin/sh");
            let mut words = line.split_whitespace().map(str::to_owned);
            let interpreter = words.next().ok_or(Errno::NoExec)?;
            let mut new = vec![interpreter.clone()];
            new.extend(words);
            new.push(path.to_owned());
            new.extend(argv.into_iter().skip(1));
            let (path, name) = self.find_program(pid, &interpreter, None)?;
            return self.load(pid, &path, name, new, depth + 1);
        };
        match name {
            "sh" | "ash" | "bash" | "dash" | "zsh" => {
                let flavor = self.flavor(pid, name);
                Ok((self.shell(pid, flavor, &argv), argv))
            }
            "busybox" if argv.len() > 1 => {
                let applet = argv[1].clone();
                let (path, name) = self.find_program(pid, &applet, None)?;
                self.load(pid, &path, name, argv[1..].to_vec(), depth + 1)
            }
            // These run what stands after them, in their own place.
            "docker-entrypoint.sh" | "entrypoint.sh" if argv.len() > 1 => {
                let rest = self.entrypoint_words(pid, &argv);
                let (path, name) = self.find_program(pid, &rest[0], None)?;
                self.load(pid, &path, name, rest, depth + 1)
            }
            "env" | "nohup" | "setsid" | "nice" => self.load_prefix(pid, name, argv, depth),
            name => {
                if let Some(behaviour) = self.behaviour(pid, name, &argv) {
                    return Ok((Box::new(Server::new(behaviour)), argv));
                }
                Ok((Box::new(Task::new(name)), argv))
            }
        }
    }

    /// What an image's entrypoint script makes of its arguments: flags belong to the program.
    fn entrypoint_words(&self, pid: Pid, argv: &[String]) -> Vec<String> {
        let rest = argv[1..].to_vec();
        if !rest[0].starts_with('-') {
            return rest;
        }
        let main = self.container_of(pid).and_then(|container| container.image.command.first());
        match main {
            Some(main) => std::iter::once(main.clone()).chain(rest).collect(),
            None => rest,
        }
    }

    /// `env A=1 program …`: the program, in the place of env.
    fn load_prefix(
        &mut self,
        pid: Pid,
        name: &'static str,
        argv: Vec<String>,
        depth: u32,
    ) -> Result<Loaded, Errno> {
        let mut at = 1;
        while let Some(word) = argv.get(at) {
            match word.split_once('=') {
                Some((key, value)) if name == "env" && !word.starts_with('-') => {
                    if let Some(process) = self.processes.get_mut(&pid) {
                        process.env.retain(|(known, _)| known != key);
                        process.env.push((key.to_owned(), value.to_owned()));
                    }
                }
                _ if word == "-i" && name == "env" => {
                    if let Some(process) = self.processes.get_mut(&pid) {
                        process.env.clear();
                    }
                }
                _ if word == "-u" && name == "env" => {
                    at += 1;
                    if let (Some(process), Some(key)) = (self.processes.get_mut(&pid), argv.get(at))
                    {
                        process.env.retain(|(known, _)| known != key);
                    }
                }
                _ if word == "-n" => at += 1,
                _ if word.starts_with('-') => {}
                _ => break,
            }
            at += 1;
        }
        if name == "nohup"
            && let Some(process) = self.processes.get_mut(&pid)
        {
            process.ignored |= 1 << 1;
        }
        match argv.get(at) {
            None => Ok((Box::new(Task::new(name)), argv)),
            Some(program) => {
                let (path, found) = self.find_program(pid, program, None)?;
                self.load(pid, &path, found, argv[at..].to_vec(), depth + 1)
            }
        }
    }

    fn flavor(&self, pid: Pid, name: &str) -> Flavor {
        let base = self.container_of(pid).map_or(Base::Busybox, |container| container.image.base);
        match (base, name) {
            (_, "bash" | "zsh") | (Base::RedHat, _) => Flavor::Bash,
            (Base::Debian, _) => Flavor::Dash,
            (Base::Busybox | Base::Alpine | Base::Nothing, _) => Flavor::Ash,
        }
    }

    /// Begins a shell: `sh -c script`, `sh file`, or `sh` with the script on standard input.
    fn shell(&mut self, pid: Pid, flavor: Flavor, argv: &[String]) -> Box<dyn Program> {
        let mut options: Vec<(char, bool)> = Vec::new();
        let mut command = false;
        let mut pipe_fail = false;
        let mut at = 1;
        while let Some(word) = argv.get(at) {
            let on = word.starts_with('-');
            if !(on || word.starts_with('+')) || word.len() < 2 {
                break;
            }
            at += 1;
            if word == "--" {
                break;
            }
            if word.starts_with("--") {
                continue;
            }
            for letter in word.chars().skip(1) {
                match letter {
                    'c' => command = true,
                    'o' => {
                        match argv.get(at).map(String::as_str) {
                            Some("errexit") => options.push(('e', on)),
                            Some("nounset") => options.push(('u', on)),
                            Some("xtrace") => options.push(('x', on)),
                            Some("pipefail") => pipe_fail = on,
                            Some(_) | None => {}
                        }
                        at += 1;
                    }
                    letter => options.push((letter, on)),
                }
            }
        }
        let own = argv.first().cloned().unwrap_or_else(|| "sh".to_owned());
        let mut name = own.clone();
        let mut problem = None;
        let mut parameters: Vec<String> = Vec::new();
        let text = match argv.get(at) {
            Some(script) if command => {
                if let Some(zero) = argv.get(at + 1) {
                    name.clone_from(zero);
                    parameters = argv[at + 2..].to_vec();
                }
                Some(script.clone())
            }
            Some(file) => {
                name.clone_from(file);
                parameters = argv[at + 1..].to_vec();
                match self.read_file(pid, file) {
                    Ok(text) => Some(text),
                    Err(errno) => {
                        let (line, code) = match flavor {
                            Flavor::Ash => {
                                (format!("{own}: can't open '{file}': {}", errno.text()), 2)
                            }
                            Flavor::Dash => {
                                (format!("{own}: 0: cannot open {file}: No such file"), 2)
                            }
                            Flavor::Bash => (format!("{own}: {file}: {}", errno.text()), 127),
                        };
                        problem = Some((line, code));
                        None
                    }
                }
            }
            None if command => {
                problem = Some((format!("{own}: -c requires an argument"), 2));
                None
            }
            None => None,
        };
        let script = text.map(|text| compile(&text, true)).transpose().unwrap_or_else(|message| {
            let line = if flavor == Flavor::Ash { "" } else { "1: " };
            problem = Some((format!("{name}: {line}{message}"), 2));
            None
        });
        let (env, number, cwd) = self.processes.get(&pid).map_or_else(Default::default, |p| {
            (p.env.clone(), if p.pid_ns == 0 { pid } else { p.ns_pid }, p.cwd.clone())
        });
        if let Some((line, code)) = problem {
            let _ = self.write(pid, 2, &format!("{line}\n"));
            return Box::new(Task::ending(code));
        }
        let script = script.map(|code| (code, parameters));
        let mut vm = Vm::new(flavor, &name, script, &env, (number, &cwd));
        for (letter, on) in options {
            vm.set_option(letter, on);
        }
        vm.set_pipe_fail(pipe_fail);
        Box::new(vm)
    }
}
