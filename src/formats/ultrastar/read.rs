//! Reads a song.

use std::path::Path;

use super::{BEATS_PER_QUARTER, HELD, LOWEST_MIDI};
use crate::formats::place::{TextPlace, line_break};
use crate::formats::table::text;
use crate::formats::{Contents, FormatError, SungNote};
use crate::melody::Note;

/// Whether the first bytes of a file are those of a song.
pub fn knows(head: &[u8]) -> bool {
    const HEAD_BYTES: usize = 4096;
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD_BYTES)]);
    let mut lines = head.lines().map(|it| it.trim_start_matches('\u{feff}'));
    lines.any(|line| tag(line).is_some_and(|(name, _)| name.eq_ignore_ascii_case("BPM")))
}

/// Reads the notes of the first voice; `path` is named in errors. Notes without a pitch (freestyle and
/// rap) are left out.
///
/// # Errors
/// [`FormatError::Text`] at a line that is none of a song; [`FormatError::Content`] without a tempo.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Contents, FormatError> {
    let text = text(path, bytes)?;
    let mut song = Song::default();
    for line in text.split(line_break(&text)) {
        let line = line.trim_end_matches('\r');
        if line.trim() == "E" {
            break;
        }
        song.take(line).map_err(|(part, expected)| {
            let found = format!("{part:?}");
            FormatError::text(path, TextPlace::of(part, &text), expected, &found)
        })?;
    }
    song.contents()
        .ok_or_else(|| FormatError::content(path, "a song of UltraStar", "no #BPM above 0"))
}

/// A tag at the head of a song: `#TITLE:Name`.
fn tag(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once(':')?;
    Some((name.trim(), value.trim()))
}

/// A number with a point or a comma.
fn number(text: &str) -> Option<f64> {
    let number = text.trim().replacen(',', ".", 1).parse().ok();
    number.filter(|it: &f64| it.is_finite())
}

/// What a line lacks: the part that is wrong, and what belongs there.
type Fault<'a> = (&'a str, &'static str);

#[derive(Default)]
struct Song<'a> {
    title: Option<String>,
    bpm: f64,
    gap_secs: f64,
    is_relative: bool,
    /// Beats that positions of the present line count from.
    from: f64,
    /// Beats from which there is another BPM.
    tempo_changes: Vec<(f64, f64)>,
    is_other_voice: bool,
    is_within_line: bool,
    n_pitchless: usize,
    n_of_others: usize,
    notes: Vec<BeatNote<'a>>,
}

struct BeatNote<'a> {
    start: f64,
    length: f64,
    midi: f64,
    text: &'a str,
    /// Whether it begins a line of the song.
    begins: bool,
}

impl<'a> Song<'a> {
    fn take(&mut self, line: &'a str) -> Result<(), Fault<'a>> {
        if let Some((name, value)) = tag(line) {
            return self.take_tag(name, value);
        }
        let line = line.trim_start();
        let Some(kind) = line.chars().next() else {
            return Ok(());
        };
        let rest = &line[kind.len_utf8()..];
        match kind {
            ':' | '*' => self.take_note(rest),
            'F' | 'R' | 'G' => {
                self.n_pitchless += 1;
                Ok(())
            }
            '-' => self.end_line(rest),
            'B' => {
                let [beat, bpm] = integers(rest, ["a beat", "a tempo in BPM"])?.0;
                if bpm > 0.0 {
                    self.tempo_changes.push((self.from + beat, bpm));
                }
                Ok(())
            }
            'P' => {
                self.is_other_voice = rest.trim().starts_with('2');
                self.from = 0.0;
                Ok(())
            }
            '#' => Ok(()),
            _ => Err((line, "a note (: start length pitch text), - or E")),
        }
    }

    fn take_tag(&mut self, name: &str, value: &'a str) -> Result<(), Fault<'a>> {
        match &*name.to_uppercase() {
            "TITLE" => self.title = Some(value.to_owned()).filter(|it| !it.is_empty()),
            "BPM" => {
                let above_0 = number(value).filter(|bpm| *bpm > 0.0);
                self.bpm = above_0.ok_or((value, "a tempo in BPM above 0"))?;
            }
            "GAP" if !value.is_empty() => {
                let gap = number(value).ok_or((value, "a gap in milliseconds"))?;
                self.gap_secs = gap / 1e3;
            }
            "RELATIVE" => self.is_relative = value.eq_ignore_ascii_case("yes"),
            _ => {}
        }
        Ok(())
    }

    fn take_note(&mut self, rest: &'a str) -> Result<(), Fault<'a>> {
        let expected = ["the start beat", "the length in beats", "the pitch"];
        let ([start, length, pitch], text) = integers(rest, expected)?;
        if self.is_other_voice {
            self.n_of_others += 1;
            return Ok(());
        }
        self.notes.push(BeatNote {
            start: self.from + start,
            length,
            midi: LOWEST_MIDI + pitch,
            text: text.strip_prefix(' ').unwrap_or(text),
            begins: !self.is_within_line,
        });
        self.is_within_line = true;
        Ok(())
    }

    /// A line of the song ends; positions of the next may count from another beat.
    fn end_line(&mut self, rest: &'a str) -> Result<(), Fault<'a>> {
        let ([end], more) = integers(rest, ["the end beat"])?;
        if self.is_relative {
            let shift = integers(more, ["a beat"]).ok().map(|(it, _)| it[0]);
            self.from += shift.unwrap_or(end);
        }
        self.is_within_line = false;
        Ok(())
    }

    fn contents(self) -> Option<Contents> {
        (self.bpm > 0.0).then(|| {
            let mut remarks = Vec::new();
            let mut remark = |n: usize, what: &str| match n {
                0 => {}
                1 => remarks.push(format!("A note {what} is left out.")),
                n => remarks.push(format!("{n} notes {what} are left out.")),
            };
            remark(self.n_pitchless, "without a pitch (freestyle or rap)");
            remark(self.n_of_others, "of the second voice");
            Contents {
                title: self.title.clone(),
                remarks,
                ..Contents::of_notes(self.sung())
            }
        })
    }

    fn sung(self) -> Vec<SungNote> {
        let tempo = SongTempo::new(&self);
        let notes = self.notes.iter().enumerate();
        let sung = notes.map(|(i, it)| SungNote {
            note: Note {
                onset_secs: tempo.secs(it.start),
                offset_secs: tempo.secs(it.start + it.length),
                midi: it.midi as f32,
                confidence: 1.0,
            },
            lyric: lyric(it.text, self.notes.get(i + 1)),
        });
        sung.collect()
    }
}

/// A syllable, with `-` behind it if its word goes on on the next note.
fn lyric(text: &str, next: Option<&BeatNote>) -> String {
    let syllable = text.trim();
    if syllable.is_empty() || syllable == HELD {
        return String::new();
    }
    let begins_a_word = |it: &&BeatNote| it.begins || it.text.starts_with(' ');
    let is_new = next.is_none_or(|it| begins_a_word(&it) || it.text.trim() == HELD);
    let ends = text.ends_with(' ') || is_new || syllable.ends_with('-');
    format!("{syllable}{}", if ends { "" } else { "-" })
}

/// Numbers that a line begins with, and what follows them.
fn integers<'a, const N: usize>(
    line: &'a str,
    expected: [&'static str; N],
) -> Result<([f64; N], &'a str), Fault<'a>> {
    let mut rest = line;
    let mut numbers = [0.0; N];
    for (number, expected) in numbers.iter_mut().zip(expected) {
        rest = rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = &rest[..end];
        *number = self::number(word).ok_or((word, expected))?;
        rest = &rest[end..];
    }
    Ok((numbers, rest))
}

/// From beats to seconds.
struct SongTempo {
    /// Beats where a tempo begins, their seconds, and seconds a beat from there; the first is beat 0.
    parts: Vec<(f64, f64, f64)>,
}

impl SongTempo {
    fn new(song: &Song) -> Self {
        let beat_secs = |bpm: f64| 60.0 / (bpm * BEATS_PER_QUARTER);
        let mut changes = song.tempo_changes.clone();
        changes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut tempo = Self {
            parts: vec![(0.0, song.gap_secs, beat_secs(song.bpm))],
        };
        for (beat, bpm) in changes {
            let secs = tempo.secs(beat);
            tempo.parts.push((beat, secs, beat_secs(bpm)));
        }
        tempo
    }

    fn secs(&self, beat: f64) -> f64 {
        let begun = self.parts.partition_point(|part| part.0 <= beat).max(1);
        let (from, secs, beat_secs) = self.parts[begun - 1];
        secs + (beat - from) * beat_secs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song(text: &str) -> Result<Contents, String> {
        read(Path::new("a.txt"), text.as_bytes()).map_err(|error| error.to_string())
    }

    /// Onset, offset, pitch and words of each note.
    fn told(text: &str) -> Vec<(f64, f64, f32, String)> {
        let notes = song(text).unwrap().notes.unwrap().into_iter();
        let told = notes.map(|it| {
            let note = it.note;
            (note.onset_secs, note.offset_secs, note.midi, it.lyric)
        });
        told.collect()
    }

    #[test]
    fn songs_are_read_with_their_words() {
        let text = "#TITLE:Song\r\n#BPM:150,0\r\n#GAP:1000\r\n: 0 4 0 Hel\r\n* 4 4 2 lo\r\n\
                    : 8 4 -3 ~\r\n: 12 2 4  world\r\n- 20\r\nF 20 2 0 (hey)\r\n: 24 4 5 Bye\r\nE\r\nrest";
        assert!(knows(text.as_bytes()));
        let found = told(text);
        let words: Vec<_> = found.iter().map(|it| &*it.3).collect();
        assert_eq!(words, ["Hel-", "lo", "", "world", "Bye"]);
        let times: Vec<_> = found.iter().map(|it| (it.0 * 1e6).round() / 1e6).collect();
        assert_eq!(times, [1.0, 1.4, 1.8, 2.2, 3.4]);
        assert_eq!(found[2].2, 57.0);
        let remarks = song(text).unwrap().remarks;
        assert_eq!(
            remarks,
            ["A note without a pitch (freestyle or rap) is left out."]
        );
    }

    #[test]
    fn relative_beats_changes_of_tempo_and_second_voices_are_followed() {
        let relative = "#BPM:150\n#RELATIVE:YES\n: 0 2 0 a\n- 4 4\n: 1 2 0 b\n- 4\n: 0 1 0 c\n";
        let onsets: Vec<_> = told(relative)
            .iter()
            .map(|it| (it.0 * 1e6).round() / 1e6)
            .collect();
        assert_eq!(onsets, [0.0, 0.5, 0.8]);
        let faster = "#BPM:150\nB 10 300\n: 0 10 0 a\n: 20 2 0 b\n";
        let onsets: Vec<_> = told(faster).iter().map(|it| it.0).collect();
        assert_eq!(onsets, [0.0, 1.5]);
        let duet = "#BPM:150\nP1\n: 0 2 0 a\nP2\n: 0 2 7 b\n";
        assert_eq!(told(duet).len(), 1);
    }

    #[test]
    fn what_is_no_song_is_named_with_its_place() {
        let error = song("#BPM:150\n: 0 x 0 a\n").unwrap_err();
        let expected = "a.txt, line 2, column 5: expected the length in beats, found \"x\"";
        assert_eq!(error, expected);
        let error = song("#BPM:fast\n").unwrap_err();
        assert!(
            error.contains("line 1, column 6: expected a tempo"),
            "{error}"
        );
        assert!(song("#TITLE:a\n").unwrap_err().contains("no #BPM above 0"));
        assert!(
            song("#BPM:1\nhello\n")
                .unwrap_err()
                .contains("line 2, column 1")
        );
        assert!(!knows(b"# time f0\n0 220\n"));
    }
}
