//! What is inside a Pod, as the pictures print it: seating chart, processes, nodes.

#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use podarium::time::{Duration, Instant};
use podarium::trace::{Change, SandboxStep, Trace};
use podarium::view::anatomy::{Anatomy, Caption, Cell, Item, Kind, SeatState, anatomy, command};
use podarium::view::nodes::nodes;
use podarium::view::processes::{Note, Point, Processes, processes};

/// Two containers as the article has them: a server, and a shell that asks it.
const PAIR: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  automountServiceAccountToken: false
  volumes: [{name: data, emptyDir: {}}]
  initContainers:
  - name: init01
    image: busybox
    command: [sh, -c, touch /tmp/hello]
    volumeMounts: [{name: data, mountPath: /tmp}]
  containers:
  - name: nginx
    image: nginx:1.27
    volumeMounts: [{name: data, mountPath: /data, readOnly: true}]
  - name: shell
    image: busybox
    command: [sh, -c, 'sleep 3; wget -qO- localhost:80; exec sleep 900']
    volumeMounts: [{name: data, mountPath: /data}]
";

fn run(text: &str) -> Trace {
    let (mut scenario, _) = Scenario::from_text(text);
    // Which of two nodes it is, is luck.
    scenario.seed = 58140;
    Cluster::run(&scenario)
}

fn at(millis: i64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}

fn picture(trace: &Trace, millis: i64) -> Anatomy {
    anatomy(trace, at(millis), None).expect("there is a Pod")
}

fn row(anatomy: &Anatomy, kind: Kind) -> &[Cell] {
    &anatomy.rows.iter().find(|row| row.kind == kind).expect("every kind has a row").cells
}

/// From which column to which each cell of a row goes, and whether it is a namespace.
fn spans(anatomy: &Anatomy, kind: Kind) -> Vec<(usize, usize, bool)> {
    let cells = row(anatomy, kind).iter();
    cells.map(|cell| (cell.from, cell.to, cell.number.is_some())).collect()
}

#[test]
fn the_seating_chart_as_text() {
    assert_eq!(
        picture(&run(PAIR), 30_000).to_string(),
        "\
pod pair · 10.244.2.2 · node2 · Running 2/2
      pause             init01 (exit 0)   nginx                                shell
NET   ┃ lo 127.0.0.1                        :80 ◂nginx                                                       ┃
      ┃ eth0 10.244.2.2                                                                                      ┃
IPC   ┃                                                                                                      ┃
UTS   ┃ hostname pair                                                                                        ┃
PID   ┃ 1 /pause        ╎                 ┃ 1 nginx: master process nginx -g d ┃ 1 sleep 900                 ┃
      ┃                 ╎                 ┃ 8 nginx: worker process            ┃                             ┃
      ┃                 ╎                 ┃ 9 nginx: worker process            ┃                             ┃
MNT   ┃ / pause         ╎                 ┃ / nginx:1.27                       ┃ / busybox                   ┃
      ┃                 ╎                 ┃ /etc/hosts /etc/resolv.conf        ┃ /etc/hosts /etc/resolv.conf ┃
      ┃                 ╎                 ┃ /data ●                            ┃ /data ●                     ┃
VOL   ● data (emptyDir)
"
    );
}

#[test]
fn one_field_merges_one_row() {
    let own = picture(&run(PAIR), 30_000);
    let shared = run(&PAIR.replace("  volumes", "  shareProcessNamespace: true\n  volumes"));
    let shared = picture(&shared, 30_000);
    for kind in [Kind::Net, Kind::Ipc, Kind::Uts] {
        assert_eq!(spans(&own, kind), [(0, 4, true)]);
        assert_eq!(spans(&shared, kind), [(0, 4, true)]);
    }
    let alone = [(0, 1, true), (1, 2, false), (2, 3, true), (3, 4, true)];
    assert_eq!(spans(&own, Kind::Pid), alone);
    assert_eq!(spans(&shared, Kind::Pid), [(0, 4, true)]);
    assert_eq!(spans(&shared, Kind::Mnt), alone);
    assert_eq!(shared.caption, Caption::SharedPids("nginx".to_owned(), "shell".to_owned()));
}

#[test]
fn namespaces_of_the_node_are_known_as_such() {
    let text = PAIR.replace("  volumes", "  hostNetwork: true\n  hostPID: true\n  volumes");
    let anatomy = picture(&run(&text), 30_000);
    for (kind, node) in
        [(Kind::Net, true), (Kind::Ipc, false), (Kind::Uts, true), (Kind::Pid, true)]
    {
        assert_eq!(row(&anatomy, kind)[0].node, node, "{kind:?}");
    }
    assert!(!anatomy.can_share && anatomy.caption == Caption::HostNetwork);
}

/// The captions of a sandbox in the making, in their order.
fn steps(trace: &Trace) -> Vec<Caption> {
    let mut seen: Vec<Caption> = Vec::new();
    // No sandbox takes longer.
    for millis in 0..3_000 {
        let caption = picture(trace, millis).caption;
        if seen.last() != Some(&caption) {
            seen.push(caption);
        }
    }
    seen
}

#[test]
fn containerd_makes_the_network_first_and_dockershim_pause() {
    let sandboxed = |seen: &[Caption]| -> Vec<&'static str> {
        let words = seen.iter().filter_map(|caption| match caption {
            Caption::OnlyVolumes => Some("volumes"),
            Caption::OnlyNetwork { ip: None } => Some("network"),
            Caption::OnlyNetwork { ip: Some(_) } => Some("address"),
            Caption::PauseWithoutNetwork => Some("pause without network"),
            Caption::OnlyPause => Some("pause"),
            _ => None,
        });
        words.collect()
    };
    let new = steps(&run(PAIR));
    assert_eq!(sandboxed(&new), ["volumes", "network", "address", "pause"]);
    let old = format!(
        "{PAIR}---\napiVersion: podarium.dev/v1\nkind: Scenario\nspec: {{kubernetesVersion: '1.23'}}\n"
    );
    let old = run(&old);
    assert_eq!(sandboxed(&steps(&old)), ["volumes", "pause without network", "pause"]);
    let made = old.entries().iter().filter(|entry| {
        matches!(entry.change, Change::Sandbox(SandboxStep::NetworkNamespace { .. }))
    });
    assert_eq!(made.count(), 0, "dockershim's network came with pause");
}

#[test]
fn a_request_to_localhost_and_a_taken_port_are_shown() {
    let anatomy = picture(&run(PAIR), 6_500);
    let asked = anatomy.asked.as_ref().expect("the shell has asked");
    assert_eq!((asked.from, asked.to, asked.port), (3, Some(2), 80));
    let text = include_str!("../static/scenarios/port-conflict.yaml");
    let anatomy = picture(&run(text), 4_000);
    let net = &row(&anatomy, Kind::Net)[0];
    assert!(matches!(net.items[1].as_slice(), [Item::Port { port: 80, .. }]));
    assert_eq!(net.items[2], [Item::Clash { port: 80 }]);
    let (first, second) = ("first".to_owned(), "second".to_owned());
    let caption = Caption::Clash { container: second, port: 80, owner: Some(first) };
    assert_eq!(anatomy.caption, caption);
}

#[test]
fn a_cell_knows_the_command_that_shows_it() {
    let anatomy = picture(&run(PAIR), 30_000);
    let says = |kind, column| command(&anatomy, kind, column).unwrap_or_default();
    assert_eq!(says(Kind::Mnt, 2), "kubectl exec pair -c nginx -- ls /data");
    assert_eq!(says(Kind::Pid, 3), "kubectl exec pair -c shell -- ps");
    assert_eq!(says(Kind::Uts, 0), "kubectl get pod pair -o wide");
    assert_eq!(
        command(&anatomy, Kind::Pid, 1),
        None,
        "nobody runs in an init container that ended"
    );
    assert_eq!(anatomy.columns[1].state, SeatState::Exited(0));
}

fn table(trace: &Trace, millis: i64, pod: &str) -> Processes {
    processes(trace, at(millis), Some(pod)).expect("there is a Pod")
}

fn point<'p>(processes: &'p Processes, name: &str) -> &'p Point {
    processes.point(name).expect("it is a point of view")
}

/// PID, PPID and state of each row.
fn numbers(point: &Point) -> Vec<(u32, u32, char)> {
    point.rows.iter().map(|row| (row.pid, row.parent, row.state)).collect()
}

#[test]
fn zombies_stay_where_pid_1_does_not_read_and_pause_reads_orphans_only() {
    let trace = run(include_str!("conformance/zombies/scenario.yaml"));
    let private = table(&trace, 12_000, "private");
    let app = point(&private, "app");
    assert_eq!(numbers(app), [(1, 0, 'S'), (8, 1, 'Z'), (9, 1, 'Z')]);
    assert!(app.rows[0].notes.contains(&Note::One));
    assert!(app.rows[2].notes.contains(&Note::Adopted { by_pause: false }));
    let shared = table(&trace, 12_000, "shared");
    let app = point(&shared, "app");
    assert_eq!(numbers(app), [(1, 0, 'S'), (13, 1, ' '), (6, 0, 'S'), (12, 6, 'Z')]);
    assert!(app.rows[1].notes.contains(&Note::Adopted { by_pause: true }));
    // The node has one table for both, and numbers of its own.
    let node = point(&shared, "node1");
    assert_eq!(node.rows.iter().filter(|row| row.is_zombie()).count(), 3);
    assert!(node.rows.iter().all(|row| row.pid == row.host_pid));
}

#[test]
fn the_table_is_what_ps_prints() {
    for field in ["", "  shareProcessNamespace: true\n", "  hostPID: true\n"] {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{field}  containers:\n  \
             - {{name: web, image: nginx}}\n  - name: sh\n    image: busybox\n    command: [sh, -c, \
             'sleep 300 & (sleep 400 & exec sleep 2) & sleep 5; ps -o pid,ppid,stat,args; sleep 600']\n"
        );
        let trace = run(&text);
        let printed: Vec<_> = trace
            .entries()
            .iter()
            .filter_map(|entry| match &entry.change {
                Change::Output { line } if entry.subject.container.as_deref() == Some("sh") => {
                    Some((entry.at, line.to_string()))
                }
                _ => None,
            })
            .collect();
        let when = printed.first().expect("ps has printed").0;
        // ps is in its own list; what it reads is the moment before it ends.
        let before = when - Duration::from_micros(1);
        let seen = processes(&trace, before, None).expect("there is a Pod");
        let mut rows: Vec<(u32, u32)> = point(&seen, "sh")
            .rows
            .iter()
            .filter(|row| !row.is_gone() && !row.command.starts_with("ps "))
            .map(|row| (row.pid, row.parent))
            .collect();
        rows.sort_unstable();
        let ps: Vec<(u32, u32)> = printed
            .iter()
            .skip(1)
            .filter(|(_, line)| line.split_whitespace().nth(3) != Some("ps"))
            .map(|(_, line)| {
                let mut words = line.split_whitespace().map(|word| word.parse().unwrap_or(0));
                (words.next().unwrap_or(0), words.next().unwrap_or(0))
            })
            .collect();
        assert!(ps.len() > 2, "{field}: {printed:?}");
        assert_eq!(rows, ps, "{field}{seen}{printed:#?}");
    }
}

#[test]
fn signals_are_seen_where_they_arrive() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  shareProcessNamespace: true\n  \
                containers:\n  - {name: web, image: nginx}\n  - name: sh\n    image: busybox\n    \
                command: [sh, -c, 'sleep 5; killall -HUP nginx; sleep 600']\n";
    let trace = run(text);
    let seen = table(&trace, 20_000, "p");
    let master = point(&seen, "sh").rows.iter().find(|row| row.command.contains("master"));
    let notes = &master.expect("nginx runs").notes;
    assert!(
        notes.iter().any(|note| {
            matches!(note, Note::Signalled { signal, ignored: false, .. } if signal == "HUP")
        }),
        "{notes:?}"
    );
    let text = include_str!("../static/scenarios/term-ignored.yaml");
    let trace = run(text);
    let told = trace.entries().iter().find_map(|entry| match entry.change {
        Change::Signal { ignored: true, .. } => Some(entry.at),
        _ => None,
    });
    let seen = processes(&trace, told.expect("TERM is ignored"), None).expect("it still runs");
    let one = &seen.points[0].rows[0];
    assert!(one.notes.iter().any(|note| matches!(note, Note::Signalled { ignored: true, .. })));
}

#[test]
fn nodes_hold_their_pods_images_and_manifests() {
    let trace = run(include_str!("../static/scenarios/static-delete.yaml"));
    let all = nodes(&trace, at(8_000));
    let home = all.nodes.iter().find(|node| !node.manifests.is_empty());
    let home = home.expect("a manifest is there");
    let (file, pod) = &home.manifests[0];
    assert!(file.ends_with(".yaml") && home.pods.iter().any(|one| one.name == *pod), "{all}");
    assert!(home.images.iter().any(|(_, users)| *users > 0), "{all}");
    let trace = run(include_str!("../static/scenarios/too-big.yaml"));
    let all = nodes(&trace, at(5_000));
    assert!(all.waiting[0].1.contains("Insufficient"), "{all}");
}

#[test]
fn no_moment_of_the_gallery_is_without_a_picture() {
    for entry in podarium::gallery::all() {
        let trace = run(entry.text);
        let end = trace.horizon().since(Instant::ZERO).as_micros();
        for part in 0..=20 {
            let when = Instant::from_micros(end * part / 20);
            for pod in podarium::view::inside::pods_at(&trace, when) {
                let name = pod.metadata.name.as_str();
                let anatomy = anatomy(&trace, when, Some(name)).expect("a Pod has a picture");
                for row in &anatomy.rows {
                    let wide: usize = row.cells.iter().map(|cell| cell.to - cell.from).sum();
                    assert_eq!(wide, anatomy.columns.len(), "{}: {anatomy}", entry.id);
                }
                assert!(processes(&trace, when, Some(name)).is_some());
            }
        }
    }
}
