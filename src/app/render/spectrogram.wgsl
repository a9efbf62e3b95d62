// Draws a spectrogram from tiles of bytes: time runs down a tile's texels, rows run across.

struct Params {
    // pixel of the canvas's upper left corner
    origin: vec2<f32>,
    // columns and rows in a pixel
    columns_per_pixel: f32,
    rows_per_pixel: f32,
    // column at the left edge, counted from the first tile; row at the upper edge
    left_column: f32,
    top_row: f32,
    // from the darkest to the brightest color, bytes as 0 to 1
    span: f32,
    // 1 where the target expects linear colors
    linear_target: i32,
    // columns there are, counted from the first tile
    n_columns: i32,
    n_rows: i32,
    tile_columns: i32,
    padding: i32,
    // layer of each tile, four to a vector
    layers: array<vec4<u32>, 16>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var tiles: texture_2d_array<f32>;
@group(0) @binding(2) var colors: texture_2d<f32>;
// darkest byte of each row
@group(0) @binding(3) var floor_of_row: texture_2d<f32>;

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    let corner = vec2<f32>(f32((i << 1u) & 2u), f32(i & 2u));
    return vec4<f32>(corner * 2.0 - 1.0, 0.0, 1.0);
}

// How far a cell is above its row's floor.
fn cell(column: i32, row: i32) -> f32 {
    let c = clamp(column, 0, params.n_columns - 1);
    let r = clamp(row, 0, params.n_rows - 1);
    let tile = c / params.tile_columns;
    let layer = params.layers[tile / 4][tile % 4];
    let byte = textureLoad(tiles, vec2<i32>(r, c % params.tile_columns), layer, 0).r;
    return max(byte - textureLoad(floor_of_row, vec2<i32>(r, 0), 0).r, 0.0);
}

// Row values: between two rows when magnified, the loudest of several otherwise.
fn at_column(column: i32, row: f32) -> f32 {
    if params.rows_per_pixel <= 1.0 {
        let below = floor(row - 0.5);
        return mix(cell(column, i32(below)), cell(column, i32(below) + 1), row - 0.5 - below);
    }
    let half = params.rows_per_pixel / 2.0;
    var loudest = 0.0;
    for (var r = i32(floor(row - half)); r < i32(ceil(row + half)); r++) {
        loudest = max(loudest, cell(column, r));
    }
    return loudest;
}

fn loudness(column: f32, row: f32) -> f32 {
    if params.columns_per_pixel <= 1.0 {
        let before = floor(column - 0.5);
        let share = column - 0.5 - before;
        return mix(at_column(i32(before), row), at_column(i32(before) + 1, row), share);
    }
    let half = params.columns_per_pixel / 2.0;
    var loudest = 0.0;
    for (var c = i32(floor(column - half)); c < i32(ceil(column + half)); c++) {
        loudest = max(loudest, at_column(c, row));
    }
    return loudest;
}

fn linear_from_gamma(gamma: vec3<f32>) -> vec3<f32> {
    let low = gamma / 12.92;
    let high = pow((gamma + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, gamma < vec3<f32>(0.04045));
}

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = position.xy - params.origin;
    let column = params.left_column + pixel.x * params.columns_per_pixel;
    let row = params.top_row - pixel.y * params.rows_per_pixel;
    if column < 0.0 || column >= f32(params.n_columns) || row < 0.0 || row >= f32(params.n_rows) {
        discard;
    }
    let place = clamp(loudness(column, row) / params.span, 0.0, 1.0) * 255.0;
    let near = textureLoad(colors, vec2<i32>(i32(place), 0), 0);
    let far = textureLoad(colors, vec2<i32>(min(i32(place) + 1, 255), 0), 0);
    let color = mix(near, far, fract(place));
    // colors are multiplied by their opacity
    let opaque = color.rgb / max(color.a, 0.001);
    let shown = select(opaque, linear_from_gamma(opaque), params.linear_target == 1);
    return vec4<f32>(shown * color.a, color.a);
}
