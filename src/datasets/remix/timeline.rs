//! Pieces of recordings laid out one after another.

use super::shift::Shifter;
use crate::datasets::{HOP, RATE_HZ, Voice, n_frames};

/// Fade at either end of a piece: 10 ms.
const FADE: usize = HOP;

/// Lays `source` from sample `start` on into `out` from sample `at` on, faded at its ends.
///
/// Returns where in `out` the piece ends.
pub fn place(out: &mut [f32], at: usize, source: &[f32], start: usize, shifter: &Shifter) -> usize {
    let end = piece_end(out.len(), at, source.len(), start, shifter);
    if at < end {
        let piece = &mut out[at..end];
        shifter.read(source, start, piece);
        fade(piece);
    }
    end.max(at)
}

fn piece_end(n_out: usize, at: usize, n_source: usize, start: usize, shifter: &Shifter) -> usize {
    let available = n_source.saturating_sub(start) as f64 / shifter.ratio();
    (at + available as usize).min(n_out)
}

fn fade(piece: &mut [f32]) {
    let n = FADE.min(piece.len() / 2);
    let n_piece = piece.len();
    for i in 0..n {
        let gain = (i as f32 + 0.5) / n as f32;
        piece[i] *= gain;
        piece[n_piece - 1 - i] *= gain;
    }
}

/// A sung line with its labels, frame `c` on sample `HOP * (c + 1)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VoiceLine {
    /// The voice, 16 kHz.
    pub samples: Vec<f32>,
    /// Hz, 0 where unvoiced.
    pub f0_hz: Vec<f32>,
    /// Whether a frame counts in the loss.
    pub mask: Vec<bool>,
}

impl VoiceLine {
    /// A line of `n` samples in which nobody sings.
    pub fn silent(n: usize) -> Self {
        Self {
            samples: vec![0.0; n],
            f0_hz: vec![0.0; n_frames(n)],
            mask: vec![true; n_frames(n)],
        }
    }

    /// Lets `voice` sing from its sample `start` on, from sample `at` of the line on.
    ///
    /// Returns where in the line it ends.
    pub fn place(&mut self, at: usize, voice: &Voice, start: usize, shifter: &Shifter) -> usize {
        let end = place(&mut self.samples, at, &voice.samples, start, shifter);
        for frame in frames_within(at, end, self.f0_hz.len()) {
            let sample = HOP * (frame + 1);
            let position = start as f64 + (sample - at) as f64 * shifter.ratio();
            let (f0_hz, counts) = label_at(voice, position / HOP as f64 - 1.0);
            let faded = sample < at + FADE || sample + FADE > end;
            self.f0_hz[frame] = f0_hz * shifter.ratio() as f32;
            self.mask[frame] = counts && !(faded && f0_hz > 0.0);
        }
        end
    }

    /// Silences the voice from sample `from` to sample `to`.
    ///
    /// Both move to where nothing is sung, if that is within a second.
    pub fn rest(&mut self, from: usize, to: usize) {
        let from = self.unvoiced_near(from);
        let to = self.unvoiced_near(to).min(self.samples.len());
        if from + 2 * FADE >= to {
            return;
        }
        let (begins, ends) = (from > 0, to < self.samples.len());
        for (i, sample) in self.samples[from..to].iter_mut().enumerate() {
            let since = if begins { i } else { FADE };
            let until = if ends { to - from - 1 - i } else { FADE };
            *sample *= 1.0 - (since.min(until) as f32 / FADE as f32).min(1.0);
        }
        for frame in frames_within(from, to, self.f0_hz.len()) {
            let sample = HOP * (frame + 1);
            let faded = sample < from + FADE || sample + FADE > to;
            self.mask[frame] = !(faded && self.f0_hz[frame] > 0.0);
            self.f0_hz[frame] = 0.0;
        }
    }

    fn unvoiced_near(&self, sample: usize) -> usize {
        let n = self.f0_hz.len();
        if sample == 0 || sample >= self.samples.len() {
            return sample;
        }
        let middle = (sample / HOP).saturating_sub(1);
        let reach = RATE_HZ as usize / HOP;
        (0..reach)
            .flat_map(|distance| [middle.checked_sub(distance), Some(middle + distance)])
            .flatten()
            .find(|&frame| frame < n && self.f0_hz[frame] == 0.0)
            .map_or(sample, |frame| HOP * (frame + 1))
    }

    /// Mean power where voiced; 0 if nothing is.
    pub fn voiced_power(&self) -> f32 {
        let (mut sum, mut n) = (0.0f64, 0usize);
        for (frame, _) in self.f0_hz.iter().enumerate().filter(|(_, hz)| **hz > 0.0) {
            let first = HOP * frame + HOP / 2;
            let around = &self.samples[first..(first + HOP).min(self.samples.len())];
            sum += around.iter().map(|&x| f64::from(x * x)).sum::<f64>();
            n += around.len();
        }
        (sum / n.max(1) as f64) as f32
    }
}

/// The frames whose centers lie in the samples `from..to`.
fn frames_within(from: usize, to: usize, n: usize) -> std::ops::Range<usize> {
    let first = from.div_ceil(HOP).max(1) - 1;
    let end = to.div_ceil(HOP).max(1) - 1;
    first.min(n)..end.min(n)
}

/// Label at a fractional frame: the nearest frame's voicing, cents linear between voiced frames.
fn label_at(voice: &Voice, position: f64) -> (f32, bool) {
    let Some(last) = voice.f0_hz.len().checked_sub(1) else {
        return (0.0, false);
    };
    let position = position.clamp(0.0, last as f64);
    let nearest = position.round() as usize;
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    let (from, to) = (voice.f0_hz[below], voice.f0_hz[above]);
    let f0_hz = if voice.f0_hz[nearest] > 0.0 && from > 0.0 && to > 0.0 {
        from * (to / from).powf(position.fract() as f32)
    } else {
        voice.f0_hz[nearest]
    };
    (f0_hz, voice.mask[nearest])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second of silence, then a rising voice, 20 doubtful frames at its end.
    fn voice() -> Voice {
        let n = 32_000;
        let n_voice_frames = n_frames(n);
        Voice {
            id: "set/a".into(),
            singer: "set/a".into(),
            samples: (0..n).map(|i| if i < 8000 { 0.0 } else { 0.5 }).collect(),
            f0_hz: (0..n_voice_frames)
                .map(|c| if c < 49 { 0.0 } else { 200.0 + c as f32 })
                .collect(),
            mask: (0..n_voice_frames)
                .map(|c| c + 20 < n_voice_frames)
                .collect(),
            accompaniment: None,
        }
    }

    #[test]
    fn labels_follow_the_samples() {
        let mut line = VoiceLine::silent(48_000);
        let end = line.place(1600, &voice(), 0, &Shifter::new(1.0));
        assert_eq!(end, 33_600);
        let first = line.f0_hz.iter().position(|&hz| hz > 0.0).unwrap();
        assert_eq!(first, 59);
        assert_eq!(line.f0_hz[first], 249.0);
        assert!(line.mask[first] && !line.mask[200] && line.mask[250]);
        assert!((line.voiced_power() - 0.25).abs() < 0.01);
    }

    #[test]
    fn a_faster_voice_is_higher_and_earlier() {
        let mut line = VoiceLine::silent(48_000);
        let shifter = Shifter::semitones(3.0);
        line.place(0, &voice(), 0, &shifter);
        let first = line.f0_hz.iter().position(|&hz| hz > 0.0).unwrap();
        let expected = 50.0 / shifter.ratio() - 1.0;
        assert!(
            (first as f64 - expected).abs() <= 1.0,
            "{first}, {expected}"
        );
        assert!((line.f0_hz[first] / 249.0 - shifter.ratio() as f32).abs() < 0.01);
    }

    #[test]
    fn a_rest_has_neither_sound_nor_pitch() {
        let mut line = VoiceLine::silent(32_000);
        line.place(0, &voice(), 0, &Shifter::new(1.0));
        line.rest(26_000, 40_000);
        assert!(line.f0_hz[162..].iter().all(|&hz| hz == 0.0));
        assert!(line.samples[26_200..].iter().all(|&x| x == 0.0));
        assert!(line.f0_hz[150] > 0.0);
    }

    #[test]
    fn a_rest_begins_where_nothing_is_sung() {
        let mut line = VoiceLine::silent(32_000);
        line.place(0, &voice(), 0, &Shifter::new(1.0));
        line.rest(12_000, 32_000);
        assert!(line.f0_hz.iter().all(|&hz| hz == 0.0));
    }

    #[test]
    fn nothing_fits_into_nothing() {
        let mut line = VoiceLine::silent(100);
        assert_eq!(line.place(100, &voice(), 0, &Shifter::new(1.0)), 100);
        assert_eq!(line.place(0, &voice(), 99_000, &Shifter::new(1.1)), 0);
        assert_eq!(line.voiced_power(), 0.0);
    }
}
