//! What is inside a Pod, in English.

use super::{InsideTexts, clock};
use crate::trace::LocalAnswer;
use crate::view::anatomy::{Caption, Kind, SeatState};
use crate::view::processes::{Exec, Note, Processes};
use crate::view::timeline::Role;

pub(super) const TEXTS: InsideTexts = InsideTexts {
    seating: "Columns are containers, rows are namespaces; a merged cell is one that they share",
    pod: "Pod",
    share: "Share one PID namespace among the containers: writes shareProcessNamespace",
    cannot_share: "Not together with hostPID, and not for a mirror of a static Pod",
    holds: |kind| match kind {
        Kind::Net => "network",
        Kind::Ipc => "messages",
        Kind::Uts => "host name",
        Kind::Pid => "processes",
        Kind::Mnt => "file systems",
    },
    sandbox: "sandbox",
    pause: "holds the namespaces",
    role: |role| match role {
        Role::Init => "init",
        Role::Sidecar => "sidecar",
        Role::App => "app",
        Role::Ephemeral => "ephemeral",
    },
    state: |state| match state {
        SeatState::Waiting => "waiting".to_owned(),
        SeatState::Running => "running".to_owned(),
        SeatState::Ready => "ready".to_owned(),
        SeatState::Terminating => "terminating".to_owned(),
        SeatState::Exited(code) => format!("exit {code}"),
        SeatState::BackOff(code) => format!("exit {code} · back-off"),
    },
    veth: |node| format!("veth to {node}"),
    listens: |program| format!("{program} listens on"),
    taken: "Address already in use",
    localhost: |answer| match answer {
        LocalAnswer::Refused => "localhost, refused".to_owned(),
        LocalAnswer::Connected => "localhost, connected".to_owned(),
        LocalAnswer::Status(status) => format!("localhost, {status}"),
    },
    ipc: "System V shared memory, POSIX message queues",
    hostname: "hostname",
    pause_alone: "reaps nothing of yours",
    pause_reaps: "PID 1 for everybody, reaps orphans",
    more: |count| format!("{count} more"),
    volume: "Volume",
    volume_of: "the Pod’s",
    not_mounted: "not mounted yet",
    same_directory: "the same directory",
    read_only: "read-only",
    nodes_own: "the node’s own",
    user_time: "the node’s own, through the glass: user and time",
    caption: |caption| match caption {
        Caption::NoNode => (
            "No node yet: nothing of this Pod exists anywhere".to_owned(),
            "A Pod without a node is only an object in the API",
        ),
        Caption::NoSandbox => (
            "The node knows of the Pod; no namespace has been made".to_owned(),
            "Volumes come first, then the sandbox, then the containers",
        ),
        Caption::OnlyVolumes => (
            "The kubelet has made the volumes: for the Pod, not for any container".to_owned(),
            "The sandbox is next",
        ),
        Caption::OnlyNetwork { ip: None } => (
            "A network namespace, and nobody in it".to_owned(),
            "The runtime calls CNI next, which puts eth0 into it",
        ),
        Caption::OnlyNetwork { ip: Some(ip) } => (
            format!("A network with the address {ip}, and nobody in it"),
            "pause moves in next, and holds it open",
        ),
        Caption::PauseWithoutNetwork => (
            "pause is there before its network: so it was with dockershim".to_owned(),
            "CNI puts eth0 into the namespace of the pause that already runs",
        ),
        Caption::OnlyPause => (
            "pause has taken its seat and holds the namespaces open".to_owned(),
            "Containers come and go; the address and the name stay, because pause stays",
        ),
        Caption::One(name) => (
            format!("{name} and pause share network, IPC and host name"),
            "A second container would join the wide cells and get narrow ones of its own",
        ),
        Caption::Several(a, b) => (
            format!("{a} and {b} are on one host: same address, same ports, same name"),
            "Processes and files stay private",
        ),
        Caption::SharedPids(a, b) => (
            format!("One field merged one row: {a} and {b} see each other’s processes"),
            "PID 1 is pause. Files stay private, but /proc is a door",
        ),
        Caption::Clash { container, port, owner: Some(owner) } => (
            format!("{container} cannot listen on :{port}, because {owner} does"),
            "A Pod has one network namespace, and with it one set of ports",
        ),
        Caption::Clash { container, port, owner: None } => (
            format!("{container} could not listen on :{port}: it was taken"),
            "A Pod has one network namespace, and with it one set of ports",
        ),
        Caption::HostNetwork => (
            "hostNetwork: address, ports and host name are the node’s".to_owned(),
            "Two such Pods on one node cannot listen on the same port",
        ),
        Caption::Stopped => (
            "pause has ended, and with it the network: nobody is inside any more".to_owned(),
            "The object stays in the API until the kubelet has cleaned up",
        ),
    },
    chart: |pod, sentence| format!("Seating chart of {pod}: {sentence}"),
    shows: |command| format!("Type {command}"),
    click: "typed for you when you click a cell",
    no_pod: "No Pod exists at this moment",

    nodes: "Nodes",
    nodes_sub: "A Pod is a glass box on one node: containers inside, pause as its floor, one address",
    no_node: "No node yet",
    empty_node: "no Pod",
    images: "Images",
    unused: "unused now",
    manifests: "Manifests",
    no_manifests: "none: every Pod here came from the API server",
    manifest_runs: "the kubelet runs this file by itself; the API shows a mirror",
    unpublished: "no address published yet",
    show_pod: |pod| format!("Show {pod} in the seating chart"),

    points: "Point of view",
    no_process: "No process: the container is not running",
    headings: ["PID", "PPID", "STAT", "COMMAND", "PID on the node"],
    one: "PID 1",
    one_long: "ignores TERM unless handled",
    note: |note| match note {
        Note::One => "PID 1: must reap, and ignores TERM unless it handles it".to_owned(),
        Note::PauseReaps => "PID 1 of the Pod: reads the exit status of every orphan".to_owned(),
        Note::PauseAlone => "pause, alone in its PID namespace".to_owned(),
        Note::First => "first of its container, an ordinary process here".to_owned(),
        Note::Exec(Exec::Probe) => "run by a probe".to_owned(),
        Note::Exec(Exec::Hook) => "run by a hook".to_owned(),
        Note::Exec(Exec::You) => "run by kubectl exec".to_owned(),
        Note::Adopted { by_pause: true } => "orphan, adopted by pause".to_owned(),
        Note::Adopted { by_pause: false } => "orphan, adopted by PID 1".to_owned(),
        Note::Zombie(code) => format!("exit status {code} unread: nobody calls wait()"),
        Note::Gone(at) => format!("exit status read, gone at {}", clock(*at)),
        Note::Ports(ports) => {
            let ports: Vec<String> = ports.iter().map(|port| format!(":{port}")).collect();
            format!("listens on {}", ports.join(" "))
        }
        Note::Signalled { signal, at, ignored, by } => {
            let at = clock(*at);
            match (by, ignored) {
                (Some(pid), false) => format!("got {signal} from PID {pid} at {at}"),
                (Some(pid), true) => format!("ignored {signal} from PID {pid} at {at}"),
                (None, false) => format!("got {signal} at {at}"),
                (None, true) => format!("ignored {signal} at {at}"),
            }
        }
        Note::Stopped => "stopped until a CONT comes".to_owned(),
    },
    table,
    zombie_is: "A zombie is an exit status that nobody has read: no memory, no code, one slot",
    stat: |state| match state {
        'S' => "sleeping",
        'T' => "stopped",
        'Z' => "zombie",
        _ => "gone",
    },
    of_pod: |pod, container| match (pod, container) {
        ("", _) => "the node’s own".to_owned(),
        (pod, "") => format!("{pod} · pause"),
        (pod, container) => format!("{pod} · {container}"),
    },
    inside_as: |pid| format!("PID {pid} inside"),
    outside: "PPID 0: the parent lives outside this namespace",
};

fn table(processes: &Processes, point: usize) -> String {
    let Some(point) = processes.points.get(point) else { return String::new() };
    let zombies = point.rows.iter().filter(|row| row.is_zombie()).count();
    match (zombies, point.is_node, processes.shared) {
        (0, true, _) => "One kernel, one table: the node sees every process".to_owned(),
        (0, false, true) => {
            "One PID namespace for the Pod: everybody sees this table, and PID 1 is pause"
                .to_owned()
        }
        (0, false, false) => {
            format!("{} sees its own processes, and nothing else", point.name)
        }
        (1, ..) => "1 zombie: its parent lives, and never reads its exit status".to_owned(),
        (count, ..) => format!("{count} zombies: their parent lives, and never reads their status"),
    }
}
