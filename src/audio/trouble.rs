//! What was wrong with a recording that could be read all the same.

/// More remarks than this on one file tell nothing new.
const MAX_REMARKS: usize = 10;

/// Counts troubles while decoding, and words them.
#[derive(Debug, Default)]
pub struct Trouble {
    non_finite: Tally,
    damaged: Tally,
    missing_secs: f64,
    remarks: Vec<String>,
    ending: Option<String>,
    warnings: Vec<String>,
}

/// How often, and at which second first.
#[derive(Debug, Default)]
struct Tally {
    count: u64,
    first_secs: f64,
}

impl Tally {
    fn add(&mut self, count: u64, secs: f64) {
        if self.count == 0 {
            self.first_secs = secs;
        }
        self.count += count;
    }
}

impl Trouble {
    /// `count` samples near `secs` were not numbers.
    pub fn non_finite(&mut self, count: u64, secs: f64) {
        self.non_finite.add(count, secs);
        self.word();
    }

    /// A packet at `secs` could not be decoded, or is missing.
    pub fn damaged(&mut self, secs: f64) {
        self.damaged.add(1, secs);
        self.word();
    }

    /// So much of the damaged sound lacks.
    pub fn missing(&mut self, secs: f64) {
        self.missing_secs += secs;
        self.word();
    }

    /// Something else that the user must know; each sentence once.
    pub fn remark(&mut self, sentence: String) {
        if self.remarks.len() < MAX_REMARKS && !self.remarks.contains(&sentence) {
            self.remarks.push(sentence);
            self.word();
        }
    }

    /// Whether any packet was damaged.
    pub fn is_damaged(&self) -> bool {
        self.damaged.count > 0
    }

    /// The sound ends at `secs` for this reason.
    pub fn ends(&mut self, secs: f64, reason: &str) {
        self.ending = Some(format!("The sound ends at {secs:.2} s: {reason}."));
        self.word();
    }

    /// Whether the sound ends before its time.
    pub fn is_cut(&self) -> bool {
        self.ending.is_some()
    }

    /// One sentence for each kind of trouble.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn word(&mut self) {
        self.warnings.clone_from(&self.remarks);
        if self.damaged.count > 0 {
            self.warnings.push(format!(
                "Silence stands in for {} ({:.2} s in all), the first at {:.2} s.",
                plural(self.damaged.count, "damaged piece"),
                self.missing_secs,
                self.damaged.first_secs
            ));
        }
        if self.non_finite.count > 0 {
            self.warnings.push(format!(
                "Silence stands in for {} that held no number, the first near {:.2} s.",
                plural(self.non_finite.count, "sample"),
                self.non_finite.first_secs
            ));
        }
        self.warnings.extend(self.ending.clone());
    }
}

fn plural(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
