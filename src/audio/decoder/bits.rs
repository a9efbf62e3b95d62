//! Bits of a byte string, the highest of each byte first.

/// A reading position.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    /// From the first bit on.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bits that are left.
    pub fn left(&self) -> usize {
        (8 * self.bytes.len()).saturating_sub(self.at)
    }

    /// The next `n` (up to 32) bits as a number; `None` beyond the end.
    pub fn read(&mut self, n: usize) -> Option<u32> {
        if n > self.left() {
            return None;
        }
        let bit = |at: usize| u32::from(self.bytes[at / 8] >> (7 - at % 8) & 1);
        let number = (self.at..self.at + n).fold(0, |number, at| number << 1 | bit(at));
        self.at += n;
        Some(number)
    }

    /// Passes over `n` bits; `None` if there are fewer.
    pub fn skip(&mut self, n: usize) -> Option<()> {
        self.at += (n <= self.left()).then_some(n)?;
        Some(())
    }

    /// Passes over the rest of a byte.
    pub fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }

    /// The next `n` bits, behind `prefix` bits of `lead`; the sum must fill whole bytes.
    pub fn copy(&self, n: usize, lead: &[bool]) -> Vec<u8> {
        let mut copy = vec![0; (lead.len() + n).div_ceil(8)];
        let mut rest = *self;
        let mut at = 0;
        for &bit in lead {
            copy[at / 8] |= u8::from(bit) << (7 - at % 8);
            at += 1;
        }
        while at < lead.len() + n {
            let n_bits = (8 - at % 8).min(lead.len() + n - at);
            let bits = rest.read(n_bits).unwrap_or(0);
            copy[at / 8] |= (bits << (8 - at % 8 - n_bits)) as u8;
            at += n_bits;
        }
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_skips_and_copies() {
        let mut bits = Bits::new(&[0b1010_0101, 0xff]);
        assert_eq!(bits.read(3), Some(0b101));
        assert_eq!(bits.copy(5, &[true, true, false]), [0b1100_0101]);
        assert_eq!(bits.skip(5), Some(()));
        assert_eq!((bits.read(8), bits.read(1)), (Some(255), None));
    }
}
