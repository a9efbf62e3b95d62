//! How a recording ends, and what is said of it.

use super::AudioReader;

/// A file that is shorter than it says by less than this and a packet is whole.
const CUT_TOLERANCE_SECS: f64 = 0.1;
const CUT_SHORT: &str = "the file is cut short";

impl AudioReader {
    /// The file ends where more of it was expected.
    pub(super) fn end_inside(&mut self) {
        match self.container.map.is_open {
            true => self.end_of_file(),
            false => self.end_early(CUT_SHORT),
        }
    }

    /// The file ends, perhaps before its header says.
    pub(super) fn end_of_file(&mut self) {
        self.lose_gap();
        if self.queue.give_up_piece() {
            return;
        }
        if self.container.map.is_cut || self.promised_secs().is_some() {
            self.end_early(CUT_SHORT);
        } else {
            self.take_rest();
            self.queue.release();
            self.ended = true;
            self.queue.drop_tail();
        }
    }

    /// The sound ends for a reason that the user must know.
    pub(super) fn end_early(&mut self, reason: &str) {
        self.take_rest();
        self.queue.release();
        self.ended = true;
        self.lose_gap();
        let secs = self.now_secs();
        match self.promised_secs().filter(|_| reason == CUT_SHORT) {
            Some(promised) => {
                let reason = format!("{reason}, its header promises {promised:.2} s");
                self.trouble.ends(secs, &reason);
            }
            None => self.trouble.ends(secs, reason),
        }
    }

    /// Damage that nothing follows.
    fn lose_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        self.trouble.missing(self.secs(gap));
    }

    /// Takes what a resampler still holds.
    pub(super) fn take_rest(&mut self) {
        let rest = self.conformer.finish();
        if !rest.is_empty() {
            self.queue.extend(&rest);
        }
    }

    /// The length that the header promises, if it is more than was found.
    fn promised_secs(&self) -> Option<f64> {
        let found = self.now_secs();
        if let Some((promised, held)) = self.container.map.cut {
            return Some(found * promised as f64 / (held as f64).max(1.0));
        }
        let states_frames = self.container.states_frames() && self.container.ogg.is_none();
        let reliable = states_frames || self.container.map.is_cut;
        let promised = self.info.duration_secs.filter(|_| reliable)?;
        let packet_secs = self.secs(self.longest_packet);
        (promised > found + CUT_TOLERANCE_SECS + packet_secs).then_some(promised)
    }

    /// Tells of sound behind the end that the header states.
    pub(super) fn tell_surplus(&mut self) {
        let map = &self.container.map;
        let secs = map.duration_secs.or(self.info.duration_secs);
        if let (Some((promised, held)), Some(secs)) = (map.surplus, secs) {
            let promised_secs = secs * promised as f64 / (held as f64).max(1.0);
            self.trouble.remark(format!(
                "The header tells of {promised_secs:.2} s, but the file goes on to {secs:.2} s; \
                 all of it is read."
            ));
        }
    }
}
