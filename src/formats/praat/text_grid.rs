//! TextGrid: a tier with an interval for each note, labeled with its pitch, and one with the words.

use std::io::{self, Write};

use super::begin;
use super::tokens::Tokens;
use crate::formats::melody_file::MAX_SECS;
use crate::formats::place::TextPlace;
use crate::formats::{Contents, Export, FormatError, SungNote, note_label};
use crate::melody::Note;

/// Intervals that begin within this, in seconds, belong to each other.
const SAME_SECS: f64 = 1e-3;

/// Writes the notes, each up to the next; the rest is intervals without a label.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    let notes = export.notes;
    let from_secs = notes.first().map_or(0.0, |note| note.onset_secs.min(0.0));
    let to_secs = export.duration_secs();
    begin(out, "TextGrid", from_secs, to_secs)?;
    let names = ["notes", "words"];
    let n_tiers = if export.has_lyrics() { 2 } else { 1 };
    writeln!(out, "tiers? <exists> \nsize = {n_tiers} \nitem []: ")?;
    for (tier, name) in names.iter().enumerate().take(n_tiers) {
        let label = |i: usize| match tier {
            0 => note_label::label(notes[i].midi),
            _ => export.lyric(i).replace('"', "\"\""),
        };
        let intervals = intervals(notes, from_secs, to_secs);
        writeln!(
            out,
            "    item [{}]:\n        class = \"IntervalTier\" \n        name = \"{name}\" \n        \
             xmin = {from_secs:.6} \n        xmax = {to_secs:.6} \n        intervals: size = {} ",
            tier + 1,
            intervals.len()
        )?;
        for (i, (start, end, note)) in intervals.into_iter().enumerate() {
            writeln!(
                out,
                "        intervals [{}]:\n            xmin = {start:.6} \n            xmax = {end:.6} \n            \
                 text = \"{}\" ",
                i + 1,
                note.map(label).unwrap_or_default()
            )?;
        }
    }
    Ok(())
}

/// All time from one end to the other, in seconds: where a note is, which one.
fn intervals(notes: &[Note], from_secs: f64, to_secs: f64) -> Vec<(f64, f64, Option<usize>)> {
    const SHORTEST_SECS: f64 = 1e-6;
    let mut intervals = Vec::with_capacity(2 * notes.len() + 1);
    let mut end_secs = from_secs;
    for (i, note) in notes.iter().enumerate() {
        let next = notes.get(i + 1).map_or(to_secs, |next| next.onset_secs);
        let (start, end) = (note.onset_secs.max(end_secs), note.offset_secs.min(next));
        if end - start < SHORTEST_SECS {
            continue;
        }
        if start - end_secs >= SHORTEST_SECS {
            intervals.push((end_secs, start, None));
        }
        intervals.push((start, end, Some(i)));
        end_secs = end;
    }
    if to_secs - end_secs >= SHORTEST_SECS || intervals.is_empty() {
        intervals.push((end_secs, to_secs, None));
    }
    intervals
}

struct Interval {
    start: f64,
    end: f64,
    text: String,
    place: TextPlace,
}

/// Reads what follows the class: the first tier of intervals that are labeled with pitches, and the words of
/// the next tier of intervals that begin with them.
///
/// # Errors
/// [`FormatError::Text`]; at its first label, if no tier has pitches for labels.
pub fn read(mut tokens: Tokens) -> Result<Contents, FormatError> {
    tokens.number("xmin in seconds")?;
    let end_secs = tokens.number("xmax in seconds")?;
    let mut tiers = Vec::new();
    if tokens.exists("<exists> or <absent>")? {
        let n_tiers = tokens.at_least(0.0, "the number of tiers")?;
        while (tiers.len() as f64) < n_tiers {
            tiers.push(tier(&mut tokens)?);
        }
    }
    let tiers: Vec<Vec<Interval>> = tiers.into_iter().filter(|it| !it.is_empty()).collect();
    let pitched = tiers.iter().position(|tier| notes(tier).is_ok());
    let at = pitched.unwrap_or(0);
    let mut sung = match tiers.get(at).map(|tier| notes(tier)) {
        None => Vec::new(),
        Some(Ok(notes)) => notes,
        Some(Err(bad)) => {
            let expected = "a label that begins with a pitch such as C#4+12";
            let found = format!("{:?}", bad.text);
            return Err(FormatError::text(tokens.path, bad.place, expected, &found));
        }
    };
    if let Some(words) = tiers.get(at + 1) {
        add_words(&mut sung, words);
    }
    Ok(Contents {
        duration_secs: (0.0..MAX_SECS).contains(&end_secs).then_some(end_secs),
        ..Contents::of_notes(sung)
    })
}

/// The labeled intervals of the next tier; none of a tier of points.
fn tier(tokens: &mut Tokens) -> Result<Vec<Interval>, FormatError> {
    let is_of_intervals = tokens.text("the class of a tier")? == "IntervalTier";
    tokens.text("the name of a tier")?;
    tokens.number("a tier's xmin in seconds")?;
    tokens.number("a tier's xmax in seconds")?;
    let n_intervals = tokens.at_least(0.0, "the number of intervals or points")?;
    let mut intervals = Vec::new();
    let mut n = 0.0;
    while n < n_intervals {
        let start = tokens.number("the beginning of an interval in seconds")?;
        let end = match is_of_intervals {
            true => tokens.number("the end of an interval in seconds")?,
            false => start,
        };
        let place = tokens.place();
        let text = tokens.text("a label")?;
        if is_of_intervals && !text.trim().is_empty() {
            intervals.push(Interval {
                start,
                end,
                text: text.into_owned(),
                place,
            });
        }
        n += 1.0;
    }
    Ok(intervals)
}

/// The notes of intervals that are labeled with pitches; else the first that is not.
fn notes(tier: &[Interval]) -> Result<Vec<SungNote>, &Interval> {
    let note = |interval| {
        let &Interval {
            start,
            end,
            ref text,
            ..
        } = interval;
        let (midi, words) = note_label::pitch_and_words(text).ok_or(interval)?;
        Ok(SungNote {
            note: Note {
                onset_secs: start,
                offset_secs: end,
                midi,
                confidence: 1.0,
            },
            lyric: words.into(),
        })
    };
    tier.iter().map(note).collect()
}

/// Gives notes without words those of the intervals that begin with them; both are in order.
fn add_words(notes: &mut [SungNote], words: &[Interval]) {
    for it in notes.iter_mut().filter(|it| it.lyric.is_empty()) {
        let onset = it.note.onset_secs;
        let first = words.partition_point(|word| word.start < onset - SAME_SECS);
        let word = words.get(first).filter(|it| it.start <= onset + SAME_SECS);
        it.lyric = word.map(|word| word.text.clone()).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::read;
    use super::*;
    use crate::formats::sample;

    #[test]
    fn files_of_praat_are_read() {
        let long = include_bytes!("../../../tests/interop/files/praat-long.TextGrid");
        let short = include_bytes!("../../../tests/interop/files/praat-short.TextGrid");
        let path = Path::new("a.TextGrid");
        let [long, short] = [&long[..], short].map(|it| read(path, it).unwrap());
        assert_eq!(long, short);
        let notes = long.notes.unwrap();
        let told: Vec<_> = notes.iter().map(|it| (it.note.midi, &*it.lyric)).collect();
        assert_eq!(told, [(57.0, "l\"a"), (64.12, "夜 é")]);
        assert_eq!(notes[1].note.onset_secs, 0.7);
    }

    #[test]
    fn a_tier_without_pitches_is_named_with_its_place() {
        let text = "\"ooTextFile\"\n\"TextGrid\"\n0 1 <exists> 1\n\"IntervalTier\" \"a\" 0 1 2\n\
                    0 0.5 \"\"\n0.5 1 \"verse\"\n";
        let error = read(Path::new("a"), text.as_bytes())
            .unwrap_err()
            .to_string();
        let expected = "a, line 6, column 7: expected a label that begins with a pitch such as \
                        C#4+12, found \"verse\"";
        assert_eq!(error, expected);
    }

    #[test]
    fn intervals_fill_all_time_and_overlap_nowhere() {
        let note = |onset_secs, offset_secs| Note {
            onset_secs,
            offset_secs,
            midi: 60.0,
            confidence: 1.0,
        };
        let notes = [note(0.5, 1.5), note(1.0, 2.0), note(2.0, 2.5)];
        let found = intervals(&notes, 0.0, 3.0);
        let expected = [
            (0.0, 0.5, None),
            (0.5, 1.0, Some(0)),
            (1.0, 2.0, Some(1)),
            (2.0, 2.5, Some(2)),
            (2.5, 3.0, None),
        ];
        assert_eq!(found, expected);
        assert_eq!(intervals(&[], 0.0, 0.0), [(0.0, 0.0, None)]);
        let analysis = sample::analysis(sample::no_contour(), &notes);
        let mut text = Vec::new();
        write(&Export::of(&analysis), &mut text).unwrap();
        let back = read(Path::new("a"), &text).unwrap().notes.unwrap();
        assert_eq!(back.len(), 3);
    }
}
