//! The most likely course of notes under a hidden Markov model (pYIN's note model).
//!
//! Every pitch has three states: a note is attacked, held stable, then silent
//! until another is attacked. Transitions are sparse, so a step costs as many
//! operations as there are pitches times the 75 jumps allowed from a silent state.

use super::note_hmm::NoteParams;
use super::note_model::{Candidate, Model};

/// What a state is; a state's index is `3 * pitch + kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteStateKind {
    /// The first frames of a note, its pitch still loose.
    Attack,
    /// The note itself.
    Stable,
    /// After the note; its pitch is remembered.
    Silent,
}

impl NoteStateKind {
    /// What a state is.
    pub fn of(state: u16) -> Self {
        [Self::Attack, Self::Stable, Self::Silent][state as usize % 3]
    }
}

/// The most likely states, one a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotePath {
    /// Index of the state of each frame.
    pub states: Vec<u16>,
    /// Natural logarithm of the likelihood of the whole path.
    pub log_likelihood: f64,
}

/// Frames between two looks for the moment where all surviving paths were one.
const CHECK: usize = 4096;
/// Undecided frames at which the best path so far is taken for the older ones.
const LIMIT: usize = 16_384;

/// Finds the most likely path (Viterbi, in the logarithm).
///
/// Memory stays below about 50 MB for any length: once all surviving paths have
/// merged, their common past is final and its back-pointers are dropped. That
/// keeps the result exact unless the paths stay apart for `LIMIT` frames, which
/// only minutes of silence bring about and where the choice changes no note.
pub fn most_likely_path(candidates: &[Candidate], params: &NoteParams) -> NotePath {
    let model = Model::new(params);
    let mut trellis = Trellis::new(&model);
    for &candidate in candidates {
        trellis.step(candidate);
        if trellis.n_rows().is_multiple_of(CHECK) {
            trellis.settle();
        }
    }
    trellis.finish()
}

const ATTACK_STAYED: u8 = 1;
const STABLE_STAYED: u8 = 2;
const SILENT_STAYED: u8 = 4;

/// Scores of the newest frame and the way back through the undecided ones.
struct Trellis<'a> {
    model: &'a Model<'a>,
    attack: Vec<f64>,
    stable: Vec<f64>,
    silent: Vec<f64>,
    /// Padded rows: scores of leaving silence after each undecided frame. The
    /// source of an attack is looked up here only for paths that need it.
    leaving: Vec<f64>,
    /// Rows: what each pitch's states did on entering the frame.
    stayed: Vec<u8>,
    decided: Vec<u16>,
    observed: [Vec<f64>; 2],
}

impl<'a> Trellis<'a> {
    fn new(model: &'a Model<'a>) -> Self {
        let zeros = vec![0.0; model.n];
        Self {
            model,
            attack: vec![f64::NEG_INFINITY; model.n],
            stable: vec![f64::NEG_INFINITY; model.n],
            silent: vec![-(model.n as f64).ln(); model.n],
            leaving: Vec::new(),
            stayed: Vec::new(),
            decided: Vec::new(),
            observed: [zeros.clone(), zeros],
        }
    }

    fn n_rows(&self) -> usize {
        self.stayed.len() / self.model.n
    }

    fn leaving_row(&self, row: usize) -> &[f64] {
        &self.leaving[row * self.model.width()..][..self.model.width()]
    }

    fn step(&mut self, candidate: Candidate) {
        let first = self.decided.is_empty() && self.stayed.is_empty();
        let mut flags = vec![0; self.model.n];
        if !first {
            self.move_on(&mut flags);
        }
        let [attack, stable] = &mut self.observed;
        let silent = self.model.observe(candidate, attack, stable);
        add(&mut self.attack, attack);
        add(&mut self.stable, stable);
        self.silent.iter_mut().for_each(|score| *score += silent);
        self.stayed.extend(flags);
        self.leaving
            .resize(self.leaving.len() + self.model.pad, f64::NEG_INFINITY);
        self.leaving.extend(
            self.silent
                .iter()
                .zip(&self.model.leave)
                .map(|(s, l)| s + l),
        );
        self.leaving
            .resize(self.model.width() * self.n_rows(), f64::NEG_INFINITY);
    }

    /// Applies the transitions from the newest frame to the next.
    fn move_on(&mut self, flags: &mut [u8]) {
        let params = self.model.params;
        let stay = [
            params.stay_attack.ln(),
            params.stay_stable.ln(),
            params.stay_silent.ln(),
        ];
        let settle = (1.0 - params.stay_attack).ln();
        let end = (1.0 - params.stay_stable).ln();
        let mut onset = vec![0.0; self.model.n];
        self.model
            .attack_from_silence(self.leaving_row(self.n_rows() - 1), &mut onset);
        for (p, flags) in flags.iter_mut().enumerate() {
            let [attack, stable, silent] = [self.attack[p], self.stable[p], self.silent[p]];
            let mut choose = |stayed: f64, came: f64, flag: u8| {
                *flags |= if stayed >= came { flag } else { 0 };
                stayed.max(came)
            };
            self.attack[p] = choose(attack + stay[0], onset[p], ATTACK_STAYED);
            self.stable[p] = choose(stable + stay[1], attack + settle, STABLE_STAYED);
            self.silent[p] = choose(silent + stay[2], stable + end, SILENT_STAYED);
        }
    }

    /// The state before `state`, which is in `row` (not the first).
    fn previous(&self, row: usize, state: u16) -> u16 {
        let p = state as usize / 3;
        let flags = self.stayed[row * self.model.n + p];
        match NoteStateKind::of(state) {
            NoteStateKind::Attack if flags & ATTACK_STAYED == 0 => {
                3 * self.model.attack_source(self.leaving_row(row - 1), p) as u16 + 2
            }
            NoteStateKind::Stable if flags & STABLE_STAYED == 0 => state - 1,
            NoteStateKind::Silent if flags & SILENT_STAYED == 0 => state - 1,
            _ => state,
        }
    }

    fn best(&self) -> (u16, f64) {
        let kinds = [&self.attack, &self.stable, &self.silent];
        let mut best = (2, f64::NEG_INFINITY);
        for p in 0..self.model.n {
            for (kind, scores) in kinds.iter().enumerate() {
                if scores[p] > best.1 {
                    best = ((3 * p + kind) as u16, scores[p]);
                }
            }
        }
        best
    }

    /// Decides what can be decided.
    fn settle(&mut self) {
        if let Some((row, state)) = self.merged() {
            self.decide(row, state);
        } else if self.n_rows() >= LIMIT {
            let (mut row, mut state) = (self.n_rows() - 1, self.best().0);
            while row > LIMIT - CHECK {
                state = self.previous(row, state);
                row -= 1;
            }
            self.decide(row, state);
        }
    }

    /// The newest row, not the last, in which all surviving paths share a state.
    fn merged(&self) -> Option<(usize, u16)> {
        let mut alive: Vec<u16> = (0..3 * self.model.n as u16).collect();
        let mut seen = vec![usize::MAX; alive.len()];
        for row in (1..self.n_rows()).rev() {
            for state in &mut alive {
                *state = self.previous(row, *state);
            }
            alive.retain(|&state| std::mem::replace(&mut seen[state as usize], row) != row);
            if let [state] = alive[..] {
                return Some((row - 1, state));
            }
        }
        None
    }

    /// Takes the path that is in `state` in `row`, and forgets the way there.
    fn decide(&mut self, row: usize, state: u16) {
        let start = self.decided.len();
        self.decided.push(state);
        let mut state = state;
        for row in (1..=row).rev() {
            state = self.previous(row, state);
            self.decided.push(state);
        }
        self.decided[start..].reverse();
        self.stayed.drain(..(row + 1) * self.model.n);
        self.leaving.drain(..(row + 1) * self.model.width());
    }

    fn finish(mut self) -> NotePath {
        let (state, log_likelihood) = self.best();
        if self.n_rows() == 0 {
            return NotePath::default();
        }
        self.decide(self.n_rows() - 1, state);
        NotePath {
            states: self.decided,
            log_likelihood,
        }
    }
}

fn add(sum: &mut [f64], terms: &[f64]) {
    sum.iter_mut()
        .zip(terms)
        .for_each(|(sum, term)| *sum += term);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settling_early_changes_nothing() {
        let params = NoteParams::for_hop(0.01);
        let candidates: Vec<Candidate> = (0..3000)
            .map(|i| (i % 70 > 20).then_some((50.0 + f64::from(i / 70 % 9), 0.8)))
            .collect();
        let model = Model::new(&params);
        let mut early = Trellis::new(&model);
        for (i, &candidate) in candidates.iter().enumerate() {
            early.step(candidate);
            if i % 150 == 149 {
                early.settle();
            }
        }
        assert!(early.n_rows() < 1000, "paths merge within a few notes");
        assert_eq!(early.finish(), most_likely_path(&candidates, &params));
    }

    #[test]
    fn a_long_silence_takes_bounded_memory() {
        let params = NoteParams::for_hop(0.01);
        let model = Model::new(&params);
        let mut trellis = Trellis::new(&model);
        for i in 0..3 * LIMIT {
            trellis.step(None);
            if i % CHECK == CHECK - 1 {
                trellis.settle();
            }
            assert!(trellis.n_rows() <= LIMIT + CHECK);
        }
        let states = trellis.finish().states;
        assert_eq!(states.len(), 3 * LIMIT);
        assert!(
            states
                .iter()
                .all(|&state| NoteStateKind::of(state) == NoteStateKind::Silent)
        );
    }
}
