//! Ogg (RFC 3533): packets with the positions that their pages tell, and what follows of it.
//!
//! symphonia times the packets of a page by the page's granule position, and trims by it. It takes
//! "no position" for one, and it takes it ill if a stream does not begin at 0 or has no last page
//! (old encoders, recorded broadcasts). So it reads the headers alone; pages are read here, and
//! what counts is how much sound was decoded.

mod packets;
mod page;
mod position;

pub use packets::{Next, OggPacket, OggPackets};
pub use page::last_granule;
pub use position::{Mend, Position};
