//! Fonts: egui's own, musical signs, icons, and the system's for scripts that they lack.

use std::path::Path;
use std::sync::Arc;

use eframe::egui::epaint::text::{
    FallbackRequest, FontData, FontInsert, FontPriority, InsertFontFamily,
};
use eframe::egui::{Context, FontFamily};
use lucide_icons::LUCIDE_FONT_BYTES;

/// Has the sharp and flat signs of note names, which egui's fonts lack.
const SIGNS: &[u8] = include_bytes!("../../assets/fonts/DejaVuSans.ttf");

/// Characters of a script, and where systems keep a font with them.
struct Script {
    /// Name of the font within the program.
    name: &'static str,
    has: fn(char) -> bool,
    paths: &'static [&'static str],
}

/// Scripts that titles are written in and the program's own fonts lack.
const SCRIPTS: [Script; 4] = [
    Script {
        name: "cjk",
        has: is_cjk,
        paths: &[
            "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/opentype/noto/NotoSansCJKjp-Regular.otf",
            "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
            "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
            "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
            "/System/Library/Fonts/PingFang.ttc",
            "/System/Library/Fonts/Hiragino Sans GB.ttc",
            "/System/Library/Fonts/AppleSDGothicNeo.ttc",
            "C:\\Windows\\Fonts\\msyh.ttc",
            "C:\\Windows\\Fonts\\YuGothM.ttc",
            "C:\\Windows\\Fonts\\malgun.ttf",
        ],
    },
    Script {
        name: "devanagari",
        has: |character| matches!(u32::from(character), 0x0900..=0x097f | 0xa8e0..=0xa8ff | 0x1cd0..=0x1cff),
        paths: &[
            "/usr/share/fonts/truetype/noto/NotoSansDevanagari-Regular.ttf",
            "/usr/share/fonts/noto/NotoSansDevanagari-Regular.ttf",
            "/usr/share/fonts/google-noto/NotoSansDevanagari-Regular.ttf",
            "/usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf",
            "/usr/share/fonts/truetype/freefont/FreeSans.ttf",
            "/System/Library/Fonts/Kohinoor.ttc",
            "C:\\Windows\\Fonts\\Nirmala.ttc",
            "C:\\Windows\\Fonts\\Nirmala.ttf",
        ],
    },
    Script {
        name: "thai",
        has: |character| matches!(u32::from(character), 0x0e00..=0x0e7f),
        paths: &[
            "/usr/share/fonts/truetype/noto/NotoSansThai-Regular.ttf",
            "/usr/share/fonts/noto/NotoSansThai-Regular.ttf",
            "/usr/share/fonts/google-noto/NotoSansThai-Regular.ttf",
            "/usr/share/fonts/opentype/tlwg/Loma.otf",
            "/usr/share/fonts/truetype/tlwg/Loma.ttf",
            "/System/Library/Fonts/Supplemental/Ayuthaya.ttf",
            "C:\\Windows\\Fonts\\LeelawUI.ttf",
        ],
    },
    Script {
        name: "emoji",
        has: |character| matches!(u32::from(character), 0x2600..=0x27bf | 0x1f000..=0x1faff),
        paths: &[
            "/usr/share/fonts/truetype/noto/NotoEmoji-Regular.ttf",
            "/usr/share/fonts/noto/NotoEmoji-Regular.ttf",
            "/usr/share/fonts/truetype/ancient-scripts/Symbola_hint.ttf",
            "C:\\Windows\\Fonts\\seguiemj.ttf",
        ],
    },
];

/// Adds the fallbacks to both font families.
///
/// The system's font is read when a character first needs it: it takes some
/// twenty megabytes, which a Latin title should not cost.
pub fn install(ctx: &Context) {
    ctx.add_font(insert("signs", FontData::from_static(SIGNS)));
    ctx.add_font(insert("icons", FontData::from_static(LUCIDE_FONT_BYTES)));
    ctx.add_font_provider(Arc::new(system_font));
}

fn system_font(request: &FallbackRequest<'_>) -> Option<FontInsert> {
    let character = request.cluster.chars().next()?;
    let script = SCRIPTS.iter().find(|script| (script.has)(character))?;
    let path = script.paths.iter().find(|path| Path::new(path).exists())?;
    let bytes = std::fs::read(path).ok()?;
    Some(insert(script.name, FontData::from_owned(bytes)))
}

/// From the radicals to the compatibility forms, and the planes of ideographs.
fn is_cjk(character: char) -> bool {
    matches!(u32::from(character), 0x1100..=0x11ff | 0x2e80..=0x9fff | 0xa960..=0xa97f
        | 0xac00..=0xd7ff | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xffef | 0x20000..=0x3ffff)
}

fn insert(name: &str, data: FontData) -> FontInsert {
    let families = [FontFamily::Proportional, FontFamily::Monospace];
    let lowest = |family| InsertFontFamily {
        family,
        priority: FontPriority::Lowest,
    };
    FontInsert::new(name, data, families.map(lowest).into())
}
