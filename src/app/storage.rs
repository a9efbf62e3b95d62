//! What the program keeps between two runs, in the toolkit's storage.

use std::path::PathBuf;

use super::memory::Memory;
use super::shell::AppSettings;

/// The program's name, as the system knows it.
pub const APP_ID: &str = "melograph";

/// Name of the settings in the program's storage.
const SETTINGS: &str = "settings";
/// Name of the memory in the program's storage.
const MEMORY: &str = "memory";

/// The folder of all that the program keeps.
pub fn folder() -> Option<PathBuf> {
    eframe::storage_dir(APP_ID)
}

/// Settings and memory of the last run; earlier versions stored them as one.
pub fn restore(storage: &dyn eframe::Storage) -> (AppSettings, Memory) {
    let settings = eframe::get_value(storage, SETTINGS);
    let memory =
        eframe::get_value(storage, MEMORY).or_else(|| eframe::get_value(storage, SETTINGS));
    (settings.unwrap_or_default(), memory.unwrap_or_default())
}

/// Keeps settings and memory for the next run.
pub fn store(storage: &mut dyn eframe::Storage, settings: &AppSettings, memory: &Memory) {
    eframe::set_value(storage, SETTINGS, settings);
    eframe::set_value(storage, MEMORY, memory);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::app::shell::Appearance;
    use crate::app::view_state::Overlay;

    /// A storage that holds settings alone.
    struct SettingsOnly(&'static str);

    impl eframe::Storage for SettingsOnly {
        fn get_string(&self, key: &str) -> Option<String> {
            (key == SETTINGS).then(|| self.0.to_owned())
        }
        fn set_string(&mut self, _: &str, _: String) {}
        fn remove_string(&mut self, _: &str) {}
        fn flush(&mut self) {}
    }

    #[test]
    fn what_was_stored_as_one_is_found_as_settings_and_memory() {
        let stored = r#"(appearance:Light,recent:["/a.wav"],views:[("/a.wav",(
            layers:(shown:(false,true,true,true),opacity:(1.0,1.0,1.0,1.0)),
            look:(map:None,gain_db:3.0,opacity:1.0),picture:Gcos,a4_hz:442.0,
            start_secs:1.0,span_secs:2.0,low_midi:40.0,span_midi:20.0,fitted:false))])"#;
        let (settings, memory) = restore(&SettingsOnly(stored));
        assert_eq!(settings.appearance, Appearance::Light);
        assert_eq!(memory.recent(), [Path::new("/a.wav")]);
        let view = memory.view(Path::new("/a.wav")).unwrap();
        assert_eq!(view.secs(), 1.0..3.0);
        assert_eq!(view.style.gain_db, 3.0);
        assert!(!view.overlays.shows(Overlay::Contour));
    }
}
