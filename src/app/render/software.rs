//! Whether a processor draws in place of a GPU.

use eframe::CreationContext;
use eframe::glow::{self, HasContext};
use eframe::wgpu::DeviceType;

/// What OpenGL calls itself where a processor draws.
const RENDERERS: [&str; 6] = [
    "llvmpipe",
    "softpipe",
    "software",
    "swiftshader",
    "gdi generic",
    "basic render",
];

/// Whether a processor draws the window.
pub fn is_software(cc: &CreationContext<'_>) -> bool {
    if let Some(state) = &cc.wgpu_render_state {
        return state.adapter.get_info().device_type == DeviceType::Cpu;
    }
    cc.gl.as_ref().is_some_and(|gl| {
        // SAFETY: the context is current while the program is created
        is_name_of_software(&unsafe { gl.get_parameter_string(glow::RENDERER) })
    })
}

fn is_name_of_software(renderer: &str) -> bool {
    let renderer = renderer.to_lowercase();
    RENDERERS.iter().any(|name| renderer.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renderers_are_told_apart_by_name() {
        for name in [
            "llvmpipe (LLVM 15.0.6, 256 bits)",
            "Apple Software Renderer",
            "Microsoft Basic Render Driver",
        ] {
            assert!(is_name_of_software(name), "{name}");
        }
        for name in ["Mesa Intel(R) UHD Graphics 620 (KBL GT2)", "NVIDIA H200"] {
            assert!(!is_name_of_software(name), "{name}");
        }
    }
}
