//! A pitch as people and programs write it in a label: `C#4+12` is 12 cents above C♯4.

use crate::melody::pitch::{hz_to_midi, note_name};

/// The label of a pitch, a real MIDI number, to a cent; in letters that every program has.
pub fn label(midi: f32) -> String {
    // real numbers, since a broken file may tell of any pitch
    let hundredths = (f64::from(midi) * 100.0).round();
    let semitone = ((hundredths + 50.0) / 100.0).floor();
    let cents = hundredths - 100.0 * semitone;
    let name = note_name(semitone).replace('♯', "#");
    let name = name.replace('♭', "b");
    match cents == 0.0 {
        true => name,
        false => format!("{name}{cents:+}"),
    }
}

/// The pitch that a label begins with, as a real MIDI number, and the words behind it.
///
/// It is a name with its octave (`C#4`, `Db4`, `C♯4+12`, `A4 -20`), a number of Hz (`440 Hz`), or else a MIDI
/// number (`69.12`).
pub fn pitch_and_words(label: &str) -> Option<(f32, &str)> {
    let label = label.trim();
    let (midi, rest) = named(label).or_else(|| number_of_unit(label))?;
    let is_apart = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (is_apart && midi.is_finite()).then(|| (midi as f32, rest.trim()))
}

fn named(label: &str) -> Option<(f64, &str)> {
    let mut chars = label.chars();
    let letter = match chars.next()?.to_ascii_uppercase() {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let rest = chars.as_str();
    let accidentals = rest.trim_start_matches(['#', '♯', 'b', '♭']);
    let signs = rest[..rest.len() - accidentals.len()].chars();
    let shift: i64 = signs
        .map(|sign| if matches!(sign, '#' | '♯') { 1 } else { -1 })
        .sum();
    let (octave, rest) = integer(accidentals)?;
    let (cents, rest) = cents(rest).unwrap_or((0.0, rest));
    let semitone = 12 * (octave + 1) + letter + shift;
    Some((semitone as f64 + cents / 100.0, rest))
}

/// An octave: a few digits, a minus before them perhaps.
fn integer(text: &str) -> Option<(i64, &str)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let n_digits = digits.bytes().take_while(u8::is_ascii_digit).count();
    let end = text.len() - digits.len() + n_digits;
    (n_digits <= 2).then(|| {
        text[..end]
            .parse()
            .ok()
            .map(|octave| (octave, &text[end..]))
    })?
}

/// Cents behind a name: a number with its sign.
fn cents(text: &str) -> Option<(f64, &str)> {
    let signed = text.trim_start();
    let is_signed = signed.starts_with(['+', '-']);
    let (cents, rest) = leading_number(signed).filter(|_| is_signed)?;
    let rest = rest
        .trim_start()
        .strip_prefix("cents")
        .or(rest.strip_prefix('c'));
    Some((cents, rest.unwrap_or(&signed[number_len(signed)..])))
}

fn number_of_unit(label: &str) -> Option<(f64, &str)> {
    let (number, rest) = leading_number(label)?;
    let unit = rest.trim_start();
    let hz = unit.strip_prefix("Hz").or(unit.strip_prefix("hz"));
    match hz {
        Some(rest) if number > 0.0 => Some((hz_to_midi(number), rest)),
        Some(_) => None,
        None => (0.0..128.0).contains(&number).then_some((number, rest)),
    }
}

fn leading_number(text: &str) -> Option<(f64, &str)> {
    let (number, rest) = text.split_at(number_len(text));
    number.parse().ok().map(|number| (number, rest))
}

/// Bytes of the number, with a sign perhaps, that a text begins with.
fn number_len(text: &str) -> usize {
    let unsigned = text.trim_start_matches(['+', '-']);
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    text.len() - unsigned.len() + unsigned.bytes().take_while(is_part).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pitches_are_read_however_people_write_them() {
        for (label, midi, words) in [
            ("A4", 69.0, ""),
            ("C#4+12", 61.12, ""),
            ("Db4 +12 cents", 61.12, ""),
            ("E♭3-7c la", 50.93, "la"),
            ("C-1", 0.0, ""),
            (" c4  du bist ", 60.0, "du bist"),
            ("69.5", 69.5, ""),
            ("440 Hz", 69.0, ""),
            ("880Hz ah", 81.0, "ah"),
            ("B#3", 60.0, ""),
        ] {
            let (found, rest) = pitch_and_words(label).unwrap_or_else(|| panic!("{label}"));
            assert!((found - midi).abs() < 1e-4, "{label}: {found}");
            assert_eq!(rest, words, "{label}");
        }
        for label in [
            "", "verse 1", "A", "Amen", "H4", "A4x", "0 Hz", "440", "a 4", "1.2.3",
        ] {
            assert_eq!(pitch_and_words(label), None, "{label}");
        }
    }

    proptest! {
        #[test]
        fn labels_come_back_to_a_cent(midi in 0.0f32..127.0) {
            let label = label(midi);
            let (back, words) = pitch_and_words(&label).unwrap();
            prop_assert!((back - midi).abs() < 0.0051, "{label}");
            prop_assert_eq!(words, "");
        }

        #[test]
        fn no_label_makes_it_panic(label in "[A-Ha-h0-9#b♯♭+\\-. Hzc]{0,12}") {
            let _ = pitch_and_words(&label);
        }
    }
}
