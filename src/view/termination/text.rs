//! The end of a Pod as text, for code blocks and terminals.

use std::fmt;

use super::{Fate, Termination};
use crate::time::{Duration, Instant};

/// Characters of the plot.
const WIDTH: usize = 64;
/// Characters before it.
const NAMES: usize = 12;

impl Termination {
    fn column(&self, at: Instant) -> usize {
        let whole = self.to.since(self.from).as_micros().max(1);
        let part = at.since(self.from).as_micros().clamp(0, whole);
        usize::try_from(part * (WIDTH as i64 - 1) / whole).unwrap_or(0)
    }

    fn plot(&self, spans: &[(Instant, Instant, char)], marks: &[(Instant, char)]) -> String {
        let mut line = vec![' '; WIDTH];
        for (from, to, sign) in spans {
            for place in &mut line[self.column(*from)..=self.column(*to)] {
                *place = *sign;
            }
        }
        for (at, sign) in marks {
            line[self.column(*at)] = *sign;
        }
        line.into_iter().collect::<String>().trim_end().to_owned()
    }
}

/// `1.8 s`.
pub fn seconds(span: Duration) -> String {
    let hundredths = (span.as_micros().abs() + 5_000) / 10_000;
    let (whole, part) = (hundredths / 100, hundredths % 100);
    if whole > 0 || part == 0 {
        format!("{whole}.{} s", part / 10)
    } else {
        format!("0.{part:02} s")
    }
}

impl fmt::Display for Termination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:NAMES$}{}", "", self.plot(&[], &[(self.asked, '◆')]))?;
        for own in &self.containers {
            let end = own.exit.map_or(self.to, |(at, _)| at);
            let told = own.signal.as_ref().map_or(end, |(at, _, _)| *at);
            let mut marks = Vec::new();
            marks.extend(own.signal.as_ref().map(|(at, _, _)| (*at, '▽')));
            marks.extend(own.killed.map(|at| (at, '▼')));
            marks.extend(own.exit.map(|(at, _)| (at, '■')));
            let spans = [(self.from, told, '█'), (told, end, '▚')];
            writeln!(f, "{:NAMES$}{}", cut(&own.name), self.plot(&spans, &marks))?;
            if let Some((from, to, _)) = own.hook {
                let to = to.unwrap_or(end);
                let line = self.plot(&[(from, to, '─')], &[(from, '['), (to, ']')]);
                writeln!(f, "{:NAMES$}{line}", "  preStop")?;
            }
        }
        for track in &self.nodes {
            let until = track.until.unwrap_or(self.to);
            let closed = self.closed.unwrap_or(self.to);
            let spans = [(self.from, until.min(closed), '━'), (closed.min(until), until, '╳')];
            let spans = if until > closed { &spans[..] } else { &spans[..1] };
            writeln!(f, "{:NAMES$}{}", cut(&track.node), self.plot(spans, &[(until, '│')]))?;
            if !track.dots.is_empty() {
                let dots: Vec<(Instant, char)> = track
                    .dots
                    .iter()
                    .map(|dot| match dot.fate {
                        Fate::Served => (dot.at, '●'),
                        Fate::Lost => (dot.at, '✕'),
                        Fate::Elsewhere => (dot.at, '○'),
                    })
                    .collect();
                writeln!(f, "{:NAMES$}{}", "", self.plot(&[], &dots))?;
            }
        }
        match self.gap() {
            Some(gap) if gap > Duration::ZERO => write!(f, "gap {}", seconds(gap))?,
            Some(gap) => write!(f, "margin {}", seconds(gap))?,
            None => write!(f, "no route")?,
        }
        writeln!(f, ", {} lost, grace {}", self.losses(), seconds(self.grace))
    }
}

fn cut(name: &str) -> String {
    name.chars().take(NAMES - 2).collect()
}
