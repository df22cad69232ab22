//! The seating chart of a Pod: columns are containers, rows are namespaces, and a merged cell is a
//! namespace that several containers share.
//!
//! Owns: the picture as plain structs ([`Anatomy`]) and as text. Does not own: replaying a trace
//! (`inside`), how it is drawn (`draw`), or any sentence (`i18n`).
//!
//! Cells are merged because the numbers of the namespaces are equal, as `readlink
//! /proc/self/ns/net` would print them, and not because a field says so.

mod command;
mod text;

pub use command::{command, program, short_path};

use std::rc::Rc;

use crate::manifest::pod::{Container, ContainerStatus, Pod};
use crate::manifest::volume::Volume;
use crate::time::Instant;
use crate::trace::{LocalAnswer, Namespaces, Trace};
use crate::view::inside::{Inside, MIRROR, PodInside, Process, Seat, Stage, inside, pod_at};
use crate::view::kubectl::pod_row::print_pod;
use crate::view::timeline::Role;
use crate::workload::machine::Machine;

/// More lines than this in a cell of processes become a number.
const MOST_PROCESSES: usize = 4;

/// The seating chart of one Pod at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anatomy {
    /// The Pod's name.
    pub pod: String,
    /// Its namespace.
    pub namespace: String,
    /// Its node; empty before it has one.
    pub node: String,
    /// The address of its network namespace, whoever knows it yet.
    pub ip: Option<String>,
    /// The address that the API shows.
    pub published_ip: Option<String>,
    /// STATUS and READY as kubectl prints them: `Running 2/2`.
    pub status: String,
    /// `shareProcessNamespace`.
    pub shares_processes: bool,
    /// Whether that field may be changed: not together with hostPID, not of a static Pod.
    pub can_share: bool,
    /// The host name that its processes see.
    pub hostname: String,
    /// The columns; pause is the first.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The volumes that a container mounts, each a row below the others.
    pub volumes: Vec<VolumeRow>,
    /// The newest request from one container to another's port.
    pub asked: Option<Request>,
    /// What the picture shows in one sentence.
    pub caption: Caption,
    /// How far the sandbox is.
    pub stage: Stage,
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it is for; nothing for pause.
    pub role: Option<Role>,
    /// Its image.
    pub image: String,
    /// How it is.
    pub state: SeatState,
    /// How often it was started again.
    pub restarts: i32,
    /// A port that it wanted and cannot have.
    pub clash: Option<u16>,
}

impl Column {
    /// Whether it has a first process.
    pub fn is_taken(&self) -> bool {
        matches!(self.state, SeatState::Running | SeatState::Ready | SeatState::Terminating)
    }
}

/// How a seat is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeatState {
    /// Not started yet.
    Waiting,
    /// Running, and not ready.
    Running,
    /// Ready.
    Ready,
    /// Asked to end.
    Terminating,
    /// It has ended.
    Exited(i32),
    /// It has ended, and is held back before its next start.
    BackOff(i32),
}

/// Which namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Network.
    Net,
    /// Shared memory and message queues.
    Ipc,
    /// Host name.
    Uts,
    /// Processes.
    Pid,
    /// File systems.
    Mnt,
}

impl Kind {
    /// Every kind, top to bottom.
    pub const ALL: [Self; 5] = [Self::Net, Self::Ipc, Self::Uts, Self::Pid, Self::Mnt];

    /// As the kernel calls it, in capitals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Net => "NET",
            Self::Ipc => "IPC",
            Self::Uts => "UTS",
            Self::Pid => "PID",
            Self::Mnt => "MNT",
        }
    }

    const fn of(self, numbers: &Namespaces) -> u32 {
        match self {
            Self::Net => numbers.net,
            Self::Ipc => numbers.ipc,
            Self::Uts => numbers.uts,
            Self::Pid => numbers.pid,
            Self::Mnt => numbers.mnt,
        }
    }
}

/// One namespace, or one for each container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub kind: Kind,
    /// Its cells, left to right; together they are as wide as the columns.
    pub cells: Vec<Cell>,
}

/// A namespace; an empty seat has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The first column.
    pub from: usize,
    /// One past the last column.
    pub to: usize,
    /// Its number; `None` for an empty seat.
    pub number: Option<u32>,
    /// It is the node's own.
    pub node: bool,
    /// What stands in it, for each of its columns.
    pub items: Vec<Vec<Item>>,
}

impl Cell {
    /// Whether several containers share it.
    pub fn is_shared(&self) -> bool {
        self.to - self.from > 1
    }
}

/// Something in a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A network interface and its address.
    Interface {
        /// `lo`, `eth0`.
        name: &'static str,
        /// Its address.
        address: String,
    },
    /// A port that is listened on.
    Port {
        /// The port.
        port: u16,
        /// By which program.
        program: String,
    },
    /// A port that somebody else has.
    Clash {
        /// The port.
        port: u16,
    },
    /// What the IPC namespace is about.
    Ipc,
    /// The host name.
    Hostname(String),
    /// A process.
    Process {
        /// Its PID there.
        pid: u32,
        /// Its command.
        command: String,
        /// It has ended, and nobody has read that.
        zombie: bool,
    },
    /// So many more processes.
    More(usize),
    /// The root of the file system.
    Root {
        /// The image that it comes from.
        image: String,
    },
    /// A file that the kubelet puts there.
    KubeletFiles,
    /// A volume.
    Mount {
        /// Where.
        path: String,
        /// The index of the volume in [`Anatomy::volumes`].
        volume: usize,
    },
}

/// A volume of the Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeRow {
    /// Its name.
    pub name: String,
    /// `emptyDir`, `configMap`, …
    pub source: &'static str,
    /// Whether it is there.
    pub mounted: bool,
    /// Which columns mount it, and whether read-only.
    pub mounts: Vec<(usize, bool)>,
}

/// A request from one container to a port of the Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The column of who asked.
    pub from: usize,
    /// The column of who listens, if anybody does.
    pub to: Option<usize>,
    /// The command.
    pub command: String,
    /// The port.
    pub port: u16,
    /// What came back.
    pub answer: LocalAnswer,
}

/// What the picture shows, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caption {
    /// The Pod has no node.
    NoNode,
    /// It has a node, and nothing of it is there.
    NoSandbox,
    /// Volumes are there, and nothing else.
    OnlyVolumes,
    /// A network namespace, perhaps with an address, and nobody in it.
    OnlyNetwork {
        /// The address.
        ip: Option<String>,
    },
    /// pause alone, before CNI has come: dockershim.
    PauseWithoutNetwork,
    /// pause alone.
    OnlyPause,
    /// One container runs.
    One(String),
    /// Two or more run, each with PIDs of its own.
    Several(String, String),
    /// Two or more run, and share the PIDs.
    SharedPids(String, String),
    /// A port is taken.
    Clash {
        /// Who wanted it.
        container: String,
        /// The port.
        port: u16,
        /// Who has it.
        owner: Option<String>,
    },
    /// It has the node's network.
    HostNetwork,
    /// pause has ended.
    Stopped,
}

/// The seating chart of a Pod: of the one that is chosen, or the first that exists.
pub fn anatomy(trace: &Trace, at: Instant, chosen: Option<&str>) -> Option<Anatomy> {
    Some(anatomy_of(&*pod_at(trace, at, chosen)?, &inside(trace, at), at))
}

/// The seating chart of a Pod, of what is inside.
pub fn anatomy_of(pod: &Pod, all: &Inside, at: Instant) -> Anatomy {
    let nobody = PodInside::default();
    let inside = all.of(pod).unwrap_or(&nobody);
    let row = print_pod(pod, at);
    let columns = columns(pod, inside);
    let volumes = volumes(pod, inside, &columns);
    let node = pod.spec.node_name.clone();
    let hostname = match (pod.spec.host_network, pod.spec.hostname.is_empty()) {
        (true, _) => node.clone(),
        (false, true) => pod.metadata.name.clone(),
        (false, false) => pod.spec.hostname.clone(),
    };
    let builder = Builder { pod, inside, columns: &columns, hostname: &hostname };
    let rows: Vec<Row> = Kind::ALL.iter().map(|kind| builder.row(*kind, &volumes)).collect();
    let asked = builder.asked();
    let caption = builder.caption(&volumes);
    let ip = match &inside.sandbox.ip {
        Some(ip) => Some(ip.to_string()),
        None if pod.spec.host_network => Some(pod.status.pod_ip.clone()),
        None => None,
    };
    let some = |text: String| (!text.is_empty()).then_some(text);
    Anatomy {
        pod: pod.metadata.name.clone(),
        namespace: pod.metadata.namespace.clone(),
        ip: ip.and_then(some),
        published_ip: some(pod.status.pod_ip.clone()),
        status: format!("{} {}", row.status, row.ready()),
        shares_processes: pod.spec.share_process_namespace == Some(true),
        can_share: !pod.spec.host_pid && !pod.metadata.annotations.contains_key(MIRROR),
        stage: inside.sandbox.stage,
        node,
        hostname,
        columns,
        rows,
        volumes,
        asked,
        caption,
    }
}

/// pause, init containers, containers, and those that were added later.
fn columns(pod: &Pod, inside: &PodInside) -> Vec<Column> {
    let pause = Column {
        name: "pause".to_owned(),
        role: None,
        image: String::new(),
        state: match (&inside.sandbox.pause, inside.sandbox.stage) {
            (Some(_), _) => SeatState::Running,
            (None, Stage::Stopped) => SeatState::Exited(0),
            (None, Stage::None | Stage::Creating | Stage::Ready) => SeatState::Waiting,
        },
        restarts: 0,
        clash: None,
    };
    let statuses = |name: &str| {
        let status = &pod.status;
        let own = status.init_container_statuses.iter().chain(&status.container_statuses);
        let mut all = own.chain(&status.ephemeral_container_statuses);
        all.find(|status| status.name == name)
    };
    let column = |container: &Container, role| {
        let nobody = Seat::default();
        let seat = inside.seats.get(container.name.as_str()).unwrap_or(&nobody);
        let state = match state(seat, statuses(&container.name), pod.is_terminating()) {
            // Nobody asks whether it is ready.
            SeatState::Running if role == Role::Ephemeral => SeatState::Ready,
            other => other,
        };
        Column {
            name: container.name.clone(),
            role: Some(role),
            image: container.image.clone(),
            state,
            restarts: seat.attempt,
            clash: seat.clash,
        }
    };
    let inits = pod.spec.init_containers.iter().map(|container| {
        column(container, if container.is_sidecar() { Role::Sidecar } else { Role::Init })
    });
    let apps = pod.spec.containers.iter().map(|container| column(container, Role::App));
    let added = pod.spec.ephemeral_containers.iter();
    let added = added.map(|container| column(container, Role::Ephemeral));
    std::iter::once(pause).chain(inits).chain(apps).chain(added).collect()
}

/// A seat as its node knows it; that it is ready or waits is the API's to say.
fn state(seat: &Seat, status: Option<&ContainerStatus>, leaving: bool) -> SeatState {
    let waits = |reason: &str| {
        status.is_some_and(|status| {
            status.state.waiting.as_ref().is_some_and(|waiting| waiting.reason == reason)
        })
    };
    match (&seat.exited, seat.started) {
        (Some((code, ..)), _) if !leaving && waits("CrashLoopBackOff") => SeatState::BackOff(*code),
        (Some((code, ..)), _) => SeatState::Exited(*code),
        (None, None) => SeatState::Waiting,
        (None, Some(_)) if seat.stopping.is_some() => SeatState::Terminating,
        (None, Some(_)) => {
            let same = status.is_some_and(|s| s.restart_count == seat.attempt && s.ready);
            if same { SeatState::Ready } else { SeatState::Running }
        }
    }
}

fn volumes(pod: &Pod, inside: &PodInside, columns: &[Column]) -> Vec<VolumeRow> {
    let rows = pod.spec.volumes.iter().map(|volume| {
        let mounts = containers(pod).zip(1..columns.len()).filter_map(|(container, column)| {
            let mut mounts = container.volume_mounts.iter();
            let mount = mounts.find(|mount| mount.name == volume.name)?;
            Some((column, mount.read_only))
        });
        VolumeRow {
            name: volume.name.clone(),
            source: source(volume),
            mounted: inside.volumes.iter().any(|name| **name == *volume.name),
            mounts: mounts.collect(),
        }
    });
    rows.filter(|row| !row.mounts.is_empty()).collect()
}

/// Init containers, then the others: the columns after pause.
fn containers(pod: &Pod) -> impl Iterator<Item = &Container> {
    let spec = &pod.spec;
    spec.init_containers.iter().chain(&spec.containers).chain(&spec.ephemeral_containers)
}

/// The field that says what a volume is.
fn source(volume: &Volume) -> &'static str {
    let known = [
        (volume.empty_dir.is_some(), "emptyDir"),
        (volume.host_path.is_some(), "hostPath"),
        (volume.config_map.is_some(), "configMap"),
        (volume.secret.is_some(), "secret"),
        (volume.projected.is_some(), "projected"),
        (volume.downward_api.is_some(), "downwardAPI"),
        (volume.persistent_volume_claim.is_some(), "persistentVolumeClaim"),
    ];
    known.iter().find(|(is, _)| *is).map_or("volume", |(_, name)| name)
}

/// All that rows are made from.
struct Builder<'a> {
    pod: &'a Pod,
    inside: &'a PodInside,
    columns: &'a [Column],
    hostname: &'a str,
}

impl Builder<'_> {
    /// The namespaces of a column's first process.
    fn numbers(&self, column: usize) -> Option<&Rc<Namespaces>> {
        match column {
            0 => self.inside.sandbox.pause.as_ref(),
            _ => {
                let seat = self.inside.seats.get(self.columns.get(column)?.name.as_str())?;
                seat.namespaces.as_ref()
            }
        }
    }

    fn number(&self, kind: Kind, column: usize) -> Option<u32> {
        let held = || match (kind, column) {
            // The network is there before pause is.
            (Kind::Net, 0) => self.inside.sandbox.net,
            _ => None,
        };
        self.numbers(column).map(|numbers| kind.of(numbers)).or_else(held)
    }

    fn row(&self, kind: Kind, volumes: &[VolumeRow]) -> Row {
        let own = kind.of(&Machine::own_namespaces());
        let mut cells = Vec::new();
        let mut from = 0;
        while from < self.columns.len() {
            let number = self.number(kind, from);
            let mut to = from + 1;
            if number.is_some() {
                // Seats that are empty in between belong to whoever sits around them.
                let mut next = to;
                while next < self.columns.len() {
                    match self.number(kind, next) {
                        None => {}
                        same if same == number => to = next + 1,
                        Some(_) => break,
                    }
                    next += 1;
                }
            }
            let items = (from..to).map(|column| self.items(kind, column, volumes)).collect();
            cells.push(Cell { from, to, number, node: number == Some(own), items });
            from = to;
        }
        Row { kind, cells }
    }

    fn items(&self, kind: Kind, column: usize, volumes: &[VolumeRow]) -> Vec<Item> {
        let taken = self.number(kind, column).is_some();
        match (kind, column) {
            _ if !taken => Vec::new(),
            (Kind::Net, 0) => {
                let local = "127.0.0.1".to_owned();
                let mut items = vec![Item::Interface { name: "lo", address: local }];
                if let Some(ip) = &self.inside.sandbox.ip {
                    items.push(Item::Interface { name: "eth0", address: ip.to_string() });
                }
                items
            }
            (Kind::Net, _) => self.ports(column),
            (Kind::Ipc, 0) => vec![Item::Ipc],
            (Kind::Uts, 0) => vec![Item::Hostname(self.hostname.to_owned())],
            (Kind::Ipc | Kind::Uts, _) => Vec::new(),
            (Kind::Pid, _) => self.processes(column),
            (Kind::Mnt, 0) => vec![Item::Root { image: "pause".to_owned() }],
            (Kind::Mnt, _) => self.files(column, volumes),
        }
    }

    /// The processes of a column, in the order of their PIDs.
    fn of_column(&self, column: usize) -> Vec<&Process> {
        let name = self.columns.get(column).map_or("", |column| column.name.as_str());
        let own = |process: &&Process| match column {
            0 => process.container.is_none(),
            _ => process.container.as_deref() == Some(name),
        };
        self.inside.processes.values().filter(own).collect()
    }

    fn ports(&self, column: usize) -> Vec<Item> {
        let mut items = Vec::new();
        for process in self.of_column(column) {
            items.extend(process.ports.iter().map(|port| Item::Port {
                port: *port,
                program: program(&process.command).to_owned(),
            }));
        }
        items.extend(
            self.columns.get(column).and_then(|c| c.clash).map(|port| Item::Clash { port }),
        );
        items
    }

    fn processes(&self, column: usize) -> Vec<Item> {
        let own = self.of_column(column);
        let most = if own.len() > MOST_PROCESSES { MOST_PROCESSES - 1 } else { MOST_PROCESSES };
        let mut items: Vec<Item> = own
            .iter()
            .take(most)
            .map(|process| Item::Process {
                pid: process.pid,
                command: process.command.to_string(),
                zombie: process.zombie.is_some(),
            })
            .collect();
        if own.len() > most {
            items.push(Item::More(own.len() - most));
        }
        items
    }

    fn files(&self, column: usize, volumes: &[VolumeRow]) -> Vec<Item> {
        let Some(container) = containers(self.pod).nth(column - 1) else { return Vec::new() };
        let mut items = vec![Item::Root { image: container.image.clone() }, Item::KubeletFiles];
        items.extend(container.volume_mounts.iter().filter_map(|mount| {
            let volume = volumes.iter().position(|volume| volume.name == mount.name)?;
            Some(Item::Mount { path: mount.mount_path.clone(), volume })
        }));
        items
    }

    fn column_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().skip(1).position(|column| column.name == name).map(|index| index + 1)
    }

    /// The column in which somebody listens on a port.
    fn listener(&self, port: u16) -> Option<usize> {
        let mut own = self.inside.processes.values();
        let process = own.find(|process| process.ports.contains(&port))?;
        self.column_of(process.container.as_deref()?)
    }

    fn asked(&self) -> Option<Request> {
        let asked = self.inside.asked.as_ref()?;
        let from = self.column_of(&asked.container)?;
        // A container that is gone asks nobody any more.
        self.columns.get(from).filter(|column| column.is_taken())?;
        Some(Request {
            from,
            to: self.listener(asked.port),
            command: asked.command.to_string(),
            port: asked.port,
            answer: asked.answer,
        })
    }

    fn caption(&self, volumes: &[VolumeRow]) -> Caption {
        let sandbox = &self.inside.sandbox;
        if self.pod.spec.node_name.is_empty() {
            return Caption::NoNode;
        }
        if sandbox.stage == Stage::Stopped {
            return Caption::Stopped;
        }
        let clash = self.columns.iter().find_map(|column| Some((column, column.clash?)));
        if let Some((column, port)) = clash {
            let owner = self.listener(port).and_then(|index| self.columns.get(index));
            return Caption::Clash {
                container: column.name.clone(),
                port,
                owner: owner.map(|owner| owner.name.clone()),
            };
        }
        let mut running = self.columns.iter().skip(1).filter(|column| column.is_taken());
        let (first, second) = (running.next(), running.next());
        if self.pod.spec.host_network && first.is_some() {
            return Caption::HostNetwork;
        }
        match (first, second) {
            (Some(first), None) => Caption::One(first.name.clone()),
            (Some(first), Some(second)) => {
                let (first, second) = (first.name.clone(), second.name.clone());
                if self.pod.spec.share_process_namespace == Some(true) {
                    Caption::SharedPids(first, second)
                } else {
                    Caption::Several(first, second)
                }
            }
            (None, _) => match (&sandbox.pause, sandbox.net, &sandbox.ip) {
                (Some(_), _, None) if !self.pod.spec.host_network => Caption::PauseWithoutNetwork,
                (Some(_), _, _) => Caption::OnlyPause,
                (None, Some(_), ip) => {
                    Caption::OnlyNetwork { ip: ip.as_ref().map(ToString::to_string) }
                }
                (None, None, _) if volumes.iter().any(|v| v.mounted) => Caption::OnlyVolumes,
                (None, None, _) => Caption::NoSandbox,
            },
        }
    }
}
