//! Opus packets of several streams, taken apart (RFC 6716, 3.2 and appendix B).

/// The first stream of a packet as a packet of its own, and the rest.
///
/// Streams other than the last tell their length (self-delimiting framing); a packet of one
/// stream must not.
pub fn split_first(packet: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (&toc, rest) = packet.split_first()?;
    let mut first = vec![toc];
    let (frames_len, rest) = match toc & 3 {
        0 => length(rest)?,
        1 => {
            let (each, rest) = length(rest)?;
            (2 * each, rest)
        }
        2 => {
            let (one, after) = length(rest)?;
            first.extend(&rest[..rest.len() - after.len()]);
            let (other, rest) = length(after)?;
            (one + other, rest)
        }
        _ => many_frames(rest, &mut first)?,
    };
    let (frames, rest) = rest.split_at_checked(frames_len)?;
    first.extend(frames);
    Some((first, rest))
}

/// Reads the head of a packet of any number of frames into `first`; tells how many bytes of
/// frames and padding follow.
fn many_frames<'a>(packet: &'a [u8], first: &mut Vec<u8>) -> Option<(usize, &'a [u8])> {
    let (&counts, mut rest) = packet.split_first()?;
    first.push(counts);
    let (n_frames, has_padding) = (usize::from(counts & 0x3f), counts & 0x40 != 0);
    let mut padding = 0;
    let mut goes_on = has_padding;
    while goes_on {
        let (&more, after) = rest.split_first()?;
        first.push(more);
        rest = after;
        // 255 stands for 254 bytes and another number.
        padding += usize::from(more.min(254));
        goes_on = more == 255;
    }
    if counts & 0x80 == 0 {
        let (each, rest) = length(rest)?;
        return Some((n_frames * each + padding, rest));
    }
    let mut sum = padding;
    for i in 0..n_frames {
        let (len, after) = length(rest)?;
        if i + 1 < n_frames {
            first.extend(&rest[..rest.len() - after.len()]);
        }
        sum += len;
        rest = after;
    }
    Some((sum, rest))
}

/// A length of one or two bytes, and what follows it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&low, rest) = bytes.split_first()?;
    if low < 252 {
        return Some((usize::from(low), rest));
    }
    let (&high, rest) = rest.split_first()?;
    Some((usize::from(low) + 4 * usize::from(high), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_framing_is_taken_apart() {
        // One frame; two of one length; two of their own; three with padding.
        let cases: [(&[u8], &[u8]); 5] = [
            (&[0x08, 2, 7, 8], &[0x08, 7, 8]),
            (&[0x09, 1, 7, 8], &[0x09, 7, 8]),
            (&[0x0a, 1, 2, 7, 8, 9], &[0x0a, 1, 7, 8, 9]),
            (
                &[0x0b, 0x43, 1, 1, 7, 8, 9, 0],
                &[0x0b, 0x43, 1, 7, 8, 9, 0],
            ),
            (&[0x0b, 0x82, 1, 2, 7, 8, 9], &[0x0b, 0x82, 1, 7, 8, 9]),
        ];
        for (packet, first) in cases {
            let joined = [packet, &[0xfc, 0x55]].concat();
            let (found, rest) = split_first(&joined).unwrap();
            assert_eq!((&found[..], rest), (first, &[0xfc, 0x55][..]));
            assert_eq!(split_first(&packet[..packet.len() - 1]), None);
        }
    }
}
