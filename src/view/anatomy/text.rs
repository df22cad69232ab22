//! The seating chart as text, for code blocks and terminals.

use std::fmt;

use super::{Anatomy, Cell, Column, Item, SeatState, short_path};

/// No column is narrower or wider than this.
const NARROW: usize = 10;
const WIDE: usize = 34;

/// Marks of volumes: the same mark is the same volume.
const MARKS: [char; 6] = ['●', '○', '◆', '◇', '■', '□'];

/// The mark of a volume.
fn mark(volume: usize) -> char {
    MARKS.get(volume % MARKS.len()).copied().unwrap_or('●')
}

impl fmt::Display for Anatomy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = vec![format!("pod {}", self.pod)];
        head.extend(self.ip.clone());
        if !self.node.is_empty() {
            head.push(self.node.clone());
        }
        head.push(self.status.clone());
        writeln!(f, "{}", head.join(" · "))?;
        let widths: Vec<usize> =
            (0..self.columns.len()).map(|column| self.width_of(column)).collect();
        let mut line = " ".repeat(6);
        for (column, width) in self.columns.iter().zip(&widths) {
            line.push_str(&format!("{:width$}  ", head_of(column), width = width + 1));
        }
        writeln!(f, "{}", line.trim_end())?;
        for row in &self.rows {
            let count = |cell: &Cell| cell.items.iter().map(Vec::len).max().unwrap_or(0);
            let lines = row.cells.iter().map(count).max().unwrap_or(0).max(1);
            for index in 0..lines {
                let label = if index == 0 { row.kind.name() } else { "" };
                let mut line = format!("{label:<6}");
                for cell in &row.cells {
                    push_cell(&mut line, cell, index, &widths);
                }
                writeln!(f, "{}", line.trim_end())?;
            }
        }
        for (index, volume) in self.volumes.iter().enumerate() {
            let label = if index == 0 { "VOL" } else { "" };
            let state = if volume.mounted { "" } else { ", not mounted" };
            let mark = mark(index);
            writeln!(f, "{label:<6}{mark} {} ({}{state})", volume.name, volume.source)?;
        }
        Ok(())
    }
}

impl Anatomy {
    /// As wide as the widest thing in the column.
    fn width_of(&self, column: usize) -> usize {
        let heads = self.columns.get(column).map(head_of).into_iter();
        let items = self.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| {
            let own = column.checked_sub(cell.from).and_then(|index| cell.items.get(index));
            own.into_iter().flatten().map(item)
        });
        let width = heads.chain(items).map(|text| text.chars().count()).max().unwrap_or(0);
        width.clamp(NARROW, WIDE)
    }
}

/// `shell`, `init01 (exit 0)`.
fn head_of(column: &Column) -> String {
    let what = match &column.state {
        SeatState::Waiting => " (waiting)".to_owned(),
        SeatState::Running if column.role.is_some() => " (not ready)".to_owned(),
        SeatState::Running | SeatState::Ready => String::new(),
        SeatState::Terminating => " (terminating)".to_owned(),
        SeatState::Exited(_) if column.role.is_none() => " (gone)".to_owned(),
        SeatState::Exited(code) => format!(" (exit {code})"),
        SeatState::BackOff(code) => format!(" (exit {code}, back-off)"),
    };
    column.name.clone() + &what
}

/// One line of a cell: a wall at its left, and one at the right of the last.
fn push_cell(line: &mut String, cell: &Cell, index: usize, widths: &[usize]) {
    let wall = match (cell.number, cell.node) {
        (None, _) => '╎',
        (Some(_), true) => '═',
        (Some(_), false) => '┃',
    };
    for (place, column) in (cell.from..cell.to).enumerate() {
        let width = widths.get(column).copied().unwrap_or(NARROW);
        let text = cell.items.get(place).and_then(|items| items.get(index)).map(item);
        let text: String = text.unwrap_or_default().chars().take(width).collect();
        line.push(if place == 0 { wall } else { ' ' });
        line.push_str(&format!(" {text:width$} "));
    }
    if cell.to == widths.len() {
        line.push(wall);
    }
}

fn item(item: &Item) -> String {
    match item {
        Item::Interface { name, address } => format!("{name} {address}"),
        Item::Port { port, program } => format!(":{port} ◂{program}"),
        Item::Clash { port } => format!(":{port} ✕ taken"),
        Item::Ipc => String::new(),
        Item::Hostname(name) => format!("hostname {name}"),
        Item::Process { pid, command, zombie: false } => format!("{pid} {command}"),
        Item::Process { pid, command, zombie: true } => format!("{pid} {command} Z"),
        Item::More(count) => format!("+{count}"),
        Item::Root { image } => format!("/ {image}"),
        Item::KubeletFiles => "/etc/hosts /etc/resolv.conf".to_owned(),
        Item::Mount { path, volume } => format!("{} {}", short_path(path), mark(*volume)),
    }
}
