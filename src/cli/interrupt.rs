//! Ctrl-C, and a request to end: the first stops the work, which cleans up; a second ends it at once.

use std::io;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::progress::Canceller;

/// What shells expect of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// A canceller that either signal moves.
///
/// # Errors
/// Of the system, if it lets no signal be heard.
pub fn canceller() -> io::Result<Canceller> {
    let canceller = Canceller::default();
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, INTERRUPTED, canceller.flag())?;
        flag::register(signal, canceller.flag())?;
    }
    Ok(canceller)
}
