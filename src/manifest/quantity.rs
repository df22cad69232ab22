//! Kubernetes quantities (`100m`, `64Mi`, `1e3`) as exact integers, and int-or-string.

use crate::manifest::decode::{Decode, Decoder};
use crate::manifest::encode::{Absent, Encode, Tree};
use crate::manifest::node::{Node, Value};

/// `ErrFormatWrong` of apimachinery/pkg/api/resource/quantity.go.
const FORMAT_WRONG: &str = "quantities must match the regular expression \
                            '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
/// `ErrSuffix` of the same file.
const SUFFIX_WRONG: &str = "unable to parse quantity's suffix";
/// Billionths in a unit.
const NANO: i128 = 1_000_000_000;
/// Digits that an amount may have to be kept as an integer and an exponent (`maxInt64Factors`).
const FAST_DIGITS: i32 = 18;

/// The family of suffixes that a quantity was written with, and is printed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `1e3`.
    DecimalExponent,
    /// `Ki`, `Mi`, `Gi`.
    BinarySI,
    /// `m`, `k`, `M`.
    #[default]
    DecimalSI,
}

/// An amount of a resource, kept with the text its family prints.
#[derive(Clone, Debug, Default)]
pub struct Quantity {
    /// Billionths of the unit: `1` is 1_000_000_000, `100m` is 100_000_000.
    nanos: i128,
    /// The integer and exponent of ten of amounts that are small enough, as Go keeps them.
    fast: Option<(i64, i32)>,
    /// The family.
    format: Format,
    /// The canonical text.
    text: String,
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos && self.text == other.text
    }
}

impl Eq for Quantity {}

impl std::hash::Hash for Quantity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
        self.text.hash(state);
    }
}

/// What stands where in the text of a quantity.
struct Parts<'t> {
    positive: bool,
    whole: &'t str,
    fraction: &'t str,
    suffix: &'t str,
}

impl Quantity {
    /// Reads Kubernetes' grammar.
    ///
    /// Models apimachinery/pkg/api/resource/quantity.go ParseQuantity.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = split(text).ok_or(FORMAT_WRONG)?;
        let (base, exponent, format) = suffix(parts.suffix).ok_or(SUFFIX_WRONG)?;
        if let Some(quantity) = Self::parse_fast(text, &parts, base, exponent, format) {
            return Ok(quantity);
        }
        let (nanos, rounded) = exact_nanos(&parts, base, exponent);
        let mut nanos = if rounded { nanos.saturating_add(1) } else { nanos };
        let mut format = format;
        if format == Format::BinarySI {
            nanos = nanos.min(i128::from(i64::MAX) * NANO);
            if nanos < NANO && nanos > 0 {
                format = Format::DecimalSI;
            }
        }
        let nanos = if parts.positive { nanos } else { -nanos };
        Ok(Self { nanos, fast: None, format, text: canonical(nanos, format) })
    }

    /// The way of amounts with few digits, which keeps texts that are canonical already.
    fn parse_fast(
        text: &str,
        parts: &Parts<'_>,
        base: u32,
        exponent: i32,
        format: Format,
    ) -> Option<Self> {
        let digits = (parts.whole.len() + parts.fraction.len()) as i32;
        let (precision, mut scale, mantissa) = if base == 10 {
            (FAST_DIGITS - digits, exponent, 1)
        } else if parts.fraction.is_empty() {
            let precision = 15 - parts.whole.len() as i32 - exponent * 3 / 10 - 1;
            (precision, 0, 1_i64.checked_shl(exponent as u32)?)
        } else {
            return None;
        };
        if precision < 0 {
            return None;
        }
        scale -= parts.fraction.len() as i32;
        if scale < -9 {
            return None;
        }
        let shifted = format!("{}{}", parts.whole, parts.fraction);
        let value = shifted.parse::<i64>().ok()?.checked_mul(mantissa)?;
        let value = if parts.positive { value } else { -value };
        let nanos = scaled_nanos(value, scale);
        let as_written =
            base == 10 && scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0');
        let text = if as_written { text.to_owned() } else { canonical(nanos, format) };
        Some(Self { nanos, fast: Some((value, scale)), format, text })
    }

    /// A number of whole units.
    pub fn from_units(units: i64) -> Self {
        Self::from_nanos(i128::from(units) * NANO, Format::DecimalSI)
    }

    /// A number of thousandths.
    pub fn from_milli(milli: i64) -> Self {
        Self::from_nanos(i128::from(milli) * 1_000_000, Format::DecimalSI)
    }

    /// A number of thousandths, printed as a family prints it.
    pub fn from_milli_as(milli: i64, format: Format) -> Self {
        Self::from_nanos(i128::from(milli) * 1_000_000, format)
    }

    fn from_nanos(nanos: i128, format: Format) -> Self {
        Self { nanos, fast: None, format, text: canonical(nanos, format) }
    }

    /// Whole units, rounded up, as `Value()` does, with its overflow.
    pub fn value(&self) -> i64 {
        self.scaled(0)
    }

    /// Thousandths, rounded up, as `MilliValue()` does, with its overflow.
    pub fn milli_value(&self) -> i64 {
        self.scaled(-3)
    }

    /// The amount in units of ten to the power of `scale`.
    ///
    /// Models amount.go AsScaledInt64 and math.go scaledValue.
    fn scaled(&self, scale: i32) -> i64 {
        let Some((value, own)) = self.fast else {
            let divider = 10_i128.pow((9 + scale).unsigned_abs());
            // Go compares with the greatest int64 only, so that great negative amounts wrap.
            return if self.nanos < i128::from(i64::MAX) {
                let wrapped = i128::from(self.nanos as i64);
                (wrapped / divider + i128::from(wrapped % divider != 0)) as i64
            } else {
                let whole = self.nanos.div_euclid(divider);
                (whole as i64).wrapping_add(i64::from(self.nanos.rem_euclid(divider) != 0))
            };
        };
        if own < scale {
            let divider = 10_i64.checked_pow((scale - own).unsigned_abs()).unwrap_or(i64::MAX);
            let away = i64::from(value % divider != 0);
            return value / divider + if value < 0 { -away } else { away };
        }
        match own - scale {
            steps @ (0 | 1 | 2 | 3 | 6 | 9) => value.wrapping_mul(10_i64.pow(steps.unsigned_abs())),
            steps => 10_i64
                .checked_pow(steps.unsigned_abs())
                .and_then(|factor| value.checked_mul(factor))
                .unwrap_or(0),
        }
    }

    /// Billionths of the unit, exact.
    pub const fn nanos(&self) -> i128 {
        self.nanos
    }

    /// The family that it was written in.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether it is nothing.
    pub const fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// Which of two amounts is greater.
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        self.nanos.cmp(&other.nanos)
    }

    /// The sum, in the family of the first that is not zero.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let format = if self.is_zero() { other.format } else { self.format };
        Self::from_nanos(self.nanos.saturating_add(other.nanos), format)
    }

    /// The difference, in the family of the first that is not zero.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let format = if self.is_zero() { other.format } else { self.format };
        Self::from_nanos(self.nanos.saturating_sub(other.nanos), format)
    }

    /// The amount with the other sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self::from_nanos(-self.nanos, self.format)
    }

    /// The amount rounded up to thousandths, the least that the API stores of requests and limits.
    ///
    /// Models pkg/apis/core/v1/conversion.go and defaults.go (`RoundUp(resource.Milli)`).
    #[must_use]
    pub fn rounded_to_milli(&self) -> Self {
        if self.nanos % 1_000_000 == 0 {
            return self.clone();
        }
        let milli = self.nanos.div_euclid(1_000_000) + i128::from(self.nanos > 0);
        Self::from_nanos(milli * 1_000_000, self.format)
    }

    /// The canonical text, as the API prints it.
    pub fn text(&self) -> &str {
        if self.text.is_empty() { "0" } else { &self.text }
    }
}

/// Models `parseQuantityString`.
fn split(text: &str) -> Option<Parts<'_>> {
    if text.is_empty() {
        return None;
    }
    let positive = !text.starts_with('-');
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let rest = rest.trim_start_matches('0');
    let end = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = rest.split_at(end(rest));
    let whole = if whole.is_empty() { "0" } else { whole };
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(end(rest)),
        None => ("", rest),
    };
    let tail = suffix.trim_start_matches(|c: char| "eEinumkKMGTP".contains(c));
    let tail = tail.strip_prefix(['-', '+']).unwrap_or(tail);
    tail.bytes().all(|b| b.is_ascii_digit()).then_some(Parts { positive, whole, fraction, suffix })
}

/// Base, exponent and family of a suffix.
fn suffix(suffix: &str) -> Option<(u32, i32, Format)> {
    let decimal = |exponent| Some((10, exponent, Format::DecimalSI));
    let binary = |exponent| Some((2, exponent, Format::BinarySI));
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let digits = suffix.strip_prefix(['e', 'E'])?;
            let exponent: i64 = digits.strip_prefix('+').unwrap_or(digits).parse().ok()?;
            // Beyond these bounds every amount is nothing or more than can be kept.
            Some((10, exponent.clamp(-60, 60) as i32, Format::DecimalExponent))
        }
    }
}

/// The amount without its sign in billionths, and whether some part of a billionth is left over.
fn exact_nanos(parts: &Parts<'_>, base: u32, exponent: i32) -> (i128, bool) {
    let factor = if base == 2 { 1_i128 << exponent } else { 1 };
    // The power of ten that belongs to the last digit, counted in billionths.
    let mut power = 9 - parts.fraction.len() as i32 + if base == 2 { 0 } else { exponent };
    let mut digits: i128 = 0;
    let mut rest = false;
    for digit in parts.whole.bytes().chain(parts.fraction.bytes()) {
        match digits.checked_mul(10).and_then(|d| d.checked_add(i128::from(digit - b'0'))) {
            Some(more) if more <= i128::MAX / factor => digits = more,
            _ => {
                // More digits than can be kept: the last ones only count as "something".
                power += 1;
                rest |= digit != b'0';
            }
        }
    }
    let mut nanos = digits * factor;
    while power > 0 && nanos != 0 {
        nanos = nanos.saturating_mul(10);
        power -= 1;
        if nanos == i128::MAX {
            return (nanos, false);
        }
    }
    while power < 0 && nanos != 0 {
        rest |= nanos % 10 != 0;
        nanos /= 10;
        power += 1;
    }
    (nanos, rest)
}

fn scaled_nanos(value: i64, scale: i32) -> i128 {
    let mut nanos = i128::from(value);
    for _ in 0..(scale + 9) {
        nanos = nanos.saturating_mul(10);
    }
    nanos
}

/// Prints an amount as its family does.
///
/// Models `CanonicalizeBytes`: binary amounts that are small or not whole are printed decimally.
fn canonical(nanos: i128, format: Format) -> String {
    if nanos == 0 {
        return "0".to_owned();
    }
    let small = nanos.abs() < 1024 * NANO;
    match format {
        Format::BinarySI if !small && nanos % NANO == 0 => {
            let mut units = nanos / NANO;
            let mut step = 0;
            while units % 1024 == 0 && step < 6 {
                units /= 1024;
                step += 1;
            }
            format!("{units}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][step])
        }
        Format::BinarySI | Format::DecimalSI => {
            let (number, step) = thousands(nanos);
            let suffix = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][step];
            format!("{number}{suffix}")
        }
        Format::DecimalExponent => {
            let (number, step) = thousands(nanos);
            match step as i32 * 3 - 9 {
                0 => number.to_string(),
                exponent => format!("{number}e{exponent}"),
            }
        }
    }
}

/// The shortest whole number of a power of a thousand, counted from billionths.
fn thousands(nanos: i128) -> (i128, usize) {
    let (mut number, mut step) = (nanos, 0);
    while number % 1000 == 0 && step < 9 {
        number /= 1000;
        step += 1;
    }
    (number, step)
}

impl Decode for Quantity {
    const GO_TYPE: &'static str = "Quantity";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let parsed = match &node.value {
            Value::Null => return Self::default(),
            Value::String(text) => Self::parse(text.trim()),
            Value::Int(number) => Self::parse(&number.to_string()),
            Value::Float(number) => Self::parse(&number.to_string()),
            Value::Bool(_) | Value::Seq(_) | Value::Map(_) => Err(FORMAT_WRONG.to_owned()),
        };
        parsed.unwrap_or_else(|error| {
            decoder.report(node.span, error);
            Self::default()
        })
    }
}

/// A port or a count: a number, or a name or percentage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IntOrString {
    /// A number.
    Int(i32),
    /// A port name, or a percentage such as `25%`.
    String(String),
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl std::fmt::Display for IntOrString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::String(text) => text.fmt(f),
        }
    }
}

impl Absent for IntOrString {
    fn is_absent(&self) -> bool {
        false
    }
}

impl Decode for IntOrString {
    const GO_TYPE: &'static str = "IntOrString";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::String(text) => Self::String(text.clone()),
            Value::Int(_) => Self::Int(i32::decode(node, decoder)),
            Value::Null => Self::default(),
            other @ (Value::Bool(_) | Value::Float(_) | Value::Seq(_) | Value::Map(_)) => {
                decoder.wrong_type(node, other.json_kind(), "intstr.IntOrString");
                Self::default()
            }
        }
    }
}

impl Encode for Quantity {
    fn encode(&self) -> Tree {
        Tree::text(self.text())
    }
}

impl Encode for IntOrString {
    fn encode(&self) -> Tree {
        match self {
            Self::Int(number) => number.encode(),
            Self::String(text) => text.encode(),
        }
    }
}
