//! Opens the window, on the renderer that suits the machine.

use std::path::PathBuf;

use anyhow::anyhow;
use eframe::egui::{ViewportBuilder, vec2};
use eframe::{NativeOptions, Renderer};

use super::App;
use super::shell::Shell;
use super::storage::APP_ID;
use crate::models::device;

/// Chooses the renderer by hand: `wgpu` or `glow`.
const RENDERER_VARIABLE: &str = "MELOGRAPH_RENDERER";

/// Opens the window on `files` and returns when it is closed.
///
/// # Errors
/// When there is no display, or no way to draw on it.
pub fn run(files: Vec<PathBuf>) -> anyhow::Result<()> {
    let renderer = choose_renderer();
    let options = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id(APP_ID)
            .with_title(Shell::title(files.first().map(PathBuf::as_path)))
            .with_inner_size(vec2(1280.0, 720.0))
            .with_min_inner_size(vec2(640.0, 400.0)),
        // what a processor draws costs it the less, the less it shades
        dithering: renderer == Renderer::Wgpu,
        renderer,
        ..Default::default()
    };
    let create = Box::new(|cc: &eframe::CreationContext<'_>| {
        Ok(Box::new(App::new(cc, files)) as Box<dyn eframe::App>)
    });
    eframe::run_native(APP_ID, options, create)
        .map_err(|e| anyhow!(e.to_string()).context("the window could not be opened"))
}

/// wgpu on a real GPU; OpenGL where the adapter is software, which it drives faster.
fn choose_renderer() -> Renderer {
    match std::env::var(RENDERER_VARIABLE).as_deref() {
        Ok("wgpu") => Renderer::Wgpu,
        Ok("glow") => Renderer::Glow,
        _ if device::has_gpu() => Renderer::Wgpu,
        _ => Renderer::Glow,
    }
}
