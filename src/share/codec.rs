//! Text ↔ the payload of a link: deflate with preset dictionaries, a checksum, base64url.
//!
//! Owns: version 1 of the payload, frozen for ever (`tests/links.txt`). Does not own: the other
//! parameters of a link (`share`).
//!
//! Deflate finds repetitions in a window of what came before. The window begins with text that both
//! sides have: the frozen dictionary, then the gallery scenario that was edited. To write, the
//! dictionaries are compressed up to a byte boundary and thrown away; to read, they go in front as
//! stored blocks. No part of zlib beyond plain inflate is needed.
//!
//! Payload: two bytes of checksum, big end first, then a raw deflate stream; in base64url.

use std::str;

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::Damage;

/// The text that every link may repeat. Frozen: a changed byte would change every link.
pub(super) const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");

/// The longest text that a link may hold, in bytes.
pub const TEXT_LIMIT: usize = 1 << 20;

/// Strategies of zlib: code tables of its own, or the fixed ones, which cost nothing to send.
const STRATEGIES: [i32; 2] = [0, 4];
/// The level that looks longest.
const LEVEL: i32 = 10;
/// A window of 32 KiB, without zlib's header.
const RAW_WINDOW: i32 = -15;
/// The longest stored block of deflate.
const STORED_BLOCK: usize = 0xffff;

/// Packs a text that was edited from `base` (empty when it was not).
pub(super) fn pack(base: &str, text: &str) -> String {
    let mut bytes = checksum(text.as_bytes()).to_be_bytes().to_vec();
    let streams = STRATEGIES.map(|strategy| deflate(strategy, base.as_bytes(), text.as_bytes()));
    if let Some(shortest) = streams.iter().min_by_key(|stream| stream.len()) {
        bytes.extend_from_slice(shortest);
    }
    to_base64url(&bytes)
}

/// Reads what [`pack`] wrote; on failure also what could be read of it.
pub(super) fn unpack(base: &str, payload: &str) -> Result<String, (Damage, String)> {
    let (bytes, whole) = from_base64url(payload);
    let Some((expected, stream)) = bytes.split_first_chunk::<2>() else {
        let damage = if whole { Damage::Truncated } else { Damage::NotBase64 };
        return Err((damage, String::new()));
    };
    let mut input = stored(&[DICTIONARY, base.as_bytes()]);
    let known = DICTIONARY.len() + base.len();
    input.extend_from_slice(stream);

    let (output, damage) = inflate(&input, known + TEXT_LIMIT);
    let text = output.get(known..).unwrap_or_default();
    let damage = if whole { damage } else { Some(Damage::NotBase64) };
    match (damage, str::from_utf8(text)) {
        (None, Ok(text)) if checksum(text.as_bytes()) == u16::from_be_bytes(*expected) => {
            Ok(text.to_owned())
        }
        (damage, _) => {
            let readable = String::from_utf8_lossy(text).into_owned();
            Err((damage.unwrap_or(Damage::Corrupt), readable))
        }
    }
}

/// The deflate stream of `text` alone, made in a window that holds the dictionaries.
fn deflate(strategy: i32, base: &[u8], text: &[u8]) -> Vec<u8> {
    let flags = create_comp_flags_from_zip_params(LEVEL, RAW_WINDOW, strategy);
    let mut compressor = CompressorOxide::new(flags);
    for dictionary in [DICTIONARY, base] {
        // A sync flush ends on a byte boundary and keeps the window.
        compress_to_output(&mut compressor, dictionary, TDEFLFlush::Sync, |_| true);
    }
    let mut stream = Vec::new();
    compress_to_output(&mut compressor, text, TDEFLFlush::Finish, |bytes| {
        stream.extend_from_slice(bytes);
        true
    });
    stream
}

/// What a deflate stream holds, up to a limit, and what is wrong with it.
fn inflate(mut input: &[u8], limit: usize) -> (Vec<u8>, Option<Damage>) {
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut decompressor = DecompressorOxide::new();
    let (mut output, mut filled) = (vec![0; (2 * input.len()).min(limit)], 0);
    let damage = loop {
        let (status, read, written) =
            decompress(&mut decompressor, input, &mut output, filled, flags);
        input = input.get(read..).unwrap_or_default();
        filled += written;
        match status {
            TINFLStatus::Done => break None,
            TINFLStatus::HasMoreOutput if output.len() < limit => {
                output.resize((2 * output.len()).min(limit), 0);
            }
            TINFLStatus::HasMoreOutput => break Some(Damage::TooLarge),
            TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
                break Some(Damage::Truncated);
            }
            TINFLStatus::Failed | TINFLStatus::BadParam | TINFLStatus::Adler32Mismatch => {
                break Some(Damage::Corrupt);
            }
        }
    };
    output.truncate(filled);
    (output, damage)
}

/// The parts as stored blocks of a deflate stream that goes on.
fn stored(parts: &[&[u8]]) -> Vec<u8> {
    let mut stream = Vec::new();
    for block in parts.iter().flat_map(|part| part.chunks(STORED_BLOCK)) {
        // Not the last block, type 0, then padding to the byte; the length and its complement.
        let length = block.len() as u16;
        stream.push(0);
        stream.extend_from_slice(&length.to_le_bytes());
        stream.extend_from_slice(&(!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    stream
}

/// CRC-16/CCITT-FALSE: finds every burst of up to 16 wrong bits.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// base64url without `=`, which some chats cut from the end of a link.
fn to_base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .enumerate()
            .fold(0u32, |bits, (i, b)| bits | u32::from(*b) << (16 - 8 * i));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

/// The bytes up to the first character that does not belong, and whether all belonged.
fn from_base64url(text: &str) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes() {
        let Some(value) = ALPHABET.iter().position(|letter| *letter == byte) else {
            return (bytes, false);
        };
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    (bytes, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_is_frozen() {
        let hash = DICTIONARY.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        assert_eq!(
            (DICTIONARY.len(), hash),
            (6_406, 10_514_771_846_770_974_874),
            "links that exist hold on to this dictionary"
        );
    }

    #[test]
    fn base64url_is_that_of_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")]
        {
            assert_eq!(to_base64url(bytes.as_bytes()), text);
            assert_eq!(from_base64url(text), (bytes.as_bytes().to_vec(), true));
        }
        assert_eq!(to_base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(from_base64url("Zm9v.b"), (b"foo".to_vec(), false));
    }

    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(checksum(b"123456789"), 0x29b1);
    }

    #[test]
    fn a_base_beyond_window_and_stored_block_still_works() {
        let mut base = String::new();
        for line in 0..9_000 {
            base.push_str(&format!("  key-{line}: value {}\n", line * 7_919 % 1_000));
        }
        assert!(base.len() > 2 * STORED_BLOCK);
        let text = base.replace("value 7\n", "value seven\n");
        assert_ne!(text, base);
        let payload = pack(&base, &text);
        assert_eq!(unpack(&base, &payload), Ok(text));
        assert!(unpack("", &payload).is_err());
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = "a".repeat(TEXT_LIMIT + 1);
        let payload = pack("", &bomb);
        assert!(payload.len() < 8_000, "{}", payload.len());
        let Err((damage, readable)) = unpack("", &payload) else { panic!("accepted") };
        assert_eq!((damage, readable.len()), (Damage::TooLarge, TEXT_LIMIT));
        let most = "a".repeat(TEXT_LIMIT);
        assert_eq!(unpack("", &pack("", &most)), Ok(most));
    }
}
