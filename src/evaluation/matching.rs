//! The largest one-to-one matching of notes.
//!
//! Often several matchings are the largest, and how far their notes overlap differs. Estimates take
//! references in the order in which mir_eval's do, so that the average overlap is that of mir_eval;
//! general algorithms for matchings give other pairs.

use std::collections::VecDeque;

/// A maximum matching of estimates to references.
///
/// `hits[i]` are the estimates that may stand for reference `i`. Returns pairs
/// `(reference, estimate)` in order of the reference; no pair shares a member
/// with another, and no matching has more pairs.
pub fn maximum_matching(hits: &[Vec<usize>], n_estimates: usize) -> Vec<(usize, usize)> {
    let mut graph = Graph::new(hits, n_estimates);
    for estimate in graph.order.clone() {
        graph.take_free(estimate);
    }
    for estimate in graph.order.clone() {
        if graph.reference_of[estimate].is_none() {
            graph.augment(estimate);
        }
    }
    let pairs = graph.estimate_of.iter().enumerate();
    pairs
        .filter_map(|(reference, estimate)| Some((reference, (*estimate)?)))
        .collect()
}

/// Which references each estimate may take, and which it has.
struct Graph {
    references: Vec<Vec<usize>>,
    /// Estimates with a hit, by their first reference.
    order: Vec<usize>,
    estimate_of: Vec<Option<usize>>,
    reference_of: Vec<Option<usize>>,
}

impl Graph {
    fn new(hits: &[Vec<usize>], n_estimates: usize) -> Self {
        let mut graph = Self {
            references: vec![Vec::new(); n_estimates],
            order: Vec::new(),
            estimate_of: vec![None; hits.len()],
            reference_of: vec![None; n_estimates],
        };
        for (reference, estimates) in hits.iter().enumerate() {
            for &estimate in estimates {
                if graph.references[estimate].is_empty() {
                    graph.order.push(estimate);
                }
                graph.references[estimate].push(reference);
            }
        }
        graph
    }

    fn pair(&mut self, reference: usize, estimate: usize) {
        self.estimate_of[reference] = Some(estimate);
        self.reference_of[estimate] = Some(reference);
    }

    fn take_free(&mut self, estimate: usize) {
        let free = |&&reference: &&usize| self.estimate_of[reference].is_none();
        if let Some(&reference) = self.references[estimate].iter().find(free) {
            self.pair(reference, estimate);
        }
    }

    /// Finds the shortest chain of exchanges that gives `estimate` a reference (Berge 1957).
    fn augment(&mut self, estimate: usize) {
        let mut asked_by: Vec<Option<usize>> = vec![None; self.estimate_of.len()];
        let mut queue = VecDeque::from([estimate]);
        while let Some(asking) = queue.pop_front() {
            for &reference in &self.references[asking] {
                if asked_by[reference].is_some() {
                    continue;
                }
                asked_by[reference] = Some(asking);
                match self.estimate_of[reference] {
                    Some(holder) => queue.push_back(holder),
                    None => return self.exchange(reference, &asked_by),
                }
            }
        }
    }

    fn exchange(&mut self, free: usize, asked_by: &[Option<usize>]) {
        let mut next = Some(free);
        while let Some(reference) = next
            && let Some(estimate) = asked_by[reference]
        {
            next = self.reference_of[estimate];
            self.pair(reference, estimate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greedy_choice_is_taken_back() {
        // Estimate 0 may stand for both references, estimate 1 only for the first.
        let pairs = maximum_matching(&[vec![0, 1], vec![0]], 2);
        assert_eq!(pairs, [(0, 1), (1, 0)]);
    }

    #[test]
    fn a_long_chain_moves_by_one() {
        let n = 2000;
        let mut hits: Vec<Vec<usize>> = (0..n).map(|i| vec![i, i + 1]).collect();
        hits[0] = vec![1];
        assert_eq!(maximum_matching(&hits, n + 1).len(), n);
        assert_eq!(maximum_matching(&[], 0), []);
    }

    proptest::proptest! {
        /// Koenig: no matching is larger than a set of notes that touches all hits;
        /// compared here with the exhaustive search.
        #[test]
        fn no_matching_is_larger(bits in proptest::collection::vec(0u32..64, 0..6)) {
            let hits: Vec<Vec<usize>> = bits.iter().map(|b| (0..6).filter(|j| b >> j & 1 == 1).collect()).collect();
            fn best(hits: &[Vec<usize>], used: u32) -> usize {
                let Some((first, rest)) = hits.split_first() else { return 0 };
                let with = first.iter().filter(|&&j| used >> j & 1 == 0).map(|&j| 1 + best(rest, used | 1 << j));
                with.max().unwrap_or(0).max(best(rest, used))
            }
            proptest::prop_assert_eq!(maximum_matching(&hits, 6).len(), best(&hits, 0));
        }
    }
}
