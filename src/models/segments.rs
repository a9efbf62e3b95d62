//! Frames in segments of one length, as networks with [`Framing::Segments`](super::Framing) want
//! them.

/// `[rows, frames]` → `[segments, rows, len]`, the last filled up with zeros.
pub fn cut_segments(values: &[f32], frames: usize, len: usize) -> Vec<f32> {
    let rows = values.len() / frames.max(1);
    let mut out = vec![0.0; frames.div_ceil(len) * rows * len];
    for (r, row) in values.chunks_exact(frames.max(1)).enumerate() {
        for (s, part) in row.chunks(len).enumerate() {
            out[(s * rows + r) * len..][..part.len()].copy_from_slice(part);
        }
    }
    out
}

/// The inverse of [`cut_segments`], for any number of rows.
pub fn join_segments(values: &[f32], frames: usize, len: usize) -> Vec<f32> {
    let rows = values.len() / (frames.div_ceil(len) * len).max(1);
    let mut out = vec![0.0; rows * frames];
    for (r, row) in out.chunks_exact_mut(frames.max(1)).enumerate() {
        for (s, part) in row.chunks_mut(len).enumerate() {
            let n = part.len();
            part.copy_from_slice(&values[(s * rows + r) * len..][..n]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_cut_and_joined() {
        let values: Vec<f32> = (0..14).map(|i| i as f32).collect(); // two rows of seven frames
        let segments = cut_segments(&values, 7, 3);
        assert_eq!(segments.len(), 3 * 2 * 3);
        assert_eq!(segments[..6], [0.0, 1.0, 2.0, 7.0, 8.0, 9.0]);
        assert_eq!(segments[12..], [6.0, 0.0, 0.0, 13.0, 0.0, 0.0]);
        assert_eq!(join_segments(&segments, 7, 3), values);
        assert!(join_segments(&cut_segments(&[], 0, 3), 0, 3).is_empty());
    }
}
