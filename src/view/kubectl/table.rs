//! Columns of text: the tab writer under every table and description that kubectl prints.
//!
//! Owns: [`align`] (cells ended by tabs become padded columns) and [`Table`] (kubectl's printer of
//! tables). Does not own: what stands in the cells.

/// How wide columns are at least, and how much space follows the widest cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    min_width: usize,
    padding: usize,
}

/// `kubectl get`: cli-runtime/pkg/printers/tabwriter.go.
pub const GET: Style = Style { min_width: 6, padding: 3 };

/// `kubectl describe`: kubectl/pkg/describe/describe.go tabbedString.
pub const DESCRIBE: Style = Style { min_width: 0, padding: 2 };

/// Aligns text in which every cell but the last of a line ends in a tab.
///
/// Models Go's text/tabwriter with space padding: a column is a run of adjacent lines that all have
/// a tab-ended cell there; it is as wide as the widest of these cells, and the last cell of a line
/// belongs to no column.
pub fn align(text: &str, style: Style) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let mut out = String::with_capacity(text.len() * 2);
    let mut writer = Writer { lines: &lines, style, widths: Vec::new(), out: &mut out };
    writer.format(0, lines.len());
    out
}

struct Writer<'a> {
    lines: &'a [Vec<&'a str>],
    style: Style,
    /// The widths of the columns to the left of the one that is looked at.
    widths: Vec<usize>,
    out: &'a mut String,
}

impl Writer<'_> {
    fn has_cell(&self, line: usize) -> bool {
        self.lines.get(line).is_some_and(|cells| self.widths.len() + 1 < cells.len())
    }

    fn format(&mut self, from: usize, to: usize) {
        let (mut start, mut line) = (from, from);
        while line < to {
            if !self.has_cell(line) {
                line += 1;
                continue;
            }
            self.write(start, line);
            start = line;
            let column = self.widths.len();
            let mut width = self.style.min_width;
            while line < to && self.has_cell(line) {
                width = width.max(self.lines[line][column].chars().count() + self.style.padding);
                line += 1;
            }
            self.widths.push(width);
            self.format(start, line);
            self.widths.pop();
            start = line;
        }
        self.write(start, to);
    }

    fn write(&mut self, from: usize, to: usize) {
        for line in from..to {
            for (column, cell) in self.lines[line].iter().enumerate() {
                self.out.push_str(cell);
                if let Some(width) = self.widths.get(column) {
                    let padding = width.saturating_sub(cell.chars().count());
                    self.out.extend(std::iter::repeat_n(' ', padding));
                }
            }
            if line + 1 < self.lines.len() {
                self.out.push('\n');
            }
        }
    }
}

/// Columns that remember how wide they were, as rows come one after the other.
///
/// Models liggitt/tabwriter with RememberWidths, for rows that all have as many cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Widths(Vec<usize>);

impl Widths {
    /// Aligns more rows.
    pub fn align(&mut self, text: &str, style: Style) -> String {
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        for row in &rows {
            for (column, cell) in row.iter().enumerate().take(row.len().saturating_sub(1)) {
                let width = (cell.chars().count() + style.padding).max(style.min_width);
                match self.0.get_mut(column) {
                    Some(known) => *known = width.max(*known),
                    None => self.0.push(width),
                }
            }
        }
        let mut out = String::with_capacity(text.len() * 2);
        for row in rows {
            for (column, cell) in row.iter().enumerate() {
                out.push_str(cell);
                if column + 1 < row.len() {
                    let width = self.0.get(column).copied().unwrap_or_default();
                    let gap = width.saturating_sub(cell.chars().count());
                    out.extend(std::iter::repeat_n(' ', gap));
                }
            }
            out.push('\n');
        }
        out
    }
}

/// One kind of objects as `kubectl get` prints them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Titles of the columns; those that only `-o wide` shows come last.
    pub columns: &'static [&'static str],
    /// How many of the columns show without `-o wide`.
    pub narrow: usize,
    /// A row an object.
    pub rows: Vec<Row>,
}

/// One object as a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its namespace; empty where there is none.
    pub namespace: String,
    /// Its labels, for `--show-labels`.
    pub labels: String,
    /// A cell a column, wide ones included.
    pub cells: Vec<String>,
}

/// What the flags of `kubectl get` ask of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns<'f> {
    /// `-o wide`.
    pub wide: bool,
    /// `-A`: NAMESPACE first.
    pub namespace: bool,
    /// `-L`: a column for each of these labels, after the others.
    pub label_columns: &'f [String],
    /// `--show-labels`: LABELS last.
    pub labels: bool,
    /// `--no-headers`.
    pub no_headers: bool,
}

impl Table {
    /// Prints the table; where several kinds are shown, names follow a prefix such as `pod/`.
    ///
    /// Models cli-runtime/pkg/printers/tableprinter.go printTable.
    pub fn print(&self, columns: Columns<'_>, name_prefix: &str) -> String {
        align(&self.text(columns, name_prefix), GET)
    }

    /// The same before it is aligned: a tab after every cell but the last of a line.
    pub fn text(&self, columns: Columns<'_>, name_prefix: &str) -> String {
        let shown = if columns.wide { self.columns.len() } else { self.narrow };
        let mut text = String::new();
        if !columns.no_headers {
            let mut titles: Vec<&str> = self.columns.iter().take(shown).copied().collect();
            if columns.namespace {
                titles.insert(0, "NAMESPACE");
            }
            text.push_str(&titles.join("\t"));
            // cli-runtime/pkg/printers/tableprinter.go formatLabelHeaders
            for label in columns.label_columns {
                text.push('\t');
                text.push_str(&label.rsplit('/').next().unwrap_or(label).to_uppercase());
            }
            if columns.labels {
                text.push_str("\tLABELS");
            }
            text.push('\n');
        }
        for row in &self.rows {
            if columns.namespace {
                text.push_str(&row.namespace);
                text.push('\t');
            }
            for (index, cell) in row.cells.iter().take(shown).enumerate() {
                if index == 0 {
                    text.push_str(name_prefix);
                } else {
                    text.push('\t');
                }
                push_cell(&mut text, cell);
            }
            for label in columns.label_columns {
                let pairs = row.labels.split(',').filter_map(|pair| pair.split_once('='));
                let value = pairs.filter(|(key, _)| *key == label.as_str()).map(|(_, value)| value);
                text.push('\t');
                text.extend(value);
            }
            if columns.labels {
                text.push('\t');
                text.push_str(&row.labels);
            }
            text.push('\n');
        }
        text
    }
}

/// A cell ends where its first line ends, and shows no control characters.
fn push_cell(text: &mut String, cell: &str) {
    let end = cell.find(['\n', '\r', '\u{c}']);
    for character in cell[..end.unwrap_or(cell.len())].chars() {
        match character {
            '\u{1b}' => text.push_str("^["),
            // A tab would begin a new cell.
            '\t' => text.push(' '),
            other => text.push(other),
        }
    }
    if end.is_some() {
        text.push_str("...");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_ends_where_a_line_lacks_it() {
        assert_eq!(align("a\tb\nlong\tb\n", DESCRIBE), "a     b\nlong  b\n");
        // The heading has no cell in the first column: what follows aligns by itself.
        assert_eq!(align("Name:\tx\nIPs:\n  IP:\ty\n", DESCRIBE), "Name:  x\nIPs:\n  IP:  y\n");
        assert_eq!(align("a\tb\tc\nlonger\t\tc\n", DESCRIBE), "a       b  c\nlonger     c\n");
    }

    #[test]
    fn get_tables_have_room_and_leave_the_last_column_alone() {
        let row = |cells: &[&str]| Row {
            namespace: "default".to_owned(),
            labels: "<none>".to_owned(),
            cells: cells.iter().map(|c| (*c).to_owned()).collect(),
        };
        let table = Table {
            columns: &["NAME", "DATA", "AGE", "X"],
            narrow: 3,
            rows: vec![row(&["c", "1", "5s", "w"]), row(&["中文\nrest", "1", "5s", "w"])],
        };
        assert_eq!(
            table.print(Columns::default(), ""),
            "NAME    DATA   AGE\nc       1      5s\n中文...   1      5s\n"
        );
        assert_eq!(
            table.print(
                Columns {
                    wide: true,
                    namespace: true,
                    labels: true,
                    no_headers: true,
                    ..Columns::default()
                },
                "x/"
            ),
            "default   x/c       1     5s    w     <none>\n\
             default   x/中文...   1     5s    w     <none>\n"
        );
    }
}
