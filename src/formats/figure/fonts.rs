//! Which font draws which character: the one that comes with the program, else one of the system's.
//!
//! The system's fonts are looked through only for a character that the own font lacks, once for each
//! character, and a font that has one is kept for as long as the program runs.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ab_glyph::{Font, FontRef};
use plotters::style::{FontStyle, register_font};
use walkdir::WalkDir;

/// Larger files are not read.
const LARGEST_FONT_BYTES: u64 = 100_000_000;
/// Parts of the names of fonts that hold many scripts: these are looked through first.
const WIDE_FONTS: [&str; 18] = [
    "cjk", "fallback", "wqy", "pingfang", "hiragino", "yugoth", "msgothic", "meiryo", "yahei",
    "msyh", "simsun", "simhei", "malgun", "nanum", "takao", "ipa", "arialuni", "unifont",
];
/// Parts of the names of fonts that do not go with the rest: these are looked through last.
const ODD_FONTS: [&str; 9] = [
    "bold",
    "italic",
    "oblique",
    "mono",
    "serif",
    "light",
    "thin",
    "black",
    "condensed",
];

/// A font that the drawing library knows by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Family {
    /// The name.
    pub name: &'static str,
    /// By how much its sizes differ from those of the own font.
    pub scale: f64,
}

/// A stretch of text, and the font that has all of its characters; none if no font has them.
pub type FontRun = (Range<usize>, Option<Family>);

/// Takes a text apart by the fonts that it needs.
pub fn runs(text: &str) -> Vec<FontRun> {
    let mut runs: Vec<FontRun> = Vec::new();
    for (at, c) in text.char_indices() {
        let (family, end) = (family_of(c), at + c.len_utf8());
        match runs.last_mut() {
            Some((range, same)) if *same == family => range.end = end,
            _ => runs.push((at..end, family)),
        }
    }
    runs
}

/// The font that comes with the program, so that figures look the same on every machine.
pub fn own() -> Family {
    static REGISTERED: OnceLock<Family> = OnceLock::new();
    *REGISTERED.get_or_init(|| {
        // An unreadable font would show as the first text that fails to draw.
        let _ = register_font("sans-serif", FontStyle::Normal, OWN_FONT);
        Family {
            name: "sans-serif",
            scale: 1.0,
        }
    })
}

static OWN_FONT: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/assets/fonts/DejaVuSans.ttf"
));

fn family_of(c: char) -> Option<Family> {
    static KNOWN: OnceLock<Mutex<HashMap<char, Option<Family>>>> = OnceLock::new();
    let own_font = own_font()?;
    if c.is_whitespace() || c.is_control() || own_font.glyph_id(c).0 != 0 {
        return Some(own());
    }
    let known = KNOWN.get_or_init(Mutex::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    *known.entry(c).or_insert_with(|| SystemFonts::find(c))
}

fn own_font() -> Option<&'static FontRef<'static>> {
    static FONT: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    FONT.get_or_init(|| FontRef::try_from_slice(OWN_FONT).ok())
        .as_ref()
}

/// The files of the system, and those that were of use so far.
struct SystemFonts {
    files: Vec<PathBuf>,
    loaded: Vec<(FontRef<'static>, Family)>,
}

impl SystemFonts {
    /// The first of the system's fonts that can draw a character.
    fn find(c: char) -> Option<Family> {
        static FONTS: OnceLock<Mutex<SystemFonts>> = OnceLock::new();
        let fonts = FONTS.get_or_init(|| {
            Mutex::new(Self {
                files: files_in(&folders()),
                loaded: Vec::new(),
            })
        });
        let mut fonts = fonts.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = fonts.loaded.iter().find(|(font, _)| draws(font, c));
        let loaded = loaded.map(|(_, family)| *family);
        loaded.or_else(|| fonts.load(c))
    }

    fn load(&mut self, c: char) -> Option<Family> {
        let mut found = self.files.iter().enumerate();
        let (i, bytes) = found.find_map(|(i, path)| Some((i, bytes_with(path, c)?)))?;
        self.files.remove(i);
        let bytes: &'static [u8] = bytes.leak();
        let font = FontRef::try_from_slice(bytes).ok()?;
        let name: &'static str = format!("system {}", self.loaded.len()).leak();
        register_font(name, FontStyle::Normal, bytes).ok()?;
        let scale = height_in_ems(&font) / height_in_ems(own_font()?);
        let family = Family { name, scale };
        self.loaded.push((font, family));
        Some(family)
    }
}

/// A font's file, if it can draw a character.
fn bytes_with(path: &Path, c: char) -> Option<Vec<u8>> {
    let size = path.metadata().ok()?.len();
    let bytes = (size <= LARGEST_FONT_BYTES).then(|| fs::read(path).ok())??;
    let has = draws(&FontRef::try_from_slice(&bytes).ok()?, c);
    has.then_some(bytes)
}

/// Whether a font has the outline of a character: those of colored pictures have none.
fn draws(font: &FontRef, c: char) -> bool {
    let glyph = font.glyph_id(c);
    glyph.0 != 0 && font.outline(glyph).is_some()
}

/// What the library takes for a font's size, as part of its em square.
fn height_in_ems(font: &FontRef) -> f64 {
    let em = font.units_per_em().unwrap_or(1000.0);
    f64::from(font.height_unscaled() / em)
}

/// Where systems keep their fonts.
fn folders() -> Vec<PathBuf> {
    let below =
        |variable: &str, folder: &str| env::var_os(variable).map(|it| Path::new(&it).join(folder));
    let of_system = [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "/run/current-system/sw/share/X11/fonts",
        "/System/Library/Fonts",
        "/Library/Fonts",
    ];
    let of_user = [
        below("HOME", ".local/share/fonts"),
        below("HOME", ".fonts"),
        below("HOME", "Library/Fonts"),
        below("WINDIR", "Fonts"),
        below("LOCALAPPDATA", "Microsoft/Windows/Fonts"),
    ];
    let of_system = of_system.into_iter().map(PathBuf::from);
    of_system.chain(of_user.into_iter().flatten()).collect()
}

/// Fonts below some folders, the likeliest to be of use first.
fn files_in(folders: &[PathBuf]) -> Vec<PathBuf> {
    let entries = folders
        .iter()
        .flat_map(|folder| WalkDir::new(folder).follow_links(true));
    let paths = entries.filter_map(|entry| Some(entry.ok()?.into_path()));
    let mut fonts: Vec<PathBuf> = paths.filter(|path| is_font(path)).collect();
    fonts.sort_by_cached_key(|path| (rank(path), path.clone()));
    fonts
}

fn is_font(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    ["ttf", "otf", "ttc", "otc"].iter().any(|it| ending == *it)
}

fn rank(path: &Path) -> (bool, bool) {
    let name = path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    (!has(&WIDE_FONTS), has(&ODD_FONTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_font_draws_what_it_has() {
        let text = "R\u{e9}sum\u{e9} \u{2014} \u{416}\u{3b1}";
        assert_eq!(runs(text), [(0..text.len(), Some(own()))]);
        assert_eq!(runs(""), []);
    }

    #[test]
    fn a_text_is_taken_apart_where_the_own_font_ends() {
        let runs = runs("Live \u{6d25}\u{8efd} 2");
        assert_eq!(runs[0], (0..5, Some(own())));
        assert_ne!(
            runs[1].1,
            Some(own()),
            "with or without a font of the system"
        );
        assert_eq!(runs.last().unwrap(), &(11..13, Some(own())));
    }

    #[test]
    fn fonts_of_many_scripts_are_looked_through_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "a.ttf",
            "NotoSansCJK-Bold.ttc",
            "NotoSansCJK-Regular.ttc",
            "b.pfb",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = files_in(&[folder.path().into(), folder.path().join("missing")]);
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(
            names,
            ["NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "a.ttf"]
        );
        assert_eq!(bytes_with(&found[0], 'a'), None, "an empty file is no font");
    }

    #[test]
    fn a_font_with_a_character_is_found_by_its_outline() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ttf");
        fs::write(&path, OWN_FONT).unwrap();
        assert!(bytes_with(&path, '\u{e9}').is_some());
        assert!(bytes_with(&path, '\u{6d25}').is_none());
    }
}
