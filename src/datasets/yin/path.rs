//! The course of the pitch through the periods that frames may have.

use super::search::{PeriodCandidate, RANGE_HZ};
use super::{AUDIBLE_DB, SILENT_DB};

/// Cost of an unvoiced frame; that of a voiced one is its aperiodicity.
const UNVOICED_COST: f32 = 0.45;
/// Cost of a pitch change by an octave.
const OCTAVE_COST: f32 = 0.6;
/// Cost of a change between voiced and unvoiced.
const SWITCH_COST: f32 = 0.25;
/// Cost of each octave below the top of the range: of two equal minima the higher is right.
const LOW_COST: f32 = 0.02;

/// The cheapest path: for each frame a candidate or `None` for unvoiced.
pub fn best_path(candidates: &[Vec<PeriodCandidate>], levels_db: &[f32]) -> Vec<Option<usize>> {
    // State 0 is unvoiced, state i + 1 candidate i.
    let mut costs = vec![0.0f32];
    let mut origins: Vec<Vec<usize>> = Vec::with_capacity(candidates.len());
    let mut before: &[PeriodCandidate] = &[];
    for (now, &level_db) in candidates.iter().zip(levels_db) {
        let mut next = Vec::with_capacity(now.len() + 1);
        let mut origin = Vec::with_capacity(now.len() + 1);
        for state in 0..=now.len() {
            let to = state.checked_sub(1).map(|i| now[i]);
            let (from, cost) = costs
                .iter()
                .enumerate()
                .map(|(from, cost)| {
                    let candidate = from.checked_sub(1).map(|i| before[i]);
                    (from, cost + change_cost(candidate, to))
                })
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((0, 0.0));
            next.push(cost + own_cost(to, level_db));
            origin.push(from);
        }
        (costs, before) = (next, now);
        origins.push(origin);
    }
    let mut state = (0..costs.len())
        .min_by(|&a, &b| costs[a].total_cmp(&costs[b]))
        .unwrap_or(0);
    let mut path = vec![None; candidates.len()];
    for (frame, origin) in origins.iter().enumerate().rev() {
        path[frame] = state.checked_sub(1);
        state = origin[state];
    }
    path
}

fn own_cost(candidate: Option<PeriodCandidate>, level_db: f32) -> f32 {
    match candidate {
        Some(candidate) => {
            let octaves_down = (RANGE_HZ[1] / candidate.f0_hz).log2();
            candidate.aperiodicity + LOW_COST * octaves_down
        }
        None => {
            let audible = (level_db - SILENT_DB) / (AUDIBLE_DB - SILENT_DB);
            UNVOICED_COST * audible.clamp(0.0, 1.0)
        }
    }
}

fn change_cost(from: Option<PeriodCandidate>, to: Option<PeriodCandidate>) -> f32 {
    match (from, to) {
        (None, None) => 0.0,
        (Some(from), Some(to)) => OCTAVE_COST * (to.f0_hz / from.f0_hz).log2().abs(),
        _ => SWITCH_COST,
    }
}
