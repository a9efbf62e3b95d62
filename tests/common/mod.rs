//! What the tests share: clips of sound, a folder to work in, runs of the program.

#![allow(dead_code, reason = "each test takes what it needs")]

pub mod clips;
pub mod desk;
