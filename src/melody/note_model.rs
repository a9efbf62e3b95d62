//! Probabilities of the note model, in the logarithm.

use super::note_hmm::NoteParams;

/// Pitch and weight of a voiced frame; `None` where unvoiced.
pub type Candidate = Option<(f64, f64)>;

/// Transition probabilities in the logarithm.
pub(super) struct Model<'a> {
    pub(super) params: &'a NoteParams,
    /// Number of pitches.
    pub(super) n: usize,
    /// Widest jump in sub-steps: padding on both sides of a row of silent scores.
    pub(super) pad: usize,
    /// Distance in sub-steps and log density of the jumps, nearest first.
    jumps: Vec<(usize, f64)>,
    /// Per source pitch: log probability of leaving silence over the sum of its jumps.
    pub(super) leave: Vec<f64>,
    /// Density of the f0 about the pitch of an attack state and of a stable one.
    densities: [Normal; 2],
}

/// Pitches searched at a time.
const BLOCK: usize = 8;
/// Log density below which a pitch adds nothing to a sum in double precision.
const NEGLIGIBLE: f64 = -40.0;

impl<'a> Model<'a> {
    /// The model for a set of constants.
    pub(super) fn new(params: &'a NoteParams) -> Self {
        let n = params.n_pitches;
        let semitones = |steps: usize| steps as f64 / params.steps_per_semitone as f64;
        let jump = Normal::new(params.jump_sd);
        let jumps: Vec<(usize, f64)> = (0..n)
            .filter(|&d| {
                d == 0 || (semitones(d) > params.min_jump && semitones(d) < params.max_jump)
            })
            .map(|d| (d, jump.log_at(semitones(d))))
            .collect();
        let leave = (0..n)
            .map(|p| {
                let targets = |d: usize| {
                    if d == 0 {
                        1
                    } else {
                        usize::from(p >= d) + usize::from(p + d < n)
                    }
                };
                let sum: f64 = jumps
                    .iter()
                    .map(|&(d, g)| targets(d) as f64 * g.exp())
                    .sum();
                ((1.0 - params.stay_silent) / sum).ln()
            })
            .collect();
        let pad = jumps.last().map_or(0, |&(d, _)| d);
        let densities = [params.attack_sd, params.stable_sd].map(Normal::new);
        Self {
            params,
            n,
            pad,
            jumps,
            leave,
            densities,
        }
    }

    /// Length of a padded row.
    pub(super) fn width(&self) -> usize {
        self.n.next_multiple_of(BLOCK) + 2 * self.pad
    }

    fn pitch(&self, p: usize) -> f64 {
        self.params.lowest_midi + p as f64 / self.params.steps_per_semitone as f64
    }

    /// Best log probability of attacking each pitch from silence; `leaving` is padded.
    ///
    /// The innermost part of the search: a block of pitches stays in registers.
    pub(super) fn attack_from_silence(&self, leaving: &[f64], best: &mut [f64]) {
        for (i, best) in best.chunks_mut(BLOCK).enumerate() {
            let at = self.pad + i * BLOCK;
            let mut block = [f64::NEG_INFINITY; BLOCK];
            for &(d, density) in &self.jumps {
                let below = &leaving[at - d..][..BLOCK];
                let above = &leaving[at + d..][..BLOCK];
                for ((best, &a), &b) in block.iter_mut().zip(below).zip(above) {
                    let score = density + if a > b { a } else { b };
                    *best = if score > *best { score } else { *best };
                }
            }
            best.copy_from_slice(&block[..best.len()]);
        }
    }

    /// The silent pitch from which attacking `p` was best.
    pub(super) fn attack_source(&self, leaving: &[f64], p: usize) -> usize {
        let mut best = (f64::NEG_INFINITY, self.pad + p);
        for &(d, density) in &self.jumps {
            for at in [self.pad + p - d, self.pad + p + d] {
                if leaving[at] + density > best.0 {
                    best = (leaving[at] + density, at);
                }
            }
        }
        best.1 - self.pad
    }

    /// Log probabilities of a frame given each attack and stable state, and any silent one.
    ///
    /// The weight scales all pitches of a frame alike, so it only says how likely
    /// the frame is voiced.
    pub(super) fn observe(
        &self,
        candidate: Candidate,
        attack: &mut [f64],
        stable: &mut [f64],
    ) -> f64 {
        let params = self.params;
        let weight = candidate.map_or(0.0, |(_, weight)| weight);
        let voiced = (1.0 - params.trust) * params.voiced_prior + params.trust * weight;
        match candidate {
            Some((midi, _)) => {
                let [attack_density, stable_density] = self.densities;
                // an f0 far outside the range counts as one an octave outside
                let midi = midi.clamp(self.pitch(0) - 12.0, self.pitch(self.n) + 12.0);
                for (p, (attack, stable)) in attack.iter_mut().zip(stable.iter_mut()).enumerate() {
                    let distance = midi - self.pitch(p);
                    *attack = attack_density.log_at(distance);
                    *stable = stable_density.log_at(distance);
                }
            }
            None => {
                attack.fill(0.0);
                stable.fill(0.0);
            }
        }
        let sum: f64 = attack
            .iter()
            .chain(&*stable)
            .filter(|&&log| log > NEGLIGIBLE)
            .map(|log| log.exp())
            .sum();
        let scale = voiced.ln() - sum.ln();
        attack
            .iter_mut()
            .chain(stable)
            .for_each(|log| *log += scale);
        ((1.0 - voiced) / self.n as f64).ln()
    }
}

/// A normal distribution about 0.
#[derive(Clone, Copy)]
struct Normal {
    log_peak: f64,
    steepness: f64,
}

impl Normal {
    fn new(sd: f64) -> Self {
        Self {
            log_peak: -sd.ln() - 0.5 * std::f64::consts::TAU.ln(),
            steepness: 0.5 / (sd * sd),
        }
    }

    /// Logarithm of the density at `x`.
    fn log_at(self, x: f64) -> f64 {
        self.log_peak - self.steepness * x * x
    }
}
