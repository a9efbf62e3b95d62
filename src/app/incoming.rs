//! Paths that come by drop, by clipboard, or with the program.

use std::path::{Path, PathBuf};

use eframe::egui::{Context, Event};
use percent_encoding::percent_decode_str;

use super::Command;
use super::notice::Notice;
use super::shell::ShellCommand;
use super::workspace::WorkspaceCommand;
use crate::audio::is_recording;

/// Folder of the demonstration track, beside the program or its sources.
const DEMO_FOLDER: &str = "assets/on_the_run";

/// Commands of what was dropped or pasted since the last frame.
pub fn commands(ctx: &Context) -> Vec<Command> {
    let typing = ctx.text_edit_focused();
    ctx.input(|i| {
        let dropped = i.raw.dropped_files.iter().map(|f| f.path().to_owned());
        let pasted = i.events.iter().filter_map(|event| match event {
            Event::Paste(text) if !typing => Some(paste(text)),
            _ => None,
        });
        dropped.take(1).map(open).chain(pasted).collect()
    })
}

fn paste(text: &str) -> Command {
    match pasted_path(text) {
        Some(path) => open(path),
        None => ShellCommand::ShowNotice(Notice::info(
            "The clipboard holds no path; copy the full path of a recording and paste it here.",
        ))
        .into(),
    }
}

fn open(path: PathBuf) -> Command {
    WorkspaceCommand::Open(path).into()
}

/// The path in a pasted text: plain, quoted, or a `file://` address.
fn pasted_path(text: &str) -> Option<PathBuf> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.trim_matches(['"', '\'']);
    let path = match line.strip_prefix("file://") {
        // `%20` and the like, as file managers write them
        Some(address) => PathBuf::from(&*percent_decode_str(address).decode_utf8_lossy()),
        None => PathBuf::from(line),
    };
    path.is_absolute().then_some(path)
}

/// The recording that comes with the program, found beside the executable,
/// in its share folder, or in the source tree.
pub fn demo_track() -> Option<PathBuf> {
    let executable = std::env::current_exe().ok()?;
    let beside = executable.ancestors().skip(1).take(4);
    beside
        .flat_map(|folder| [folder.to_owned(), folder.join("share/melograph")])
        .chain([PathBuf::from(env!("CARGO_MANIFEST_DIR"))])
        .find_map(|folder| first_recording(&folder.join(DEMO_FOLDER)))
}

fn first_recording(folder: &Path) -> Option<PathBuf> {
    let paths = std::fs::read_dir(folder).ok()?.flatten().map(|e| e.path());
    paths.filter(|path| is_recording(path)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn pasted_paths_may_be_quoted_or_addresses() {
        for text in [
            "/music/my song.mp3\n",
            "'/music/my song.mp3'",
            "file:///music/my%20song.mp3\r\n",
        ] {
            assert_eq!(pasted_path(text), Some(PathBuf::from("/music/my song.mp3")));
        }
        assert_eq!(pasted_path("100% of nothing"), None);
        assert_eq!(pasted_path("file:///a%"), Some(PathBuf::from("/a%")));
    }
}
