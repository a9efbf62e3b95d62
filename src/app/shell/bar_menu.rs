//! The menus of the menu bar.

use eframe::egui::{Context, Id, Key};

/// A menu of the menu bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarMenu {
    /// Files and the program.
    File,
    /// Correcting.
    Edit,
    /// Looking.
    View,
    /// Playing.
    Play,
    /// Analyzing and separating.
    Analysis,
    /// Help.
    Help,
}

impl BarMenu {
    /// All menus, from left to right.
    pub const ALL: [Self; 6] = [
        Self::File,
        Self::Edit,
        Self::View,
        Self::Play,
        Self::Analysis,
        Self::Help,
    ];

    /// What stands in the bar.
    pub fn label(self) -> &'static str {
        match self {
            BarMenu::File => "File",
            BarMenu::Edit => "Edit",
            BarMenu::View => "View",
            BarMenu::Play => "Play",
            BarMenu::Analysis => "Analysis",
            BarMenu::Help => "Help",
        }
    }

    /// What it is called in the list of keys.
    pub fn binding_label(self) -> &'static str {
        match self {
            BarMenu::File => "File menu",
            BarMenu::Edit => "Edit menu",
            BarMenu::View => "View menu",
            BarMenu::Play => "Play menu",
            BarMenu::Analysis => "Analysis menu",
            BarMenu::Help => "Help menu",
        }
    }

    /// The letter that opens it with Alt.
    pub fn key(self) -> Key {
        match self {
            BarMenu::File => Key::F,
            BarMenu::Edit => Key::E,
            BarMenu::View => Key::V,
            BarMenu::Play => Key::P,
            BarMenu::Analysis => Key::A,
            BarMenu::Help => Key::H,
        }
    }

    /// Has the menu bar open it when it is drawn next.
    pub fn ask_for(self, ctx: &Context) {
        ctx.data_mut(|data| data.insert_temp(asked_id(), self));
        ctx.request_repaint();
    }

    /// The menu that is to be opened now, if one was asked for.
    pub fn asked_for(ctx: &Context) -> Option<Self> {
        ctx.data_mut(|data| {
            let menu = data.get_temp(asked_id());
            data.remove::<Self>(asked_id());
            menu
        })
    }
}

fn asked_id() -> Id {
    Id::unique("menu to open")
}
