//! What YAML 1.1 makes of a plain scalar, as Kubernetes' YAML library does.
//!
//! Owns: booleans, numbers and nulls of plain text. Does not own: quotes, tags or structure
//! (`parse.rs`).

use crate::manifest::node::Value;

/// The value of a scalar without quotes.
///
/// Models sigs.k8s.io/yaml/goyaml.v2/resolve.go: `yes` and `on` are booleans, `0644` is octal,
/// `1_000` a number; dates and base-60 numbers stay text.
pub fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Value::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Value::String(text.to_owned());
    }
    number(text).unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Reads a number; whole ones, however they are written, become integers.
fn number(text: &str) -> Option<Value> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    if let Some(whole) = integer(&plain) {
        return Some(match i64::try_from(whole) {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Float(whole as f64),
        });
    }
    if !is_float(&plain) {
        return None;
    }
    let number = decimal(&plain);
    // JSON prints a whole float without a fraction, so that Go reads it as an integer.
    if number.trunc() == number && number.abs() < 9.0e15 {
        return Some(Value::Int(number as i64));
    }
    Some(Value::Float(number))
}

/// Reads what [`is_float`] lets through. Exact while the digits fit in 53 bits and the exponent is
/// no larger than 22, which is every number of a manifest; beyond that the last bit may differ.
/// The standard library is exact always, and needs a table of ten kilobytes for it.
fn decimal(text: &str) -> f64 {
    /// Digits that are kept: more say nothing to a double.
    const KEPT: u64 = 1_000_000_000_000_000_000;
    /// 10 to this power is a whole double still.
    const EXACT: i32 = 22;
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let far = if exponent.starts_with('-') { -9_999 } else { 9_999 };
    let mut exponent: i32 = exponent.parse().map_or(far, |own: i32| own.clamp(-9_999, 9_999));
    let (mut digits, mut behind) = (0_u64, false);
    for byte in mantissa.bytes() {
        match byte {
            b'.' => behind = true,
            digit if digits < KEPT => {
                digits = digits * 10 + u64::from(digit - b'0');
                exponent -= i32::from(behind);
            }
            _ => exponent += i32::from(!behind),
        }
    }
    let mut number = digits as f64;
    while exponent != 0 && number != 0.0 && number.is_finite() {
        let step = exponent.clamp(-EXACT, EXACT);
        let power = (0..step.abs()).fold(1.0, |power, _| power * 10.0);
        number = if step > 0 { number * power } else { number / power };
        exponent -= step;
    }
    if text.starts_with('-') { -number } else { number }
}

/// Models Go's `strconv.ParseInt(text, 0, 64)` and, for positive ones, `ParseUint`.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
    (value >= i128::from(i64::MIN)).then_some(value)
}

/// Matches `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`.
fn is_float(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_fits =
        digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    mantissa_fits && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_read_as_kubernetes_reads_them() {
        let text = |text: &str| Value::String(text.to_owned());
        for (plain, value) in [
            ("on", Value::Bool(true)),
            ("N", Value::Bool(false)),
            ("oN", text("oN")),
            ("0644", Value::Int(0o644)),
            ("0o644", Value::Int(0o644)),
            ("08", Value::Int(8)),
            ("0x1F", Value::Int(31)),
            ("0b11", Value::Int(3)),
            ("1_000", Value::Int(1000)),
            ("1e3", Value::Int(1000)),
            ("-7", Value::Int(-7)),
            ("1.5", Value::Float(1.5)),
            (".5", Value::Float(0.5)),
            ("-0.1", Value::Float(-0.1)),
            ("12.30", Value::Float(12.3)),
            ("1.7976931348623157e10", Value::Float(17_976_931_348.623_157)),
            ("6.02e-21", Value::Float(6.02e-21)),
            ("0.30000000000000004", Value::Float(0.300_000_000_000_000_04)),
            ("1e999", Value::Float(f64::INFINITY)),
            ("1e-999", Value::Int(0)),
            ("1e99999999999", Value::Float(f64::INFINITY)),
            ("1:30", text("1:30")),
            ("2026-01-05", text("2026-01-05")),
            ("1.2.3", text("1.2.3")),
            ("100m", text("100m")),
            ("-", text("-")),
            ("+", text("+")),
            ("0x", text("0x")),
            ("-0x-1", text("-0x-1")),
            ("~", Value::Null),
            ("18446744073709551615", Value::Float(18_446_744_073_709_551_615.0)),
        ] {
            assert_eq!(resolve_plain(plain), value, "{plain}");
        }
    }
}
