//! Keeps the graphics drivers from writing to standard error where there is no desktop.
//!
//! Mesa's Vulkan layer that sorts the GPUs asks the desktop for its own, and libwayland then prints
//! "XDG_RUNTIME_DIR is invalid or not set in the environment" each time devices are listed. The layer
//! is left out by an environment variable alone, which a program cannot set for itself without
//! risking its threads; so it starts over with the variable set.

/// The variable that leaves the layer out, whatever its value.
#[cfg(target_os = "linux")]
const NO_DEVICE_SELECT: &str = "NODEVICE_SELECT";

/// Replaces this process by itself with the layer left out, if there is no desktop to ask. Where that
/// fails, all goes on with the message.
#[cfg(target_os = "linux")]
pub fn start_over_without_display() {
    use std::env;
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::Command;

    let folder = env::var_os("XDG_RUNTIME_DIR");
    let has_desktop = folder.is_some_and(|folder| Path::new(&folder).is_absolute());
    if has_desktop || env::var_os(NO_DEVICE_SELECT).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else {
        return;
    };
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // Returns only if it fails.
    let _ = again.args(arguments).env(NO_DEVICE_SELECT, "1").exec();
}

/// Other systems have no such layer.
#[cfg(not(target_os = "linux"))]
pub fn start_over_without_display() {}
