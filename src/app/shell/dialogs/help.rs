//! How to begin.

use eframe::egui::{Label, RichText, Ui};

use crate::app::theme::{UNIT, palette};

/// What one can do, in the order in which one does it.
const STEPS: [(&str, &str); 6] = [
    (
        "Open",
        "Ctrl+O, or drop a recording here. Its spectrogram appears at once, the melody follows.",
    ),
    (
        "Look",
        "The wheel scrolls, Ctrl+wheel zooms time, Ctrl+Shift+wheel or a pinch zooms pitch, F shows \
         everything. Drag the box in the overview below.",
    ),
    (
        "Listen",
        "Space plays. Shift+Space adds the pitch as a tone. L loops the selection, Ctrl+Page Down \
         plays slower with the same pitch.",
    ),
    (
        "Decide voicing",
        "The slider below the picture moves the confidence from which a frame counts as sung.",
    ),
    (
        "Correct",
        "Select with Shift and a drag, or with the Select tool (2). Ctrl+Up and Ctrl+Down move by an \
         octave, Ctrl+Backspace makes unvoiced, V makes voiced, I interpolates. Ctrl+Z undoes.",
    ),
    (
        "Keep",
        "Ctrl+S saves a project; Ctrl+Alt+S puts it beside the recording. `melograph analyze` writes \
         CSV, MIDI and other programs' formats.",
    ),
];

/// Draws the help.
pub fn help_ui(ui: &mut Ui) {
    for (verb, how) in STEPS {
        ui.label(RichText::new(verb).strong().color(palette(ui.ctx()).accent));
        ui.add(Label::new(how).wrap());
        ui.add_space(2.0 * UNIT);
    }
    let more = "F2 lists every key.";
    ui.label(RichText::new(more).color(palette(ui.ctx()).weak));
}
