//! Programs about the system: ps, kill, date, hostname, id, env, ip, netstat, nginx -s, …
//!
//! Owns: what they do and print. Does not own: the process table (`kernel`).

use crate::time::{Duration, Instant};
use crate::workload::applets::Done;
use crate::workload::cri::{Signal, SignalFate};
use crate::workload::fs::{Content, base};
use crate::workload::image::tools::Base;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;

/// Runs one of these programs; `None` when it is none of them.
pub(super) fn run(kernel: &mut Kernel, pid: Pid, name: &str, args: &[String]) -> Option<Done> {
    let hostname = kernel
        .sandbox_of(pid)
        .map(|sandbox| sandbox.setup.hostname.clone())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| kernel.hostname.clone());
    let network = kernel.sandbox_of(pid).map_or(0, |sandbox| sandbox.network);
    let ip = kernel.networks.get(&network).map(|network| network.ip.clone()).unwrap_or_default();
    let first = args.first().map_or("", String::as_str);
    Some(match name {
        "true" | "sync" | "clear" | "stty" | "dmesg" | "mount" | "vi" | "less" | "more" | "top"
        | "install" | "sysctl" | "setsid" | "gzip" | "gunzip" | "tar" | "busybox" => {
            Done::default()
        }
        "false" => Done { code: 1, ..Done::default() },
        "hostname" => match first {
            "-i" | "-I" => Done::out(format!("{ip}\n")),
            _ => Done::out(format!("{hostname}\n")),
        },
        "whoami" => match kernel.user_name(pid) {
            name if name.parse::<i64>().is_err() => Done::out(format!("{name}\n")),
            uid if kernel.is_busybox(pid) => {
                Done::failed("whoami", &format!("unknown uid {uid}"), 1)
            }
            uid => Done::failed("whoami", &format!("cannot find name for user ID {uid}"), 1),
        },
        "id" => id(kernel, pid, first),
        "groups" => Done::out(format!("{}\n", kernel.user_name(pid))),
        "uname" => uname(args, &hostname),
        "arch" => Done::out("x86_64\n"),
        "nproc" => Done::out("2\n"),
        "tty" => Done { code: 1, ..Done::out("not a tty\n") },
        "date" => date(kernel, pid, args),
        "env" | "printenv" => {
            let process = kernel.processes.get(&pid)?;
            if name == "printenv" && !args.is_empty() {
                let mut done = Done::default();
                for arg in args {
                    match process.variable(arg) {
                        Some(value) => done.out += &format!("{value}\n"),
                        None => done.code = 1,
                    }
                }
                done
            } else {
                let lines = process.env.iter().map(|(key, value)| format!("{key}={value}\n"));
                Done::out(lines.collect::<String>())
            }
        }
        "kill" => {
            let (code, problem) = kill(kernel, pid, args);
            match problem {
                Some(problem) => Done { err: format!("{problem}\n"), code, ..Done::default() },
                None => Done { code, ..Done::default() },
            }
        }
        "pidof" | "pgrep" => pidof(kernel, pid, name, args),
        "killall" | "pkill" => killall(kernel, pid, name, args),
        "ps" => ps(kernel, pid, args),
        "ip" => ip_program(network, &ip, args)?,
        "ifconfig" => Done::out(format!(
            "eth0      Link encap:Ethernet\n          inet addr:{ip}\n\nlo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0\n"
        )),
        "netstat" => {
            let mut out = "Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n".to_owned();
            for port in kernel.networks.get(&network)?.listeners.keys() {
                out += &format!(
                    "tcp        0      0 {:23} {:23} LISTEN      \n",
                    format!("0.0.0.0:{port}"),
                    "0.0.0.0:*"
                );
            }
            Done::out(out)
        }
        "which" => {
            let mut done = Done::default();
            for arg in args {
                match kernel.find_program(pid, arg, None) {
                    Ok((path, _)) => done.out += &format!("{path}\n"),
                    Err(_) => done.code = 1,
                }
            }
            done
        }
        "free" => Done::out(
            "              total        used        free      shared  buff/cache   available\nMem:        8388608     1048576     6291456           0     1048576     7340032\nSwap:             0           0           0\n",
        ),
        "df" => Done::out(
            "Filesystem           1K-blocks      Used Available Use% Mounted on\noverlay               41151808  10485760  30666048  25% /\ntmpfs                    65536         0     65536   0% /dev\n",
        ),
        "uptime" => {
            let time = kernel.clock.rfc3339();
            Done::out(format!(" {} up 1 day,  load average: 0.10, 0.08, 0.05\n", time.get(11..19)?))
        }
        "who" => Done::default(),
        "pause" | "hello" => Done::out("Hello from Docker!\n"),
        "apt-get" | "apt" | "apk" | "yum" | "dnf" | "microdnf" | "pip" | "npm" | "yarn" => {
            let text = format!("{name}: installing packages is not simulated; taken to succeed");
            kernel.not_simulated(pid, &text);
            for package in args {
                for program in programs_of(package) {
                    let path = format!("/usr/bin/{program}");
                    let _ = kernel.put(pid, &path, Content::Program(program));
                }
            }
            Done::default()
        }
        _ => return None,
    })
}

/// The programs that a package brings, among those that are known here.
fn programs_of(package: &str) -> Vec<&'static str> {
    match package {
        "dnsutils" | "bind-tools" | "bind-utils" | "bind9-dnsutils" => vec!["nslookup", "dig"],
        "iproute2" | "iproute" => vec!["ip"],
        "procps" | "procps-ng" => vec!["ps", "free", "top", "pgrep", "pkill"],
        "net-tools" => vec!["netstat", "ifconfig"],
        "iputils-ping" | "iputils" => vec!["ping"],
        "netcat" | "netcat-openbsd" | "nmap-ncat" => vec!["nc"],
        name => crate::workload::image::tools::known(name).into_iter().collect(),
    }
}

fn id(kernel: &Kernel, pid: Pid, flag: &str) -> Done {
    let uid = kernel.processes.get(&pid).map_or(0, |process| process.uid);
    let name = kernel.user_name(pid);
    let named = name != uid.to_string();
    let setup = kernel.container_of(pid).map(|container| &container.setup);
    let group = kernel.group_of(pid);
    let known = |number: i64| match number {
        0 => "0(root)".to_owned(),
        number if number == uid && named => format!("{number}({name})"),
        number => number.to_string(),
    };
    let more = setup.map(|setup| setup.groups.as_slice()).unwrap_or_default();
    let mut groups = vec![group];
    groups.extend(more.iter().filter(|other| **other != group));
    // Linux keeps them in order (kernel/groups.c groups_sort).
    crate::order::sort(&mut groups);
    let every = |show: &dyn Fn(i64) -> String, between: &str| {
        groups.iter().map(|group| show(*group)).collect::<Vec<_>>().join(between)
    };
    match flag {
        "-u" => Done::out(format!("{uid}\n")),
        "-g" => Done::out(format!("{group}\n")),
        "-G" => Done::out(every(&|group| group.to_string(), " ") + "\n"),
        "-un" | "-gn" => Done::out(format!("{name}\n")),
        _ => {
            let groups = every(&known, ",");
            Done::out(format!("uid={} gid={} groups={groups}\n", known(uid), known(group)))
        }
    }
}

fn uname(args: &[String], hostname: &str) -> Done {
    let flags: String = args.iter().filter_map(|arg| arg.strip_prefix('-')).collect();
    let all = flags.contains('a');
    let parts = [
        (flags.is_empty() || all || flags.contains('s'), "Linux"),
        (all || flags.contains('n'), hostname),
        (all || flags.contains('r'), "6.18.44"),
        (all || flags.contains('v'), "#1 SMP"),
        (all || flags.contains('m'), "x86_64"),
        (all || flags.contains('o'), "GNU/Linux"),
    ];
    let words: Vec<&str> = parts.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
    Done::out(format!("{}\n", words.join(" ")))
}

fn date(kernel: &Kernel, pid: Pid, args: &[String]) -> Done {
    let told = args.iter().position(|arg| arg == "-d" || arg == "--date").map(|at| at + 1);
    let told = told.and_then(|at| args.get(at).map(String::as_str));
    let told = told.or_else(|| args.iter().find_map(|arg| arg.strip_prefix("--date=")));
    let now = match told {
        None | Some("now") => kernel.clock,
        Some(text) => match text.strip_prefix('@').and_then(|text| text.parse().ok()) {
            Some(seconds) => Instant::UNIX_EPOCH + Duration::from_secs(seconds),
            None => return Done::failed("date", &format!("invalid date '{text}'"), 1),
        },
    };
    let base = kernel.container_of(pid).map(|container| container.image.base);
    let format = args.iter().find_map(|arg| arg.strip_prefix('+'));
    if args.iter().any(|arg| arg == "-Iseconds" || arg == "-Is") {
        return Done::out(format!("{}\n", now.rfc3339().replace('Z', "+00:00")));
    }
    if args.iter().any(|arg| arg == "-I") {
        return Done::out(format!("{}\n", &now.rfc3339()[..10]));
    }
    let format = format.unwrap_or(if args.iter().any(|arg| arg == "-R") {
        "%a, %d %b %Y %H:%M:%S +0000"
    } else {
        "%a %b %e %H:%M:%S UTC %Y"
    });
    let iso = now.rfc3339();
    // `Mon, 05 Jan 2026 00:02:57 +0000`
    let long = now.rfc1123z();
    let micros = now.as_micros().rem_euclid(1_000_000);
    let mut result = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            result.push(c);
            continue;
        }
        let letter = chars.next();
        result += match letter {
            Some('Y') => &iso[..4],
            Some('y') => &iso[2..4],
            Some('m') => &iso[5..7],
            Some('d') => &iso[8..10],
            Some('H') => &iso[11..13],
            Some('M') => &iso[14..16],
            Some('S') => &iso[17..19],
            Some('T') => &iso[11..19],
            Some('R') => &iso[11..16],
            Some('F') => &iso[..10],
            Some('a') => &long[..3],
            Some('b' | 'h') => &long[8..11],
            Some('Z') => "UTC",
            Some('z') => "+0000",
            Some('n') => "\n",
            Some('t') => "\t",
            Some('%') => "%",
            Some('p') => {
                if &iso[11..13] < "12" {
                    "AM"
                } else {
                    "PM"
                }
            }
            Some('s') => {
                result += &now.unix_seconds().to_string();
                continue;
            }
            // busybox is built without FEATURE_DATE_NANO: glibc keeps what it does not know, and
            // musl, Alpine's library, stops there.
            Some('N') if base == Some(Base::Busybox) => "%N",
            Some('N') if base == Some(Base::Alpine) => break,
            Some('N') => {
                result += &format!("{:09}", micros * 1_000);
                continue;
            }
            Some('3') => {
                chars.next();
                result += &format!("{:03}", micros / 1_000);
                continue;
            }
            Some('e') => {
                result += &format!("{:>2}", iso[8..10].trim_start_matches('0'));
                continue;
            }
            Some('c') => {
                result += &format!(
                    "{} {} {} {} {}",
                    &long[..3],
                    &long[8..11],
                    &iso[8..10],
                    &iso[11..19],
                    &iso[..4]
                );
                continue;
            }
            Some(other) => {
                result.push('%');
                result.push(other);
                continue;
            }
            None => "%",
        };
    }
    Done::out(result + "\n")
}

/// `kill`: its exit code and what it complains about.
pub(in crate::workload) fn kill(
    kernel: &mut Kernel,
    pid: Pid,
    args: &[String],
) -> (i32, Option<String>) {
    let mut signal = Signal::TERM;
    let mut targets = Vec::new();
    let mut rest = args.iter();
    let mut flags = true;
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--" => flags = false,
            "-l" if flags && rest.len() > 0 => {
                let names = rest.map(|arg| match Signal::parse(arg) {
                    // A number asks for its name, and a name for its number.
                    Some(known) if arg.parse::<i32>().is_ok() => known.name().to_owned(),
                    Some(known) => known.0.to_string(),
                    None => arg.clone(),
                });
                let names: Vec<String> = names.collect();
                let _ = kernel.write(pid, 1, &format!("{}\n", names.join("\n")));
                return (0, None);
            }
            "-l" if flags => {
                let names: Vec<&str> = (1..32).map(|number| Signal(number).name()).collect();
                let _ = kernel.write(pid, 1, &format!("{}\n", names.join("\n")));
                return (0, None);
            }
            "-s" | "-n" if flags => match rest.next().and_then(|name| Signal::parse(name)) {
                Some(known) => signal = known,
                None => return (1, Some("kill: bad signal name".to_owned())),
            },
            text if flags && targets.is_empty() && text.starts_with('-') && text.len() > 1 => {
                match Signal::parse(&text[1..]) {
                    Some(known) => signal = known,
                    None => return (1, Some(format!("kill: bad signal name '{}'", &text[1..]))),
                }
                flags = false;
            }
            text => targets.push(text),
        }
    }
    if targets.is_empty() {
        return (1, Some("kill: you need to specify whom to kill".to_owned()));
    }
    let mut code = 0;
    let mut problem = None;
    let uid = kernel.processes.get(&pid).map_or(0, |process| process.uid);
    for target in targets {
        let Ok(number) = target.parse::<i64>() else {
            code = 1;
            problem = Some(format!("kill: invalid number '{target}'"));
            continue;
        };
        let pids: Vec<Pid> = if number == -1 {
            let ns = kernel.processes.get(&pid).map_or(0, |process| process.pid_ns);
            kernel
                .visible(ns)
                .into_iter()
                .filter(|other| {
                    *other != pid && kernel.processes.get(other).is_some_and(|p| p.ns_pid != 1)
                })
                .collect()
        } else {
            // 0 and other negative numbers mean process groups: here a process stands for its
            // group.
            let number = if number == 0 { return (0, None) } else { number.unsigned_abs() };
            u32::try_from(number)
                .ok()
                .and_then(|number| kernel.by_number(pid, number))
                .into_iter()
                .collect()
        };
        if pids.is_empty() {
            code = 1;
            problem = Some(format!("kill: can't kill pid {target}: No such process"));
        }
        for other in pids {
            if uid != 0 && kernel.processes.get(&other).is_some_and(|process| process.uid != uid) {
                code = 1;
                problem = Some(format!("kill: can't kill pid {target}: Operation not permitted"));
                continue;
            }
            // A zombie can be signalled: nothing happens, and that is no error.
            match kernel.signal_from(pid, other, signal) {
                SignalFate::Delivered | SignalFate::Ignored | SignalFate::NoProcess => {}
            }
        }
    }
    (code, problem)
}

/// The processes of a name that a process sees; newest first, as busybox' pidof prints them.
fn named(kernel: &Kernel, pid: Pid, name: &str, whole_line: bool) -> Vec<(u32, Pid)> {
    let ns = kernel.processes.get(&pid).map_or(0, |process| process.pid_ns);
    let mut found: Vec<(u32, Pid)> = kernel
        .visible(ns)
        .into_iter()
        .filter(|other| *other != pid)
        .filter_map(|other| {
            let process = kernel.processes.get(&other)?;
            let fits = if whole_line {
                process.command().contains(name)
            } else {
                process.name() == name || base(name) == process.name()
            };
            (fits && process.zombie.is_none())
                .then_some((if ns == 0 { other } else { process.ns_pid }, other))
        })
        .collect();
    found.reverse();
    found
}

fn pidof(kernel: &Kernel, pid: Pid, program: &str, args: &[String]) -> Done {
    let single = args.iter().any(|arg| arg == "-s");
    let whole = args.iter().any(|arg| arg == "-f");
    let mut numbers: Vec<u32> = args
        .iter()
        .filter(|arg| !arg.starts_with('-'))
        .flat_map(|name| named(kernel, pid, name, whole))
        .map(|(number, _)| number)
        .collect();
    if single {
        numbers.truncate(1);
    }
    if numbers.is_empty() {
        return Done { code: 1, ..Done::default() };
    }
    if program == "pgrep" {
        crate::order::sort(&mut numbers);
    }
    let separator = if program == "pgrep" { "\n" } else { " " };
    let text: Vec<String> = numbers.iter().map(u32::to_string).collect();
    Done::out(text.join(separator) + "\n")
}

fn killall(kernel: &mut Kernel, pid: Pid, program: &str, args: &[String]) -> Done {
    let mut signal = Signal::TERM;
    let mut done = Done::default();
    let whole = args.iter().any(|arg| arg == "-f");
    for arg in args {
        if let Some(flag) = arg.strip_prefix('-') {
            if let Some(known) = Signal::parse(flag) {
                signal = known;
            }
            continue;
        }
        let found = named(kernel, pid, arg, whole);
        if found.is_empty() {
            done.code = 1;
            if program == "killall" {
                done.complain("killall", &format!("{arg}: no process killed"));
            }
        }
        for (_, other) in found {
            kernel.signal_from(pid, other, signal);
        }
    }
    done
}

fn ps(kernel: &Kernel, pid: Pid, args: &[String]) -> Done {
    let ns = kernel.processes.get(&pid).map_or(0, |process| process.pid_ns);
    let flags: String = args.iter().filter(|arg| !arg.contains(',')).cloned().collect();
    let columns = args
        .iter()
        .position(|arg| arg == "-o")
        .and_then(|at| args.get(at + 1).cloned())
        .or_else(|| {
            args.iter()
                .find_map(|arg| arg.strip_prefix("-o").filter(|c| !c.is_empty()).map(str::to_owned))
        });
    let busybox = kernel.is_busybox(pid)
        || kernel
            .container_of(pid)
            .is_some_and(|c| c.image.command.first().is_some_and(|w| w == "nginx"));
    let columns = match columns {
        Some(columns) => columns,
        None if busybox => "pid,user,args".to_owned(),
        None if flags.contains('e') || flags.contains("-A") => "user,pid,ppid,time,args".to_owned(),
        None if flags.contains('u') || flags.contains('x') => "user,pid,stat,time,args".to_owned(),
        None => "pid,user,args".to_owned(),
    };
    let columns: Vec<&str> =
        columns.split(',').map(|column| column.split('=').next().unwrap_or(column)).collect();
    let heading = |column: &str| match column {
        "pid" => "PID  ".to_owned(),
        "ppid" => "PPID ".to_owned(),
        "user" | "ruser" => "USER    ".to_owned(),
        "uid" => "UID  ".to_owned(),
        "stat" | "s" | "state" => "STAT".to_owned(),
        "time" => "TIME  ".to_owned(),
        "etime" => "ELAPSED".to_owned(),
        _ => "COMMAND".to_owned(),
    };
    let mut out = columns.iter().map(|column| heading(column)).collect::<Vec<_>>().join(" ") + "\n";
    for other in kernel.visible(ns) {
        let Some(process) = kernel.processes.get(&other) else { continue };
        let cells: Vec<String> = columns
            .iter()
            .map(|column| match *column {
                "pid" => format!("{:5}", if ns == 0 { other } else { process.ns_pid }),
                "ppid" => format!("{:5}", kernel.parent_number(ns, other)),
                "user" | "ruser" => format!("{:8}", kernel.user_name(other)),
                "uid" => format!("{:5}", process.uid),
                "stat" | "s" | "state" => format!("{:4}", kernel.state(other)),
                "time" => "  0:00".to_owned(),
                "etime" => format!(
                    "{:>7}",
                    format!(
                        "{:02}:{:02}",
                        kernel.clock.since(process.started).as_secs() / 60,
                        kernel.clock.since(process.started).as_secs() % 60
                    )
                ),
                "comm" | "ucmd" => process.name().to_owned(),
                _ => process.command(),
            })
            .collect();
        out += cells.join(" ").trim_end();
        out.push('\n');
    }
    Done::out(out)
}

fn ip_program(network: u32, ip: &str, args: &[String]) -> Option<Done> {
    let words: Vec<&str> =
        args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    let what = words.first().copied().unwrap_or("");
    // As the bridge plugin makes them: 0a:58, and the address.
    let parts: Vec<u16> = ip.split('.').filter_map(|part| part.parse().ok()).collect();
    let at = |index: usize| parts.get(index).copied().unwrap_or(0);
    let mac = format!("0a:58:{:02x}:{:02x}:{:02x}:{:02x}", at(0), at(1), at(2), at(3));
    match what {
        "addr" | "a" | "address" | "link" | "l" => {
            let link = what.starts_with('l');
            let mut out = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n".to_owned();
            if !link {
                out += "    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n";
            }
            if !ip.is_empty() {
                let name = if network == 0 {
                    "eth0".to_owned()
                } else {
                    format!("eth0@if{}", 4 + network)
                };
                out += &format!(
                    "2: {name}: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue qlen 1000\n    link/ether {} brd ff:ff:ff:ff:ff:ff\n",
                    mac
                );
                if !link {
                    let bits = if network == 0 { 24 } else { 16 };
                    let wide = ip
                        .split('.')
                        .take(if bits == 16 { 2 } else { 3 })
                        .collect::<Vec<_>>()
                        .join(".");
                    let broadcast =
                        if bits == 16 { format!("{wide}.255.255") } else { format!("{wide}.255") };
                    out += &format!(
                        "    inet {ip}/{bits} brd {broadcast} scope global eth0\n       valid_lft forever preferred_lft forever\n"
                    );
                    // The kernel's own link-local address is the hardware one, spread (EUI-64).
                    out += &format!(
                        "    inet6 fe80::858:{:x}ff:fe{:02x}:{:x}/64 scope link \n       valid_lft forever preferred_lft forever\n",
                        at(0),
                        at(1),
                        at(2) << 8 | at(3)
                    );
                }
            }
            Some(Done::out(out))
        }
        "route" | "r" => {
            let start = ip.split('.').take(2).collect::<Vec<_>>().join(".");
            Some(Done::out(format!(
                "default via {start}.0.1 dev eth0 \n{start}.0.0/16 dev eth0 scope link  src {ip} \n"
            )))
        }
        _ => None,
    }
}

/// `nginx -s quit`, `nginx -t`, and nginx without `daemon off`.
pub(super) fn nginx(kernel: &mut Kernel, pid: Pid, args: &[String]) -> Done {
    if args.iter().any(|arg| arg == "-v" || arg == "-V") {
        return Done { err: "nginx version: nginx/1.29.1\n".to_owned(), ..Done::default() };
    }
    if args.iter().any(|arg| arg == "-t") {
        return Done {
            err: "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n".to_owned(),
            ..Done::default()
        };
    }
    if let Some(at) = args.iter().position(|arg| arg == "-s") {
        let signal = match args.get(at + 1).map(String::as_str) {
            Some("quit") => Signal::QUIT,
            Some("reload") => Signal::HUP,
            Some("reopen") => Signal(10),
            _ => Signal::TERM,
        };
        let container = kernel.processes.get(&pid).and_then(|process| process.container);
        let master = kernel
            .processes
            .iter()
            .find(|(_, process)| {
                process.container == container
                    && process.zombie.is_none()
                    && process
                        .title
                        .as_ref()
                        .is_some_and(|title| title.starts_with("nginx: master"))
            })
            .map(|(master, _)| *master);
        return match master {
            Some(master) => {
                kernel.signal_from(pid, master, signal);
                Done::default()
            }
            None => {
                Done::failed("nginx", "[error] invalid PID number \"\" in \"/run/nginx.pid\"", 1)
            }
        };
    }
    // It goes to the background: its parent ends, and with PID 1 the container.
    let argv: Vec<String> =
        ["nginx", "-g", "daemon off;"].iter().map(|word| (*word).to_owned()).collect();
    if let Some(child) = kernel.fork(pid, None)
        && kernel.execute(child, argv, None).is_err()
    {
        kernel.exit(child, 1, 0);
    }
    Done::default()
}

/// `150M`, `1G`, `512k`: bytes as stress and dd read them.
pub(super) fn bytes(text: &str) -> Option<i64> {
    let text = text.trim_end_matches(['i', 'B']);
    let (number, unit) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 1 << 10),
        (at, 'm' | 'M') => (&text[..at], 1 << 20),
        (at, 'g' | 'G') => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    number.parse::<i64>().ok().map(|number| number.saturating_mul(unit))
}
