//! The line of a load over time, and the short ways to write one.
//!
//! Owns: points, steps, ramps, spikes, waves and pasted tables, and the plain points that they come
//! to. Does not own: what the line means (`cluster`, `trace::requests`).

use crate::diagnostic::Finding;
use crate::manifest::decode::{Decode, Decoder};
use crate::manifest::encode::{Encode, Field, Tree, object};
use crate::manifest::node::{Node, Value};
use crate::manifest::quantity::Quantity;
use crate::order;
use crate::time::{Duration, Instant};

/// A line through points: moments and billionths. Before the first it is nothing, after the last it
/// stays, in between it is straight.
pub type Points = Vec<(Instant, i128)>;

/// Points that a line may come to. Invented: more than a screen has columns.
const POINTS_MAX: usize = 4_000;

/// A sine of a quarter of its wave, in millionths, a sixth of the quarter apart.
const QUARTER: [i128; 7] = [0, 258_819, 500_000, 707_107, 866_025, 965_926, 1_000_000];
/// Straight pieces that a wave is drawn with.
const PIECES: i64 = 24;
/// How long a wave goes on that does not say: the longest scenario.
const DAY: Duration = Duration::from_secs(86_400);

/// One item of a curve.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct CurveItem {
    /// When.
    pub at: Duration,
    /// How much from then on.
    pub value: Quantity,
    /// It jumps there; otherwise a straight line leads from the point before.
    pub step: bool,
    /// It goes there in a straight line that begins at `at` and takes so long.
    pub over: Option<Duration>,
    /// It stays so long, then goes back to where it was.
    pub hold: Option<Duration>,
    /// A wave: its lowest and its highest value, and how long one takes.
    pub wave: Option<(Quantity, Quantity, Duration)>,
}

/// Requests a second, or cores, over time.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Curve(pub Vec<CurveItem>);

/// `rps: …`: requests a second; the value of an item is called `rate`.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct RateCurve(pub Curve);

/// `cpu: …`: cores of all Pods together; the value of an item is called `total`.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct CpuCurve(pub Curve);

impl Decode for RateCurve {
    const GO_TYPE: &'static str = "[]RatePoint";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        Self(curve(node, decoder, "rate"))
    }
}

impl Decode for CpuCurve {
    const GO_TYPE: &'static str = "[]CpuPoint";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        Self(curve(node, decoder, "total"))
    }
}

crate::manifest::decode::always_present!(RateCurve, CpuCurve);

impl Encode for RateCurve {
    fn encode(&self) -> Tree {
        self.0.encode("rate")
    }
}

impl Encode for CpuCurve {
    fn encode(&self) -> Tree {
        self.0.encode("total")
    }
}

impl Curve {
    fn encode(&self, name: &str) -> Tree {
        let item = |item: &CurveItem| {
            let mut fields: Vec<(&str, &dyn Field)> = vec![
                ("at", &item.at),
                ("step", &item.step),
                ("over", &item.over),
                ("for", &item.hold),
            ];
            match &item.wave {
                Some((low, high, period)) => {
                    fields.push(("low", low));
                    fields.push(("high", high));
                    fields.push(("period", period));
                }
                None => fields.push((name, &item.value)),
            }
            object(&fields)
        };
        Tree::List(self.0.iter().map(item).collect())
    }
}

/// Reads a list of items, one number that holds all along, or a pasted table.
fn curve(node: &Node, decoder: &mut Decoder, name: &'static str) -> Curve {
    match &node.value {
        Value::Seq(items) => Curve(
            items
                .iter()
                .enumerate()
                .map(|(index, node)| {
                    decoder.within(format!("[{index}]"), |decoder| item(node, decoder, name))
                })
                .collect(),
        ),
        Value::String(text) if text.trim().contains(['\n', ',', ';', '\t', ' ']) => table(text)
            .unwrap_or_else(|line| {
                let expected = "seconds, value: 0,10 / 60,200";
                let finding = Finding::BadScenarioValue { value: line, expected };
                decoder.find(node.span, finding, None);
                Curve::default()
            }),
        Value::Null => Curve::default(),
        Value::Map(_) => {
            decoder.wrong_type(node, "object", RateCurve::GO_TYPE);
            Curve::default()
        }
        Value::String(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
            let value = Quantity::decode(node, decoder);
            Curve(vec![CurveItem { value, ..CurveItem::default() }])
        }
    }
}

fn item(node: &Node, decoder: &mut Decoder, name: &'static str) -> CurveItem {
    let mut item = CurveItem::default();
    let (mut low, mut high, mut period) = (None, None, None);
    decoder.object(node, "RatePoint", &mut |key, value, decoder| match key.name.as_str() {
        "at" => item.at = Duration::decode(value, decoder),
        "step" => item.step = bool::decode(value, decoder),
        "over" => item.over = Option::decode(value, decoder),
        "for" => item.hold = Option::decode(value, decoder),
        "low" => low = Option::decode(value, decoder),
        "high" => high = Option::decode(value, decoder),
        "period" => period = Option::decode(value, decoder),
        own if own == name => item.value = Quantity::decode(value, decoder),
        _ => {
            decoder.unread(key.span, &["at", name, "step", "over", "for", "low", "high", "period"])
        }
    });
    if let (Some(high), Some(period)) = (high, period) {
        item.wave = Some((low.unwrap_or_default(), high, period));
    }
    item
}

/// Lines of two columns, seconds and value; a heading may stand above.
fn table(text: &str) -> Result<Curve, String> {
    let mut items = Vec::new();
    for (number, line) in text.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let mut cells = line
            .split([',', ';', '\t', ' '])
            .map(|cell| cell.trim().trim_matches('"'))
            .filter(|cell| !cell.is_empty());
        let at = cells.next().and_then(|cell| {
            let bare = cell.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            if bare { Duration::parse(&format!("{cell}s")) } else { Duration::parse(cell) }
        });
        let value = cells.next().and_then(|cell| Quantity::parse(cell).ok());
        match (at, value) {
            (Some(at), Some(value)) => items.push(CurveItem { at, value, ..CurveItem::default() }),
            _ if number == 0 => {}
            _ => return Err(line.to_owned()),
        }
    }
    Ok(Curve(items))
}

impl Curve {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every item is a point, and nothing else.
    pub fn is_plain(&self) -> bool {
        self.0.iter().all(|item| {
            !item.step && item.over.is_none() && item.hold.is_none() && item.wave.is_none()
        })
    }

    /// The points that the line goes through, in the order of time.
    pub fn points(&self) -> Points {
        let mut items: Vec<&CurveItem> = self.0.iter().collect();
        // Stable: two points of one time are a step, and their order is that of the text.
        order::sort_by_key(&mut items, |item| item.at);
        let mut points = Points::new();
        for item in items {
            let at = Instant::ZERO + item.at;
            let value = item.value.nanos().max(0);
            let before = points.last().map_or(0, |(_, value)| *value);
            let first = points.is_empty();
            let stays = item.step || item.over.is_some() || item.hold.is_some();
            if (stays || item.wave.is_some()) && !first {
                points.push((at, before));
            }
            if let Some((low, high, period)) = &item.wave {
                let length = item.hold.unwrap_or(DAY);
                wave(&mut points, at, (low.nanos(), high.nanos()), *period, length);
                continue;
            }
            match (item.over, item.hold) {
                (Some(over), _) => points.push((at + over, value)),
                (None, Some(hold)) => {
                    let spike = [(at, value), (at + hold, value), (at + hold, before)];
                    points.extend(spike);
                }
                (None, None) => points.push((at, value)),
            }
        }
        order::sort_by_key(&mut points, |(at, _)| *at);
        points.truncate(POINTS_MAX);
        points
    }
}

/// Begins in the middle and goes up.
fn wave(points: &mut Points, at: Instant, of: (i128, i128), period: Duration, length: Duration) {
    let piece = period.as_micros() / PIECES;
    if piece <= 0 {
        return;
    }
    let (low, high) = (of.0.max(0).min(of.1.max(0)), of.0.max(0).max(of.1.max(0)));
    let pieces = (length.as_micros() / piece).min(POINTS_MAX as i64);
    for number in 0..=pieces {
        let phase = (number % PIECES) as usize;
        let (quarter, rest) = (phase / 6, phase % 6);
        let sine = match quarter {
            0 => QUARTER[rest],
            1 => QUARTER[6 - rest],
            2 => -QUARTER[rest],
            _ => -QUARTER[6 - rest],
        };
        let value = (low + high) / 2 + (high - low) / 2 * sine / 1_000_000;
        points.push((at + Duration::from_micros(piece * number), value));
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::load;

    fn points(text: &str) -> Vec<(i64, i128)> {
        let text = format!(
            "apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: x}}\nspec:\n  load:\n  \
             - service: web\n    rps: {text}\n"
        );
        let loaded = load(&text);
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let load = loaded.scenario.unwrap().spec.load.remove(0);
        load.rps
            .0
            .points()
            .iter()
            .map(|(at, v)| (at.as_micros() / 1_000_000, v / 1_000_000_000))
            .collect()
    }

    #[test]
    fn every_way_to_write_a_curve_comes_to_points() {
        assert_eq!(points("20"), [(0, 20)]);
        assert_eq!(points("[{at: 0s, rate: 10}, {at: 60s, rate: 200}]"), [(0, 10), (60, 200)]);
        let step = points("[{at: 0s, rate: 10}, {at: 60s, rate: 200, step: true}]");
        assert_eq!(step, [(0, 10), (60, 10), (60, 200)]);
        let ramp = points("[{at: 0s, rate: 10}, {at: 60s, rate: 200, over: 30s}]");
        assert_eq!(ramp, [(0, 10), (60, 10), (90, 200)]);
        let spike = points("[{at: 0s, rate: 10}, {at: 60s, rate: 200, for: 5s}]");
        assert_eq!(spike, [(0, 10), (60, 10), (60, 200), (65, 200), (65, 10)]);
        let pasted = points("|\n      seconds,rps\n      0,10\n      60,200\n");
        assert_eq!(pasted, [(0, 10), (60, 200)]);
    }

    #[test]
    fn a_wave_goes_between_its_bounds() {
        let wave = points("[{at: 0s, low: 0, high: 100, period: 24s, for: 48s}]");
        assert_eq!(wave.len(), 49);
        assert_eq!(wave[0], (0, 50));
        assert_eq!(wave[6], (6, 100));
        assert_eq!(wave[18], (18, 0));
        assert_eq!(wave[30], (30, 100));
    }

    #[test]
    fn what_is_no_table_is_said() {
        let text = "apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  \
                    load:\n  - service: web\n    rps: |\n      0,10\n      soon,many\n";
        assert_eq!(load(text).diagnostics.len(), 1);
    }
}
