//! Melograph draws the sung melody out of a finished recording.
//!
//! Data flows one way: file → waveform → time-frequency → network output →
//! melody and notes → views and exports. The rooms are declared in that order;
//! a room uses only rooms above it (`tests/architecture.rs` keeps this).

pub mod progress;

pub mod files;

pub mod melody;

pub mod audio;

pub mod dsp;

pub mod kernels;

pub mod models;

pub mod analysis;

pub mod annotation;

pub mod formats;

pub mod datasets;

pub mod evaluation;

pub mod training;

pub mod cli;

#[cfg(feature = "gui")]
pub mod app;
