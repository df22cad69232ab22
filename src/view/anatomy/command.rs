//! The commands that show, in a real cluster, what a cell of the seating chart says.

use super::{Anatomy, Item, Kind};

/// The program of a command line: `nginx` of `nginx: master process nginx -g daemon off;`.
pub fn program(command: &str) -> &str {
    let first = command.split_whitespace().next().unwrap_or_default();
    first.trim_end_matches(':').rsplit('/').next().unwrap_or_default()
}

/// The command that shows what stands in a cell, for `kubectl`.
///
/// busybox and Alpine bring `ps` and `netstat`; elsewhere /proc answers.
pub fn command(anatomy: &Anatomy, kind: Kind, column: usize) -> Option<String> {
    let seat = anatomy.columns.get(column)?;
    let mut line = "kubectl ".to_owned();
    let space = |line: &mut String| {
        if anatomy.namespace != "default" {
            line.push_str(" -n ");
            line.push_str(&anatomy.namespace);
        }
    };
    if seat.role.is_none() {
        // Nobody can exec into pause.
        line.push_str("get pod ");
        line.push_str(&anatomy.pod);
        space(&mut line);
        line.push_str(" -o wide");
        return Some(line);
    }
    if !seat.is_taken() {
        return None;
    }
    line.push_str("exec ");
    line.push_str(&anatomy.pod);
    space(&mut line);
    line.push_str(" -c ");
    line.push_str(&seat.name);
    line.push_str(" -- ");
    let small = ["busybox", "alpine"].iter().any(|word| seat.image.contains(word));
    match kind {
        Kind::Net if small => line.push_str("netstat -ltn"),
        Kind::Net => line.push_str("readlink /proc/self/ns/net"),
        Kind::Ipc => line.push_str("readlink /proc/self/ns/ipc"),
        Kind::Uts => line.push_str("hostname"),
        Kind::Pid if small => line.push_str("ps"),
        Kind::Pid => line.push_str("ls /proc"),
        Kind::Mnt => {
            line.push_str("ls ");
            line.push_str(first_mount(anatomy, column).unwrap_or("/"));
        }
    }
    Some(line)
}

/// Where a column mounts its first volume; the token of the service account interests nobody.
fn first_mount(anatomy: &Anatomy, column: usize) -> Option<&str> {
    let row = anatomy.rows.iter().find(|row| row.kind == Kind::Mnt)?;
    let cell = row.cells.iter().find(|cell| (cell.from..cell.to).contains(&column))?;
    cell.items.get(column - cell.from)?.iter().find_map(|item| match item {
        Item::Mount { path, .. } if !path.starts_with("/var/run/secrets/") => Some(path.as_str()),
        _ => None,
    })
}

/// A path that everybody has in every container, shortened.
pub fn short_path(path: &str) -> &str {
    match path {
        "/var/run/secrets/kubernetes.io/serviceaccount" => "/var/run/secrets/…/serviceaccount",
        path => path,
    }
}
