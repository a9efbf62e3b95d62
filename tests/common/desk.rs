//! A folder to work in, and runs of the program there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

use super::clips::{harmonics, write_wav};

/// A folder to work in; paths in commands are relative to it.
pub struct Desk(TempDir);

impl Desk {
    /// An empty folder, gone with this value.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A clip of 1.2 s: a rising tone with overtones.
    pub fn clip(&self, name: &str) -> PathBuf {
        let samples = (0..19_200).map(|i| {
            let secs = f64::from(i) / 16_000.0;
            let cycles = 220.0 * secs + 10.0 * secs * secs;
            (harmonics(cycles, 7) * 6000.0) as i16
        });
        write_wav(self.path(name), 16_000, 1, samples)
    }

    /// Runs `melograph` with arguments separated by blanks.
    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The same, bound by the permissions of files even for the superuser, whom nothing else stops.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    pub fn run_bound_by_permissions(&self, arguments: &str) -> Output {
        use std::os::unix::process::CommandExt;
        /// Rights to pass over permissions (capabilities(7)).
        const OVERRIDE: [libc::c_ulong; 2] = [1, 2];
        let mut command = self.command(arguments);
        let drop_rights = || {
            for right in OVERRIDE {
                // SAFETY: a system call; it fails for those who do not have the right.
                unsafe { libc::prctl(libc::PR_CAPBSET_DROP, right, 0, 0, 0) };
            }
            Ok(())
        };
        // SAFETY: nothing but system calls happens between fork and exec.
        unsafe { command.pre_exec(drop_rights) };
        command.output().unwrap()
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_melograph"));
        let arguments = arguments.split_whitespace();
        command.args(arguments).current_dir(self.0.path());
        command
    }

    /// Runs `melograph analyze` on the processor.
    pub fn analyze(&self, arguments: &str) -> Output {
        self.run(&format!("analyze --device cpu {arguments}"))
    }
}

/// The exit status.
pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// What was printed.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What was said on standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What was printed, an object of JSON a line.
pub fn json_lines(output: &Output) -> Vec<Value> {
    let text = stdout(output);
    let values = text.lines().map(serde_json::from_str);
    values.collect::<Result<_, _>>().unwrap()
}

/// Names of all files below a folder, sorted, with `/` between folders.
pub fn files_below(folder: &Path) -> Vec<String> {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let mut names: Vec<String> = files
        .map(|entry| {
            let below = entry.path().strip_prefix(folder).unwrap();
            below.to_string_lossy().replace('\\', "/")
        })
        .collect();
    names.sort();
    names
}
