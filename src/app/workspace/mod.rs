//! The recordings that are worked on.
//!
//! - [`state`]: sessions by id, and the active one.
//! - [`session`]: a recording and what is known of it so far.
//! - [`open_session`]: a session and how it is looked at.
//! - [`command`]: what a person can ask for; [`opening`], [`saving`], [`exporting`],
//!   [`analyzing`], [`separating`] and [`correcting`] do it.
//! - [`keeping`]: unsaved work, kept against a crash and brought back.
//! - [`reports`]: reports of the jobs, each applied to the session it is for.

pub mod analyzing;
pub mod command;
pub mod correcting;
pub mod exporting;
pub mod keeping;
pub mod open_session;
pub mod opening;
pub mod pointing;
pub mod reports;
pub mod saving;
pub mod separating;
pub mod session;
pub mod state;

pub use command::WorkspaceCommand;
pub use exporting::Extent;
pub use open_session::OpenSession;
pub use session::{AnalysisState, PointedRidge, SeparationState, Session};
pub use state::{SessionId, Workspace};
