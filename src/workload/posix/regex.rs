//! A small regular-expression engine for grep, sed and `=~`: POSIX basic and extended.
//!
//! Owns: matching by backtracking, with a limit on its work. Does not own: what is done with
//! matches. (The regex crate would be a tenth of the whole page.)

/// A compiled expression.
#[derive(Clone, Debug)]
pub(in crate::workload) struct Regex {
    alternatives: Vec<Vec<Piece>>,
    pub(in crate::workload) ignore_case: bool,
    /// Only whole words match.
    pub(in crate::workload) word: bool,
    groups: usize,
}

#[derive(Clone, Debug)]
struct Piece {
    atom: Atom,
    least: usize,
    most: usize,
}

#[derive(Clone, Debug)]
enum Atom {
    Any,
    Char(char),
    Class { negated: bool, items: Vec<(char, char)> },
    Start,
    End,
    Boundary,
    Group(usize, Vec<Vec<Piece>>),
    Same(usize),
}

/// Invented: steps of one match, at most; nobody's log lines need a hundredth.
const WORK: usize = 50_000;
const DEEPEST: usize = 30;

struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    groups: usize,
    depth: usize,
    marker: std::marker::PhantomData<&'a ()>,
}

impl Regex {
    /// Reads an expression.
    pub(in crate::workload) fn new(text: &str, extended: bool) -> Result<Self, String> {
        let mut parser = Parser {
            chars: text.chars().collect(),
            at: 0,
            extended,
            groups: 0,
            depth: 0,
            marker: std::marker::PhantomData,
        };
        let alternatives = parser.alternatives()?;
        if parser.at < parser.chars.len() {
            return Err("Unmatched ( or \\(".to_owned());
        }
        Ok(Self { alternatives, ignore_case: false, word: false, groups: parser.groups })
    }

    /// An expression that means its own text.
    pub(in crate::workload) fn literal(text: &str) -> Self {
        let pieces =
            text.chars().map(|c| Piece { atom: Atom::Char(c), least: 1, most: 1 }).collect();
        Self { alternatives: vec![pieces], ignore_case: false, word: false, groups: 0 }
    }

    /// The first match: where it begins and ends.
    pub(in crate::workload) fn find(&self, text: &str) -> Option<(usize, usize)> {
        self.captures(text, 0).and_then(|captures| captures.first().copied().flatten())
    }

    /// The first match from a character on, and its groups.
    pub(in crate::workload) fn captures(
        &self,
        text: &str,
        from: usize,
    ) -> Option<Vec<Option<(usize, usize)>>> {
        let places: Vec<(usize, char)> = text.char_indices().collect();
        let byte = |index: usize| places.get(index).map_or(text.len(), |(at, _)| *at);
        let chars: Vec<char> = places.iter().map(|(_, c)| *c).collect();
        let mut matcher = Matcher {
            chars: &chars,
            ignore_case: self.ignore_case,
            work: 0,
            groups: vec![None; self.groups + 1],
        };
        for start in from..=chars.len() {
            for group in &mut matcher.groups {
                *group = None;
            }
            let mut end = None;
            let whole = self.word;
            let found = matcher.alternatives(&self.alternatives, start, &mut |matcher, at| {
                if whole && !(is_edge(matcher.chars, start) && is_edge(matcher.chars, at)) {
                    return false;
                }
                end = Some(at);
                true
            });
            if found && let Some(end) = end {
                let mut result = vec![Some((byte(start), byte(end)))];
                result.extend(
                    matcher.groups.iter().skip(1).map(|g| g.map(|(a, b)| (byte(a), byte(b)))),
                );
                return Some(result);
            }
        }
        None
    }

    /// Replaces the first match, or all; whether there was one.
    pub(in crate::workload) fn replace(&self, text: &str, with: &str, all: bool) -> (String, bool) {
        let mut result = String::new();
        let mut rest = 0;
        let mut changed = false;
        while rest <= text.len() {
            let skip = text[..rest].chars().count();
            let Some(captures) = self.captures(text, skip) else { break };
            let Some((start, end)) = captures.first().copied().flatten() else { break };
            changed = true;
            result += &text[rest..start];
            let mut chars = with.chars();
            while let Some(c) = chars.next() {
                let group = match c {
                    '&' => Some(0),
                    '\\' => match chars.next() {
                        Some(digit) if digit.is_ascii_digit() => digit.to_digit(10),
                        Some('n') => {
                            result.push('\n');
                            None
                        }
                        Some('t') => {
                            result.push('\t');
                            None
                        }
                        other => {
                            result.extend(other);
                            None
                        }
                    },
                    c => {
                        result.push(c);
                        None
                    }
                };
                if let Some(group) = group
                    && let Some(Some((from, to))) = captures.get(group as usize)
                {
                    result += &text[*from..*to];
                }
            }
            if end == start {
                match text[end..].chars().next() {
                    Some(c) => {
                        result.push(c);
                        rest = end + c.len_utf8();
                    }
                    None => {
                        rest = text.len() + 1;
                        break;
                    }
                }
            } else {
                rest = end;
            }
            if !all {
                break;
            }
        }
        result += text.get(rest..).unwrap_or("");
        (result, changed)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_edge(chars: &[char], at: usize) -> bool {
    let before = at > 0 && is_word(chars[at - 1]);
    let after = chars.get(at).is_some_and(|c| is_word(*c));
    before != after
}

impl Parser<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Whether an operator of one character stands here: `|` or `\|`.
    fn operator(&mut self, c: char) -> bool {
        let length = match (self.peek(0), self.peek(1), self.extended) {
            (Some(found), _, true) if found == c => 1,
            (Some('\\'), Some(found), false) if found == c => 2,
            _ => return false,
        };
        self.at += length;
        true
    }

    fn alternatives(&mut self) -> Result<Vec<Vec<Piece>>, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("Regular expression too big".to_owned());
        }
        let mut result = vec![self.sequence()?];
        while self.operator('|') {
            result.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(result)
    }

    fn sequence(&mut self) -> Result<Vec<Piece>, String> {
        let mut pieces = Vec::new();
        while let Some(c) = self.peek(0) {
            let closes = if self.extended {
                c == '|' || (c == ')' && self.depth > 1)
            } else {
                c == '\\' && matches!(self.peek(1), Some('|' | ')'))
            };
            if closes {
                break;
            }
            let atom = self.atom(pieces.is_empty())?;
            let (mut least, mut most) = (1, 1);
            loop {
                match self.peek(0) {
                    Some('*') => {
                        self.at += 1;
                        (least, most) = (0, usize::MAX);
                    }
                    Some(_) if self.operator('+') => most = usize::MAX,
                    Some(_) if self.operator('?') => least = 0,
                    Some(_) if self.operator('{') => (least, most) = self.bounds()?,
                    _ => break,
                }
            }
            pieces.push(Piece { atom, least, most });
        }
        Ok(pieces)
    }

    fn bounds(&mut self) -> Result<(usize, usize), String> {
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '}' => break,
                '\\' => {}
                c => text.push(c),
            }
        }
        let number =
            |text: &str| text.parse::<usize>().map_err(|_| "Invalid content of \\{\\}".to_owned());
        let (low, high) = match text.split_once(',') {
            None => (number(&text)?, number(&text)?),
            Some((low, "")) => (number(low)?, usize::MAX),
            Some((low, high)) => (number(low)?, number(high)?),
        };
        if low > 255 {
            return Err("Regular expression too big".to_owned());
        }
        Ok((low, high))
    }

    fn atom(&mut self, first: bool) -> Result<Atom, String> {
        if self.operator('(') {
            self.groups += 1;
            let number = self.groups;
            let inner = self.alternatives()?;
            if !self.operator(')') {
                return Err("Unmatched ( or \\(".to_owned());
            }
            return Ok(Atom::Group(number, inner));
        }
        let c = self.peek(0).unwrap_or(' ');
        self.at += 1;
        Ok(match c {
            '.' => Atom::Any,
            '^' if self.extended || first => Atom::Start,
            '$' if self.extended || self.peek(0).is_none() || self.peek(0) == Some('\\') => {
                Atom::End
            }
            '[' => self.class()?,
            '\\' => {
                let next = self.peek(0).ok_or("Trailing backslash")?;
                self.at += 1;
                let class = |items: &[(char, char)], negated| Atom::Class {
                    negated,
                    items: items.to_vec(),
                };
                match next {
                    'd' => class(&[('0', '9')], false),
                    'w' | 'W' => {
                        class(&[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')], next == 'W')
                    }
                    's' | 'S' => class(&[(' ', ' '), ('\t', '\r')], next == 'S'),
                    'b' | '<' | '>' => Atom::Boundary,
                    'n' => Atom::Char('\n'),
                    't' => Atom::Char('\t'),
                    digit if digit.is_ascii_digit() && digit != '0' => {
                        Atom::Same(digit.to_digit(10).unwrap_or(1) as usize)
                    }
                    c => Atom::Char(c),
                }
            }
            c => Atom::Char(c),
        })
    }

    fn class(&mut self) -> Result<Atom, String> {
        let negated = self.peek(0) == Some('^');
        self.at += usize::from(negated);
        let mut items = Vec::new();
        let mut first = true;
        loop {
            let c = self.peek(0).ok_or("Unmatched [, [^, [:, [., or [=")?;
            self.at += 1;
            if c == ']' && !first {
                return Ok(Atom::Class { negated, items });
            }
            first = false;
            if c == '[' && self.peek(0) == Some(':') {
                let end = (self.at + 1..self.chars.len()).find(|i| self.chars[*i] == ':');
                let end = end.ok_or("Unmatched [, [^, [:, [., or [=")?;
                let name: String = self.chars[self.at + 1..end].iter().collect();
                self.at = end + 2;
                items.extend_from_slice(match name.as_str() {
                    "digit" => &[('0', '9')],
                    "alpha" => &[('a', 'z'), ('A', 'Z')],
                    "alnum" => &[('a', 'z'), ('A', 'Z'), ('0', '9')],
                    "upper" => &[('A', 'Z')],
                    "lower" => &[('a', 'z')],
                    "space" | "blank" => &[(' ', ' '), ('\t', '\r')],
                    "xdigit" => &[('a', 'f'), ('A', 'F'), ('0', '9')],
                    "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
                    _ => &[],
                });
                continue;
            }
            match (self.peek(0), self.peek(1)) {
                (Some('-'), Some(high)) if high != ']' => {
                    self.at += 2;
                    items.push((c, high));
                }
                _ => items.push((c, c)),
            }
        }
    }
}

struct Matcher<'t> {
    chars: &'t [char],
    ignore_case: bool,
    work: usize,
    groups: Vec<Option<(usize, usize)>>,
}

type Then<'f> = &'f mut dyn FnMut(&mut Matcher<'_>, usize) -> bool;

impl Matcher<'_> {
    fn alternatives(&mut self, alternatives: &[Vec<Piece>], at: usize, then: Then<'_>) -> bool {
        alternatives.iter().any(|pieces| self.sequence(pieces, at, then))
    }

    fn sequence(&mut self, pieces: &[Piece], at: usize, then: Then<'_>) -> bool {
        self.work += 1;
        if self.work > WORK {
            return false;
        }
        let Some((piece, rest)) = pieces.split_first() else { return then(self, at) };
        if let Atom::Group(number, inner) = &piece.atom {
            return self.group(*number, inner, (piece.least, piece.most), rest, at, then);
        }
        // One character each: take as many as fit, then give back one after the other.
        let mut ends = vec![at];
        while ends.len() <= piece.most {
            let here = ends.last().copied().unwrap_or(at);
            match self.one(&piece.atom, here) {
                Some(next) => {
                    ends.push(next);
                    if next == here {
                        break;
                    }
                }
                None => break,
            }
        }
        while ends.len() > piece.least {
            let Some(end) = ends.pop() else { break };
            if self.sequence(rest, end, then) {
                return true;
            }
        }
        false
    }

    fn group(
        &mut self,
        number: usize,
        inner: &[Vec<Piece>],
        (least, most): (usize, usize),
        rest: &[Piece],
        at: usize,
        then: Then<'_>,
    ) -> bool {
        self.work += 1;
        // Every repetition nests; a limit far below the stack's.
        if self.work > WORK {
            return false;
        }
        if most > 0 {
            let before = self.groups[number];
            let found = self.alternatives(inner, at, &mut |matcher, end| {
                if end == at && least == 0 {
                    return false;
                }
                let kept = matcher.groups[number];
                matcher.groups[number] = Some((at, end));
                let more = (least.saturating_sub(1), if most > 500 { 500 } else { most - 1 });
                let found = matcher.group(number, inner, more, rest, end, then);
                if !found {
                    matcher.groups[number] = kept;
                }
                found
            });
            if found {
                return true;
            }
            self.groups[number] = before;
        }
        least == 0 && self.sequence(rest, at, then)
    }

    fn one(&self, atom: &Atom, at: usize) -> Option<usize> {
        let c = self.chars.get(at).copied();
        let fold =
            |c: char| if self.ignore_case { c.to_lowercase().next().unwrap_or(c) } else { c };
        match atom {
            Atom::Start => (at == 0).then_some(at),
            Atom::End => (at == self.chars.len()).then_some(at),
            Atom::Boundary => is_edge(self.chars, at).then_some(at),
            Atom::Any => c.map(|_| at + 1),
            Atom::Char(wanted) => (fold(c?) == fold(*wanted)).then_some(at + 1),
            Atom::Class { negated, items } => {
                let c = c?;
                let inside = |c: char| items.iter().any(|(low, high)| *low <= c && c <= *high);
                let found = inside(c)
                    || (self.ignore_case
                        && (inside(fold(c)) || c.to_uppercase().next().is_some_and(inside)));
                (found != *negated).then_some(at + 1)
            }
            Atom::Same(number) => {
                let (from, to) = (*self.groups.get(*number)?)?;
                let part = &self.chars[from..to];
                self.chars[at..].starts_with(part).then_some(at + part.len())
            }
            Atom::Group(..) => None,
        }
    }
}
