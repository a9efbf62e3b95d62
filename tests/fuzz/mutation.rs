//! Broken files made of whole ones.

use rand::Rng;
use rand::rngs::StdRng;

/// What readers of text stumble over.
const WORDS: [&str; 20] = [
    "-1",
    "0",
    "1e308",
    "-1e308",
    "1e-308",
    "1e999",
    "nan",
    "inf",
    "4294967295",
    "9223372036854775807",
    "18446744073709551615",
    "0.0000001",
    "86399",
    "\"",
    "<",
    "&#0;",
    "{",
    "[[[[",
    "\u{feff}",
    "\r\n",
];

/// A file made of others: cut, with bytes changed, pieces moved, repeated and taken from a second,
/// and numbers replaced.
pub fn mutate(random: &mut StdRng, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..random.random_range(1..5) {
        if bytes.len() < 2 {
            break;
        }
        change(random, &mut bytes, other);
    }
    bytes
}

fn change(random: &mut StdRng, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = place(random, bytes.len());
    let len = random.random_range(1..64).min(bytes.len() - at);
    match random.random_range(0..8) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << random.random_range(0..8),
        2 => bytes[at..at + len].fill([0, 1, 0x7f, 0x80, 0xff][random.random_range(0..5)]),
        3 => drop(bytes.drain(at..at + len)),
        4 => {
            let piece = bytes[at..at + len].to_vec();
            bytes.splice(at..at, piece);
        }
        5 => {
            let from = random.random_range(0..other.len());
            let piece = &other[from..other.len().min(from + len)];
            bytes.splice(at..at, piece.to_vec());
        }
        6 => {
            let word = WORDS[random.random_range(0..WORDS.len())].as_bytes();
            bytes.splice(number_at(bytes, at), word.to_vec());
        }
        _ => (at..at + len).for_each(|i| bytes[i] = random.random()),
    }
}

/// A place in a file; headers decide most, and they come first or last.
fn place(random: &mut StdRng, len: usize) -> usize {
    let reach = match random.random_range(0..3) {
        0 => len,
        1 => len.min(200),
        _ => len.min(2000),
    };
    let at = random.random_range(0..reach);
    match random.random_range(0..4) {
        0 => len - 1 - at,
        _ => at,
    }
}

/// Where the next number in text is, or an empty place.
fn number_at(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let Some(start) = bytes[at..].iter().take(200).position(is_digit) else {
        return at..at;
    };
    let start = at + start;
    let len = bytes[start..].iter().take_while(|it| is_digit(it)).count();
    start..start + len
}
