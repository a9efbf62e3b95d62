//! The tiles of a spectrogram that a GPU holds.
//!
//! They lie in the layers of one texture array: fetched from the pyramid when
//! they come into view, given up when others need the place. A texel row is a
//! column of the picture, so that a tile is copied as it lies in memory.

use std::collections::HashMap;
use std::ops::Range;

use eframe::wgpu;

use super::picture_summary::Levels;
use super::spectrogram::Spectrogram;

/// Columns of a tile.
pub const TILE_COLUMNS: usize = 512;
/// Layers of the texture array: more than the widest screen shows at a time.
pub const N_LAYERS: usize = 64;

/// A tile's pyramid level and place in it.
type Key = (usize, usize);

/// A tile in its layer.
struct HeldTile {
    layer: usize,
    /// How often the picture had changed when the tile was fetched.
    n_changes: u64,
    last_frame: u64,
}

/// Textures of one recording.
pub struct GpuTiles {
    /// Cells, a tile a layer.
    pub cells: wgpu::Texture,
    /// Darkest byte of each row.
    pub floor: wgpu::Texture,
    levels: Levels,
    tiles: HashMap<Key, HeldTile>,
    frame: u64,
}

impl GpuTiles {
    /// Textures for a picture of `n_rows` rows, holding nothing.
    pub fn new(device: &wgpu::Device, n_rows: usize) -> Self {
        let format = wgpu::TextureFormat::R8Unorm;
        Self {
            cells: new_texture(device, [n_rows, TILE_COLUMNS, N_LAYERS], format),
            floor: new_texture(device, [n_rows, 1, 1], format),
            levels: Levels::default(),
            tiles: HashMap::new(),
            frame: 0,
        }
    }

    /// Rows of the picture.
    pub fn n_rows(&self) -> usize {
        self.cells.width() as usize
    }

    /// Sees to it that the `visible` tiles of a level are there; returns their layers.
    pub fn load(
        &mut self,
        queue: &wgpu::Queue,
        spectrogram: &Spectrogram,
        level: usize,
        visible: Range<usize>,
    ) -> [u32; N_LAYERS] {
        if self.levels != *spectrogram.levels {
            self.levels = spectrogram.levels.clone();
            write(
                queue,
                &self.floor,
                0,
                &self.levels.floor,
                [self.n_rows(), 1],
            );
        }
        self.frame += 1;
        let mut layers = [0; N_LAYERS];
        for (layer, index) in layers.iter_mut().zip(visible) {
            *layer = self.load_tile(queue, spectrogram, (level, index)) as u32;
        }
        layers
    }

    /// Layer of a tile, fetched if it is not there or has changed since.
    fn load_tile(&mut self, queue: &wgpu::Queue, spectrogram: &Spectrogram, key: Key) -> usize {
        let n_changes = spectrogram.n_changes();
        let known = self.tiles.get(&key).map(|it| (it.layer, it.n_changes));
        let layer = known.map_or_else(|| self.free_layer(), |(layer, _)| layer);
        if known.is_none_or(|(_, fetched)| fetched != n_changes) {
            let (level, index) = key;
            self.fetch(queue, spectrogram.cells(level), index, layer);
        }
        let tile = HeldTile {
            layer,
            n_changes,
            last_frame: self.frame,
        };
        self.tiles.insert(key, tile);
        layer
    }

    /// A layer never used, or that of the tile not seen for longest.
    fn free_layer(&mut self) -> usize {
        if self.tiles.len() < N_LAYERS {
            return self.tiles.len();
        }
        let oldest = self.tiles.iter().min_by_key(|(_, tile)| tile.last_frame);
        let (&key, &HeldTile { layer, .. }) = oldest.expect("all layers hold tiles");
        self.tiles.remove(&key);
        layer
    }

    fn fetch(&self, queue: &wgpu::Queue, cells: &[u8], index: usize, layer: usize) {
        let n_rows = self.n_rows();
        let first = index * TILE_COLUMNS * n_rows;
        let last = (first + TILE_COLUMNS * n_rows).min(cells.len());
        let size = [n_rows, (last - first) / n_rows];
        write(queue, &self.cells, layer, &cells[first..last], size);
    }
}

/// Tiles that reach into the visible columns, with one column more for interpolation.
pub fn visible_tiles(columns: &Range<f64>, n_columns: usize) -> Range<usize> {
    let n_tiles = n_columns.div_ceil(TILE_COLUMNS);
    let first = (columns.start - 1.0).max(0.0) as usize / TILE_COLUMNS;
    let end = (columns.end + 1.0).max(0.0) as usize / TILE_COLUMNS + 1;
    let first = first.min(n_tiles);
    first..end.clamp(first, n_tiles).min(first + N_LAYERS)
}

/// An empty texture of so many texels across, down, and layers.
pub fn new_texture(
    device: &wgpu::Device,
    [width, height, layers]: [usize; 3],
    format: wgpu::TextureFormat,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("spectrogram"),
        size: extent([width, height], layers),
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

/// Writes texels of the upper left corner of a layer.
pub fn write(
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
    layer: usize,
    bytes: &[u8],
    size: [usize; 2],
) {
    let [_, height] = size;
    let origin = wgpu::Origin3d {
        x: 0,
        y: 0,
        z: layer as u32,
    };
    let place = wgpu::TexelCopyTextureInfo {
        origin,
        ..texture.as_image_copy()
    };
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some((bytes.len() / height) as u32),
        rows_per_image: None,
    };
    queue.write_texture(place, bytes, layout, extent(size, 1));
}

fn extent([width, height]: [usize; 2], layers: usize) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width: width as u32,
        height: height as u32,
        depth_or_array_layers: layers as u32,
    }
}
