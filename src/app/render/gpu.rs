//! The spectrogram by a shader on wgpu.
//!
//! The shader takes the loudest of a pixel's cells from the tiles, then colors it.

use bytemuck::{Pod, Zeroable};
use eframe::egui::{Color32, PaintCallbackInfo, Painter};
use eframe::egui_wgpu::{Callback, CallbackResources, CallbackTrait, RenderState};
use eframe::wgpu;

use super::colormap::PictureStyle;
use super::gpu_tiles::{GpuTiles, N_LAYERS, TILE_COLUMNS, new_texture, visible_tiles, write};
use super::spectrogram::Spectrogram;
use crate::app::view_state::Projection;

/// Pipeline, tiles and colors of the shader.
pub struct GpuSpectrogram {
    device: wgpu::Device,
    queue: wgpu::Queue,
    linear_target: bool,
    pipeline: wgpu::RenderPipeline,
    params: wgpu::Buffer,
    colors: wgpu::Texture,
    style: PictureStyle,
    held: Option<BoundTiles>,
}

/// The tiles of one recording, bound to the shader.
struct BoundTiles {
    revision: u64,
    tiles: GpuTiles,
    bind_group: wgpu::BindGroup,
}

/// `Params` of the shader.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    origin: [f32; 2],
    columns_per_pixel: f32,
    rows_per_pixel: f32,
    left_column: f32,
    top_row: f32,
    span: f32,
    linear_target: i32,
    n_columns: i32,
    n_rows: i32,
    tile_columns: i32,
    padding: i32,
    layers: [u32; N_LAYERS],
}

impl GpuSpectrogram {
    /// Builds the shader for the window's target.
    pub fn new(state: &RenderState) -> Self {
        let device = state.device.clone();
        let params = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("spectrogram parameters"),
            size: size_of::<Params>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            queue: state.queue.clone(),
            linear_target: state.target_format.is_srgb(),
            pipeline: pipeline(&device, state.target_format),
            colors: new_texture(&device, [256, 1, 1], wgpu::TextureFormat::Rgba8Unorm),
            style: PictureStyle {
                opacity: f32::NAN, // like no other: the first is written
                ..PictureStyle::default()
            },
            device,
            params,
            held: None,
        }
    }

    /// Draws what `projection` shows; `revision` tells one recording from another.
    pub fn paint(
        &mut self,
        painter: &Painter,
        projection: &Projection,
        spectrogram: &Spectrogram,
        revision: u64,
        style: PictureStyle,
    ) {
        self.take_style(style);
        let scale = painter.pixels_per_point();
        let rect = projection.rect * scale;
        let n_pixels = f64::from(rect.width());
        let seen = spectrogram.visible_cells(&projection.secs, &projection.midi, n_pixels);
        let n_rows = spectrogram.axis().n_rows;
        let n_columns = spectrogram.cells(seen.level).len() / n_rows;
        let visible = visible_tiles(&seen.columns, n_columns);
        if visible.is_empty() {
            return;
        }
        let first_column = visible.start * TILE_COLUMNS;
        let queue = self.queue.clone();
        let held = self.tiles_of(revision, n_rows);
        let layers = held.tiles.load(&queue, spectrogram, seen.level, visible);
        let draw = Draw {
            bind_group: held.bind_group.clone(),
            pipeline: self.pipeline.clone(),
        };
        let params = Params {
            origin: rect.min.into(),
            columns_per_pixel: ((seen.columns.end - seen.columns.start) / n_pixels) as f32,
            rows_per_pixel: (seen.rows.end - seen.rows.start) as f32 / rect.height(),
            left_column: (seen.columns.start - first_column as f64) as f32,
            top_row: seen.rows.end as f32,
            span: style.span(spectrogram.levels.span) / 255.0,
            linear_target: i32::from(self.linear_target),
            n_columns: (n_columns - first_column) as i32,
            n_rows: n_rows as i32,
            tile_columns: TILE_COLUMNS as i32,
            padding: 0,
            layers,
        };
        queue.write_buffer(&self.params, 0, bytemuck::bytes_of(&params));
        painter.add(Callback::new_paint_callback(projection.rect, draw));
    }

    fn take_style(&mut self, style: PictureStyle) {
        if self.style != style {
            let bytes: Vec<u8> = style.colors().iter().flat_map(Color32::to_array).collect();
            write(&self.queue, &self.colors, 0, &bytes, [256, 1]);
            self.style = style;
        }
    }

    /// The tiles of this recording; those of another are given up.
    fn tiles_of(&mut self, revision: u64, n_rows: usize) -> &mut BoundTiles {
        let same = |held: &BoundTiles| held.revision == revision && held.tiles.n_rows() == n_rows;
        let held = match self.held.take().filter(same) {
            Some(held) => held,
            None => {
                let tiles = GpuTiles::new(&self.device, n_rows);
                BoundTiles {
                    revision,
                    bind_group: self.bind(&tiles),
                    tiles,
                }
            }
        };
        self.held.insert(held)
    }

    fn bind(&self, tiles: &GpuTiles) -> wgpu::BindGroup {
        let cells = tiles.cells.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..Default::default()
        });
        let colors = self.colors.create_view(&Default::default());
        let floor = tiles.floor.create_view(&Default::default());
        let resources = [
            self.params.as_entire_binding(),
            wgpu::BindingResource::TextureView(&cells),
            wgpu::BindingResource::TextureView(&colors),
            wgpu::BindingResource::TextureView(&floor),
        ];
        let entries: Vec<_> = (0..)
            .zip(resources)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("spectrogram"),
            layout: &self.pipeline.get_bind_group_layout(0),
            entries: &entries,
        })
    }
}

/// The draw call of one frame.
struct Draw {
    pipeline: wgpu::RenderPipeline,
    bind_group: wgpu::BindGroup,
}

impl CallbackTrait for Draw {
    fn paint(
        &self,
        _info: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bind_group, &[]);
        pass.draw(0..3, 0..1);
    }
}

fn pipeline(device: &wgpu::Device, format: wgpu::TextureFormat) -> wgpu::RenderPipeline {
    let module = device.create_shader_module(wgpu::include_wgsl!("spectrogram.wgsl"));
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("spectrogram"),
        layout: None,
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("vertex"),
            compilation_options: Default::default(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("fragment"),
            compilation_options: Default::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}
