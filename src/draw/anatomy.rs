//! The seating chart: a glass box, columns, rows, merged cells.
//!
//! Owns: where everything stands on paper of a width, and the spots that can be pressed. Does not
//! own: what is shown (`view::anatomy`), its words (`i18n`), or the switch beside it (`ui`).

use super::glyph::{self, Glyph};
use super::label::text_width;
use super::svg::{Anchor, Path, Svg};
use crate::i18n::Lang;
use crate::i18n::inside::InsideTexts;
use crate::view::anatomy::{
    Anatomy, Cell, Column, Item, Kind, Row, SeatState, command, short_path,
};

/// Below this there is no room for a column of names.
const PHONE: f64 = 560.0;
/// A container is no narrower than this; what does not fit then is reached by scrolling.
const NARROWEST: f64 = 148.0;
/// On a phone: three containers and pause fit beside each other.
const NARROWEST_PHONE: f64 = 72.0;
/// On a phone who has left or has not come needs room for a word only.
const AWAY_PHONE: f64 = 58.0;
/// On a phone, where they do not fit anyway: commands and paths can be read.
const READABLE: f64 = 136.0;
/// pause is no wider than this.
const PAUSE: f64 = 232.0;
/// On a phone it is as wide as an address.
const PAUSE_PHONE: f64 = 88.0;
/// Columns from here on have room for a word about their state and for numbers of namespaces.
const ROOMY: f64 = 196.0;
/// A line of text in a cell.
const LINE: f64 = 18.0;
/// More volumes than this share the last riser.
const RISERS: usize = 5;

/// A part of the picture that can be pressed.
#[derive(Clone, Debug, PartialEq)]
pub struct Press {
    /// Left, top, width, height.
    pub place: [f64; 4],
    /// What it does: a command line, or the name of a Pod.
    pub what: String,
}

/// A drawing and what can be pressed in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pressable {
    /// The drawing.
    pub svg: String,
    /// Its size.
    pub width: f64,
    /// Its size.
    pub height: f64,
    /// What can be pressed, in the order of reading.
    pub presses: Vec<Press>,
}

/// Draws the seating chart on paper of a width; it is wider when the columns do not fit.
pub fn anatomy(anatomy: &Anatomy, width: f64, lang: Lang, id: &str) -> Pressable {
    let grid = Grid::new(anatomy, width);
    let t = lang.inside();
    let (sentence, _) = (t.caption)(&anatomy.caption);
    let label = (t.chart)(&anatomy.pod, &sentence);
    let mut chart = Chart {
        svg: Svg::new("tl an", grid.width, grid.height, Some(&label)),
        anatomy,
        grid: &grid,
        t,
        id,
        presses: Vec::new(),
    };
    chart.svg.stripes(id, 6.0);
    chart.glass();
    // Under the rows, whose risers end on them.
    chart.volumes();
    for (index, column) in anatomy.columns.iter().enumerate() {
        chart.head(index, column);
    }
    for (index, row) in anatomy.rows.iter().enumerate() {
        chart.row(index, row);
    }
    chart.request();
    let presses = chart.presses;
    Pressable { svg: chart.svg.finish(), width: grid.width, height: grid.height, presses }
}

/// Where everything stands.
struct Grid {
    phone: bool,
    width: f64,
    height: f64,
    /// Left edge and width of the glass.
    glass: (f64, f64),
    /// Left edge and width of each column.
    columns: Vec<(f64, f64)>,
    /// Top and height of each row of cells.
    rows: Vec<(f64, f64)>,
    /// Top of each volume.
    volumes: Vec<f64>,
    /// Top of the band of what is always the node's.
    band: f64,
}

const TOP: f64 = 8.0;
const HEAD: f64 = 48.0;
const VOLUME: f64 = 30.0;

impl Grid {
    fn new(anatomy: &Anatomy, paper: f64) -> Self {
        let phone = paper < PHONE;
        let (left, right) = if phone { (8.0, 8.0) } else { (116.0, 24.0) };
        let (pad, gap) = if phone { (8.0, 8.0) } else { (12.0, 16.0) };
        let others = anatomy.columns.len().saturating_sub(1).max(1) as f64;
        let room = paper - left - right - 2.0 * pad;
        let pause = if phone {
            PAUSE_PHONE
        } else {
            ((room - others * gap) / (others + 1.0)).clamp(140.0, PAUSE)
        };
        let narrowest = if phone { NARROWEST_PHONE } else { NARROWEST };
        let is_away = |column: &Column| {
            phone && matches!(column.state, SeatState::Exited(_) | SeatState::Waiting)
        };
        let seats = || anatomy.columns.iter().skip(1);
        let away = match seats().filter(|column| is_away(column)).count() as f64 {
            // They are all there is to see.
            all if all >= others => 0.0,
            some => some,
        };
        let free = room - pause - away * (AWAY_PHONE + gap);
        let each = free / (others - away) - gap;
        let scrolls = phone && each < narrowest;
        let gone = if scrolls { READABLE } else { AWAY_PHONE };
        let each = if scrolls { READABLE } else { each.max(narrowest) };
        let mut x = left + pad;
        let mut columns = Vec::new();
        for index in 0..anatomy.columns.len() {
            let width = match anatomy.columns.get(index) {
                _ if index == 0 => pause,
                Some(column) if away > 0.0 && is_away(column) => gone,
                Some(_) | None => each,
            };
            columns.push((x, width));
            x += width + gap;
        }
        let end = x - gap + pad;
        let (over, gap) = if phone { (16.0, 4.0) } else { (0.0, 8.0) };
        let mut y = TOP + HEAD;
        let mut rows = Vec::new();
        for row in &anatomy.rows {
            y += over;
            let height = height_of(row, anatomy);
            rows.push((y, height));
            y += height + gap;
        }
        let mut volumes = Vec::new();
        if !anatomy.volumes.is_empty() {
            y += over.max(6.0);
        }
        for _ in &anatomy.volumes {
            volumes.push(y);
            y += VOLUME + 6.0;
        }
        let band = y + 2.0;
        let height = band + if phone { 10.0 } else { 34.0 };
        let width = (end + right).max(paper);
        Self { phone, width, height, glass: (left, end - left), columns, rows, volumes, band }
    }

    fn column(&self, index: usize) -> (f64, f64) {
        self.columns.get(index).copied().unwrap_or_default()
    }

    /// From the left edge of one column to the right edge of another.
    fn span(&self, from: usize, to: usize) -> (f64, f64) {
        let ((x, _), (last, width)) = (self.column(from), self.column(to.saturating_sub(1)));
        (x, last + width - x)
    }
}

fn height_of(row: &Row, anatomy: &Anatomy) -> f64 {
    let lines = row.cells.iter().flat_map(|cell| &cell.items).map(Vec::len).max().unwrap_or(0);
    match row.kind {
        // A request needs a line of its own below the ports of whoever asks.
        Kind::Net => {
            let asks = anatomy.asked.as_ref().is_some_and(|asked| {
                let own = row.cells.iter().find(|cell| (cell.from..cell.to).contains(&asked.from));
                own.is_some_and(|cell| {
                    cell.items.get(asked.from - cell.from).is_some_and(|items| !items.is_empty())
                })
            });
            78.0 + if asks { 20.0 } else { 0.0 }
        }
        Kind::Ipc | Kind::Uts => 28.0,
        Kind::Pid => (lines.max(2) as f64) * LINE + 24.0,
        Kind::Mnt => (lines.max(2) as f64) * LINE + 10.0,
    }
}

struct Chart<'a> {
    svg: Svg,
    anatomy: &'a Anatomy,
    grid: &'a Grid,
    t: &'static InsideTexts,
    id: &'a str,
    presses: Vec<Press>,
}

impl Chart<'_> {
    fn glass(&mut self) {
        let (x, width) = self.grid.glass;
        let there = self.anatomy.columns.first().is_some_and(Column::is_taken);
        let bottom = self.grid.band + if self.grid.phone { 4.0 } else { 28.0 };
        let class = if there { "an-glass" } else { "an-glass an-dash" };
        self.svg.rect(class, [x, TOP, width, bottom - TOP], 9.0, "");
        if self.grid.phone {
            return;
        }
        // What every container shares with the node goes through both walls.
        let band = self.grid.band;
        self.svg.rect("an-band", [x - 14.0, band, width + 22.0, 20.0], 3.0, "");
        self.svg.text("tl-s tl-bold", 16.0, band + 14.0, Anchor::Start, "USER TIME", "");
        let text = fit(self.t.user_time, 11.0, false, width - 40.0);
        self.svg.text("tl-s tl-mu", x + 24.0, band + 14.0, Anchor::Start, &text, "");
    }

    fn head(&mut self, index: usize, column: &Column) {
        let (x, width) = self.grid.column(index);
        let y = TOP + 21.0;
        let dim =
            if column.state == SeatState::Waiting { "tl-l tl-bold tl-mu" } else { "tl-l tl-bold" };
        let word = (self.t.state)(&column.state);
        let plate = text_width(&word, 11.0, false) + 16.0;
        let roomy = width >= ROOMY && column.role.is_some();
        let room = width - if roomy { plate + 6.0 } else { 22.0 };
        // Bold is a little wider.
        let name = super::label::cut_middle(&column.name, 13.0 * 1.08, room);
        self.svg.text(dim, x + 4.0, y, Anchor::Start, &name, &column.name);
        let role = column.role.map_or(self.t.sandbox, |role| (self.t.role)(role));
        let after = x + 11.0 + text_width(&name, 13.0, false) * 1.08;
        if after + text_width(role, 11.0, false) < x + room {
            self.svg.text("tl-s tl-mu", after, y, Anchor::Start, role, "");
        }
        let below = match column.role {
            None if self.grid.phone => String::new(),
            None => fit(self.t.pause, 11.0, false, width - 4.0),
            Some(_) => fit(&column.image, 11.0, true, width - 4.0),
        };
        let mono = if column.role.is_some() { "tl-s tl-mu tl-m" } else { "tl-s tl-mu" };
        self.svg.text(mono, x + 4.0, y + 17.0, Anchor::Start, &below, &column.image);
        if column.role.is_none() {
            return;
        }
        if roomy {
            self.plate(&column.state, [x + width - plate, y - 14.0, plate, 19.0], &word);
        } else {
            let mark = glyph_of(&column.state);
            glyph::draw(&mut self.svg, mark, x + width - 9.0, y - 5.0, &word);
        }
    }

    /// A word on the fill, height and edge of its state.
    fn plate(&mut self, state: &SeatState, place: [f64; 4], word: &str) {
        let [x, y, width, height] = place;
        let class = match state {
            SeatState::Waiting => "tl-wait",
            SeatState::Running => "tl-run",
            SeatState::Ready => "tl-rdy",
            SeatState::Terminating => "tl-term",
            SeatState::Exited(_) | SeatState::BackOff(_) => "",
        };
        match state {
            SeatState::Terminating => {
                self.svg.patterned(class, place, 2.5, self.id, "");
                let inner = [x + 5.0, y + 3.0, width - 10.0, height - 6.0];
                self.svg.rect("tl-plate", inner, 2.0, "");
            }
            SeatState::Exited(code) | SeatState::BackOff(code) => {
                let class = if *code == 0 { "tl-done" } else { "tl-fail" };
                self.svg.rect(class, [x, y + 2.0, 4.0, height - 4.0], 1.5, "");
            }
            SeatState::Waiting | SeatState::Running | SeatState::Ready => {
                self.svg.rect(class, place, 2.5, "");
            }
        }
        let (class, shift) = match state {
            SeatState::Ready => ("tl-s tl-onr", 0.0),
            SeatState::Exited(0) => ("tl-s", 2.0),
            SeatState::Exited(_) | SeatState::BackOff(_) => ("tl-s tl-er", 2.0),
            SeatState::Waiting => ("tl-s tl-mu", 0.0),
            SeatState::Running | SeatState::Terminating => ("tl-s", 0.0),
        };
        self.svg.text(class, x + width / 2.0 + shift, y + 13.0, Anchor::Middle, word, "");
    }

    fn row(&mut self, index: usize, row: &Row) {
        let (y, height) = self.grid.rows.get(index).copied().unwrap_or_default();
        let (name, holds) = (row.kind.name(), (self.t.holds)(row.kind));
        if self.grid.phone {
            let x = self.grid.glass.0 + 10.0;
            self.svg.text("tl-s tl-bold", x, y - 4.0, Anchor::Start, name, "");
            self.svg.text("tl-s tl-mu", x + 34.0, y - 4.0, Anchor::Start, holds, "");
        } else {
            self.svg.text("tl-l tl-bold", 16.0, y + 17.0, Anchor::Start, name, "");
            if height > 40.0 {
                self.svg.text("tl-s tl-mu", 16.0, y + 32.0, Anchor::Start, holds, "");
            } else {
                self.svg.text("tl-s tl-mu", 50.0, y + 17.0, Anchor::Start, holds, "");
            }
        }
        for cell in &row.cells {
            self.cell(row.kind, cell, y, height);
        }
        if row.kind == Kind::Net && self.anatomy.ip.is_some() {
            self.wire(y);
        }
    }

    /// `eth0` leads through the glass to the node.
    fn wire(&mut self, y: f64) {
        let own = self.anatomy.rows.first().and_then(|row| row.cells.first());
        if self.grid.phone || own.is_none_or(|cell| cell.node || cell.number.is_none()) {
            return;
        }
        let (x, y) = (self.grid.column(0).0, y + 53.0);
        self.svg.line("an-wire", [64.0, y, x + 8.0, y]);
        self.svg.circle("an-dot", 64.0, y, 3.2, "");
        let text = fit(&(self.t.veth)(&self.anatomy.node), 11.0, false, 98.0);
        self.svg.text("tl-s tl-mu", 16.0, y + 17.0, Anchor::Start, &text, "");
    }

    fn cell(&mut self, kind: Kind, cell: &Cell, y: f64, height: f64) {
        let (mut x, mut width) = self.grid.span(cell.from, cell.to);
        let Some(number) = cell.number else {
            self.svg.rect("an-empty", [x, y, width, height], 5.0, "");
            if kind == Kind::Pid {
                self.empty_seat(cell.from, y);
            }
            return;
        };
        let title = format!("{}:[{number}]", kind.name().to_lowercase());
        let class = match (cell.node, cell.is_shared()) {
            (true, _) => "an-cell an-own",
            (false, true) => "an-cell an-wide",
            (false, false) => "an-cell",
        };
        if cell.node {
            let reach = if self.grid.phone { 6.0 } else { 20.0 };
            (x, width) = (x - reach, width + 2.0 * reach);
        }
        self.svg.rect(class, [x, y, width, height], 5.0, &title);
        for column in cell.from + 1..cell.to {
            let guide = self.grid.column(column).0 - 8.0;
            self.svg.line("an-guide", [guide, y + 5.0, guide, y + height - 5.0]);
        }
        let (last, room) = self.grid.column(cell.to - 1);
        let items = cell.items.last().map_or(0, Vec::len);
        let text = if cell.node { self.t.nodes_own } else { &title };
        let wide = text_width(text, 11.0, !cell.node);
        // Beside the first process, when its command leaves room.
        let command = cell.items.last().and_then(|items| items.first()).map_or(0.0, |item| {
            let Item::Process { command, .. } = item else { return 0.0 };
            text_width(command, 12.0, true)
        });
        let beside = kind == Kind::Pid && room > 44.0 + command + wide + 20.0;
        let calm = items == 0 || beside || (cell.node && room > 200.0);
        let named = (calm || (kind == Kind::Mnt && room > 290.0)) && room > wide + 20.0;
        if named {
            let class = if cell.node { "tl-s tl-mu" } else { "tl-s tl-mu tl-m" };
            self.svg.text(class, last + room - 9.0, y + 17.0, Anchor::End, text, "");
        }
        for (place, items) in cell.items.iter().enumerate() {
            let taken = if named { wide + 12.0 } else { 0.0 };
            self.items(kind, cell, cell.from + place, items, [y, height, taken]);
        }
    }

    /// Why nobody sits here.
    fn empty_seat(&mut self, column: usize, y: f64) {
        let Some(seat) = self.anatomy.columns.get(column) else { return };
        let word = (self.t.state)(&seat.state);
        let (x, width) = self.grid.column(column);
        let class = match &seat.state {
            SeatState::Exited(code) | SeatState::BackOff(code) if *code != 0 => "tl-c tl-er",
            _ => "tl-c tl-mu",
        };
        let word = fit(&word, 12.0, false, width - 8.0);
        self.svg.text(class, x + width / 2.0, y + 38.0, Anchor::Middle, &word, "");
    }

    fn items(&mut self, kind: Kind, cell: &Cell, column: usize, items: &[Item], at: [f64; 3]) {
        let [y, height, taken] = at;
        let (x, width) = self.grid.column(column);
        match kind {
            Kind::Net => self.network(x, y, width, items),
            Kind::Ipc | Kind::Uts => {
                self.names(x, y, self.grid.span(cell.from, cell.to).1 - taken, items);
            }
            Kind::Pid => self.processes(column, [y, height], items),
            Kind::Mnt => self.files(x, y, width, items),
        }
        // A column that runs has a command that shows this cell.
        let seated = self.anatomy.columns.get(column).is_some_and(Column::is_taken);
        if let Some(what) = command(self.anatomy, kind, column).filter(|_| seated) {
            self.presses.push(Press { place: [x, y, width, height], what });
        }
    }

    fn network(&mut self, x: f64, y: f64, width: f64, items: &[Item]) {
        let mut left = x + 12.0;
        let mut line = y + 12.0;
        for item in items {
            match item {
                Item::Interface { name, address } if width <= PAUSE_PHONE => {
                    let base = line + 3.0;
                    self.svg.text("tl-s tl-m tl-bold", x + 8.0, base, Anchor::Start, name, "");
                    let cut = fit(address, 11.0, true, width - 12.0);
                    self.svg.text("tl-s tl-m tl-mu", x + 8.0, base + 13.0, Anchor::Start, &cut, "");
                    line += 31.0;
                }
                Item::Interface { name, address } => {
                    // Names are as long as eth0: on narrow paper they stand closer.
                    let gap = if width < ROOMY { 32.0 } else { 40.0 };
                    let text = text_width(address, 11.0, true) + gap + 14.0;
                    let chip = [x + 8.0, line, text.min(width - 12.0), 22.0];
                    self.svg.rect("an-chip", chip, 3.0, "");
                    let base = line + 15.0;
                    self.svg.text("tl-s tl-m tl-bold", x + 14.0, base, Anchor::Start, name, "");
                    let cut = fit(address, 11.0, true, width - gap - 18.0);
                    self.svg.text("tl-s tl-m tl-mu", x + 14.0 + gap, base, Anchor::Start, &cut, "");
                    line += 30.0;
                }
                Item::Port { port, program } => {
                    let text = format!(":{port}");
                    let wide = text_width(&text, 12.0, true) + 18.0;
                    if left == x + 12.0 {
                        let words = fit(&(self.t.listens)(program), 11.0, false, width - 16.0);
                        self.svg.text("tl-s tl-mu", left, y + 18.0, Anchor::Start, &words, "");
                        let words = format!("0.0.0.0:{port}");
                        self.svg.text("tl-s tl-m tl-mu", left, y + 66.0, Anchor::Start, &words, "");
                    }
                    self.svg.rect("an-port", [left, y + 25.0, wide, 24.0], 4.0, program);
                    let middle = left + wide / 2.0;
                    self.svg.text("tl-c tl-m tl-bold", middle, y + 41.5, Anchor::Middle, &text, "");
                    left += wide + 6.0;
                }
                Item::Clash { port } => {
                    let text = format!(":{port}");
                    let wide = text_width(&text, 12.0, true) + 18.0;
                    self.svg.rect("an-clash", [left, y + 25.0, wide, 24.0], 4.0, "");
                    let middle = left + wide / 2.0;
                    self.svg.text("tl-c tl-m tl-er", middle, y + 41.5, Anchor::Middle, &text, "");
                    glyph::draw(&mut self.svg, Glyph::Cross, left + wide + 10.0, y + 37.0, "");
                    let words = fit(self.t.taken, 11.0, false, width - 16.0);
                    self.svg.text("tl-s tl-er", left, y + 66.0, Anchor::Start, &words, "");
                    left += wide + 22.0;
                }
                _ => {}
            }
        }
    }

    fn names(&mut self, x: f64, y: f64, width: f64, items: &[Item]) {
        for item in items {
            match item {
                Item::Ipc => {
                    let words = fit(self.t.ipc, 12.0, false, width - 20.0);
                    self.svg.text(
                        "tl-c tl-mu an-halo",
                        x + 10.0,
                        y + 18.0,
                        Anchor::Start,
                        &words,
                        "",
                    );
                }
                Item::Hostname(name) => {
                    let word = self.t.hostname;
                    self.svg.text("tl-c tl-mu", x + 10.0, y + 18.0, Anchor::Start, word, "");
                    let after = x + 16.0 + text_width(word, 12.0, false);
                    let cut = fit(name, 12.0, true, width - (after - x) - 6.0);
                    self.svg.text("tl-c tl-m an-halo", after, y + 18.0, Anchor::Start, &cut, name);
                }
                _ => {}
            }
        }
    }

    fn processes(&mut self, column: usize, [y, height]: [f64; 2], items: &[Item]) {
        let (x, width) = self.grid.column(column);
        let digits = items.iter().map(|item| match item {
            Item::Process { pid, .. } => pid.to_string().len(),
            _ => 0,
        });
        let gutter = 14.0 + digits.max().unwrap_or(1).max(2) as f64 * 7.4;
        for (index, item) in items.iter().enumerate() {
            let line = y + 19.0 + index as f64 * LINE;
            match item {
                Item::Process { pid, command, zombie } => {
                    let own = if *zombie { "tl-c tl-m tl-er" } else { "tl-c tl-m" };
                    let bold = if *pid == 1 { "tl-c tl-m tl-bold" } else { "tl-c tl-m tl-mu" };
                    let number = pid.to_string();
                    self.svg.text(bold, x + gutter, line, Anchor::End, &number, "");
                    let room = width - gutter - 14.0 - if *zombie { 16.0 } else { 0.0 };
                    let cut = fit(command, 12.0, true, room);
                    self.svg.text(own, x + gutter + 8.0, line, Anchor::Start, &cut, command);
                    if *zombie {
                        let place = x + gutter + 18.0 + text_width(&cut, 12.0, true);
                        glyph::draw(&mut self.svg, Glyph::Gone, place, line - 4.0, "");
                    }
                }
                Item::More(count) => {
                    let words = (self.t.more)(*count);
                    self.svg.text("tl-s tl-mu", x + gutter + 8.0, line, Anchor::Start, &words, "");
                }
                _ => {}
            }
        }
        if column == 0 {
            let shared =
                self.anatomy.rows.iter().any(|row| {
                    row.kind == Kind::Pid && row.cells.first().is_some_and(Cell::is_shared)
                });
            let words = if shared { self.t.pause_reaps } else { self.t.pause_alone };
            let whole = text_width(words, 11.0, false) <= width - 14.0;
            // Half a sentence says nothing; on a phone there is no room for it.
            if !whole && self.grid.phone {
                return;
            }
            let words = fit(words, 11.0, false, width - 14.0);
            self.svg.text("tl-s tl-mu", x + 10.0, y + height - 9.0, Anchor::Start, &words, "");
        }
    }

    /// Left of the paths of a column stand the risers of its volumes.
    fn risers(&self) -> f64 {
        14.0 + 9.0 * (self.anatomy.volumes.len().clamp(1, RISERS) as f64)
    }

    fn files(&mut self, x: f64, y: f64, width: f64, items: &[Item]) {
        let indent = self.risers();
        for (index, item) in items.iter().enumerate() {
            let line = y + 18.0 + index as f64 * LINE;
            match item {
                Item::Root { image } => {
                    self.svg.text("tl-c tl-m tl-bold", x + 10.0, line, Anchor::Start, "/", "");
                    let cut = fit(image, 11.0, true, width - 40.0);
                    self.svg.text("tl-s tl-m tl-mu", x + 30.0, line, Anchor::Start, &cut, image);
                }
                Item::KubeletFiles => {
                    let words = fit("/etc/hosts  /etc/resolv.conf", 11.0, true, width - 18.0);
                    self.svg.text("tl-s tl-m tl-mu", x + 10.0, line, Anchor::Start, &words, "");
                }
                Item::Mount { path, volume } => {
                    let dot = x + 13.0 + 9.0 * (*volume).min(RISERS - 1) as f64;
                    let end = self.grid.volumes.get(*volume).copied().unwrap_or(line);
                    self.svg.line("an-riser", [dot, line - 4.0, dot, end + VOLUME / 2.0]);
                    self.svg.circle("an-dot", dot, line - 4.0, 2.6, "");
                    self.svg.circle("an-dot", dot, end + VOLUME / 2.0, 3.6, "");
                    let cut = fit(short_path(path), 11.0, true, width - indent - 6.0);
                    self.svg.text("tl-s tl-m", x + indent, line, Anchor::Start, &cut, path);
                }
                _ => {}
            }
        }
    }

    /// Volumes are no namespace: they stand below, one cell from the first to the last who mounts.
    fn volumes(&mut self) {
        for (index, volume) in self.anatomy.volumes.iter().enumerate() {
            let Some(y) = self.grid.volumes.get(index).copied() else { continue };
            let (Some(first), Some(last)) = (volume.mounts.first(), volume.mounts.last()) else {
                continue;
            };
            if index == 0 {
                let (x, line) = if self.grid.phone {
                    (self.grid.glass.0 + 10.0, y - 4.0)
                } else {
                    (16.0, y + 14.0)
                };
                self.svg.text("tl-l tl-bold", x, line, Anchor::Start, self.t.volume, "");
                if !self.grid.phone {
                    let words = self.t.volume_of;
                    self.svg.text("tl-s tl-mu", x, line + 15.0, Anchor::Start, words, "");
                }
            }
            let (x, width) = self.grid.span(first.0, last.0 + 1);
            let class = match (volume.mounted, volume.mounts.len() > 1) {
                (false, _) => "an-empty",
                (true, true) => "an-cell an-wide",
                (true, false) => "an-cell",
            };
            self.svg.rect(class, [x, y, width, VOLUME], 5.0, &volume.name);
            let start = x + self.risers();
            let room = self.grid.column(first.0).1 - self.risers() - 6.0;
            let name = fit(&volume.name, 12.0, true, room);
            self.svg.text("tl-c tl-m", start, y + 19.0, Anchor::Start, &name, &volume.name);
            let after = start + 8.0 + text_width(&name, 12.0, true);
            let kind = if volume.mounted { volume.source } else { self.t.not_mounted };
            if after + text_width(kind, 11.0, false) < start + room {
                self.svg.text("tl-s tl-mu", after, y + 19.0, Anchor::Start, kind, "");
            }
            for (column, read_only) in volume.mounts.iter().skip(1) {
                let (x, width) = self.grid.column(*column);
                let mut words = self.t.same_directory.to_owned();
                if *read_only {
                    words.push_str(", ");
                    words.push_str(self.t.read_only);
                }
                let words = fit(&words, 11.0, false, width - self.risers() - 4.0);
                let x = x + self.risers();
                self.svg.text("tl-s tl-mu", x, y + 19.0, Anchor::Start, &words, "");
            }
        }
    }

    /// The newest request from one container to a port of the Pod.
    fn request(&mut self) {
        let Some(asked) = &self.anatomy.asked else { return };
        let Some((top, height)) = self.grid.rows.first().copied() else { return };
        let (from, width) = self.grid.column(asked.from);
        let low = height > 84.0;
        let y = if low { top + 84.0 } else { top + 37.0 };
        let text = fit(&asked.command, 11.0, true, width - 26.0);
        let wide = text_width(&text, 11.0, true);
        let answer = (self.t.localhost)(asked.answer);
        let to = asked.to.filter(|to| *to != asked.from);
        let Some(to) = to else {
            let words = fit(&format!("{text} · {answer}"), 11.0, true, width - 18.0);
            self.svg.text("tl-s tl-m tl-ac", from + 12.0, y + 4.0, Anchor::Start, &words, "");
            return;
        };
        let (column, room) = self.grid.column(to);
        let port = column + 12.0 + text_width(&format!(":{}", asked.port), 12.0, true) + 18.0;
        let head = top + 37.0;
        // From its text to the port, at the side of the port that is nearer.
        let path = if from > column {
            self.svg.text("tl-s tl-m tl-ac", from + 18.0, y + 4.0, Anchor::Start, &text, "");
            let start = Path::default().to(from + 12.0, y);
            let bent = if low { start.line(port + 16.0, y).line(port + 16.0, head) } else { start };
            bent.line(port + 8.0, head)
        } else {
            let x = from + width - wide - 20.0;
            self.svg.text("tl-s tl-m tl-ac", x, y + 4.0, Anchor::Start, &text, "");
            let end = column + 4.0;
            let start = Path::default().to(x + wide + 6.0, y);
            let bent = if low { start.line(end - 8.0, y).line(end - 8.0, head) } else { start };
            bent.line(end, head)
        };
        self.svg.path("an-ask", &path, "");
        let tip = if from > column { port + 2.0 } else { column + 11.0 };
        let back = if from > column { 7.0 } else { -7.0 };
        let arrow = Path::default().to(tip, head).line(tip + back, head - 4.0);
        self.svg.path("an-askhead", &arrow.line(tip + back, head + 4.0).close(), "");
        let words = text_width(&answer, 11.0, false);
        if from > column && column + room - port > words + 24.0 {
            let middle = (port + column + room) / 2.0 + 4.0;
            self.svg.rect(
                "tl-paper",
                [middle - words / 2.0 - 6.0, y - 8.0, words + 12.0, 16.0],
                2.0,
                "",
            );
            self.svg.text("tl-s tl-ac", middle, y + 4.0, Anchor::Middle, &answer, "");
        } else {
            self.svg.text("tl-s tl-ac", from + 18.0, y + 18.0, Anchor::Start, &answer, "");
        }
    }
}

/// The mark of how a seat is.
pub(super) fn glyph_of(state: &SeatState) -> Glyph {
    match state {
        SeatState::Waiting => Glyph::Waiting,
        SeatState::Running => Glyph::Running,
        SeatState::Ready => Glyph::Ready,
        SeatState::Terminating => Glyph::Terminating,
        SeatState::Exited(0) => Glyph::Completed,
        SeatState::Exited(_) => Glyph::Failed,
        SeatState::BackOff(_) => Glyph::BackOff,
    }
}

/// A text cut at its end to a width.
pub(super) fn fit(text: &str, size: f64, mono: bool, room: f64) -> String {
    if text_width(text, size, mono) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut left = room - text_width("…", size, mono);
    for character in text.chars() {
        left -= text_width(character.encode_utf8(&mut [0; 4]), size, mono);
        if left < 0.0 {
            break;
        }
        out.push(character);
    }
    out.push('…');
    out
}
