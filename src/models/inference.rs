//! The networks on the processor, without tensors: see [`super::prepared`].

use super::kernels::pool::Pooled;
use super::kernels::spare::Spare;
use super::msnet::{Msnet, POOL};
use super::prepared::{Input, Prepared};
use super::voicing::{BANDS, Listener, PLANES, VoicingNet};

/// [`Msnet`] on the processor.
pub struct CpuMsnet {
    down: [Prepared; 3],
    bottom: Prepared,
    up: [Prepared; 3],
    maps: usize,
    spare: Spare<MsnetBuffers>,
}

#[derive(Default)]
struct MsnetBuffers {
    pooled: [Pooled; 3],
    up: [Vec<f32>; 2],
}

impl CpuMsnet {
    /// The network with its weights as they are now.
    pub fn new(net: &Msnet) -> Self {
        Self {
            down: [&net.conv1, &net.conv2, &net.conv3].map(Prepared::new),
            bottom: Prepared::new(&net.bottom),
            up: [&net.up3, &net.up2, &net.up1].map(Prepared::new),
            maps: net.bottom.conv.weight.dims()[0],
            spare: Spare::new(),
        }
    }

    /// Raw scores: `[3, n_rows, frames]` → `[maps, n_rows + 1, frames]`, as [`Msnet::forward`].
    pub fn scores(&self, stack: &[f32], n_rows: usize, frames: usize) -> Vec<f32> {
        // From within the pool layers follow each other without its threads going to sleep.
        rayon::scope(|_| {
            self.spare
                .lend(|buffers| self.run(buffers, stack, n_rows, frames))
        })
    }

    fn run(&self, b: &mut MsnetBuffers, stack: &[f32], n_rows: usize, frames: usize) -> Vec<f32> {
        let rows = [n_rows, n_rows / POOL, n_rows / POOL / POOL];
        let [p1, p2, p3] = &mut b.pooled;
        let [u3, u2] = &mut b.up;
        self.down[0].pool(Input::Plain(stack), rows[0], frames, POOL, p1);
        self.down[1].pool(Input::Plain(&p1.values), rows[1], frames, POOL, p2);
        self.down[2].pool(Input::Plain(&p2.values), rows[2], frames, POOL, p3);
        let mut out = vec![0.0; self.maps * (n_rows + 1) * frames];
        let (plane, deepest) = (n_rows + 1, rows[2] / POOL);
        let pooled = Input::Plain(&p3.values);
        self.bottom
            .store_within(pooled, deepest, frames, &mut out, (plane, 0));
        self.up[0].store(unpooled(&p3.values, p3), rows[2], frames, u3);
        self.up[1].store(unpooled(u3, p2), rows[1], frames, u2);
        self.up[2].store_within(unpooled(u2, p1), rows[0], frames, &mut out, (plane, 1));
        out
    }
}

fn unpooled<'a>(values: &'a [f32], like: &'a Pooled) -> Input<'a> {
    Input::Unpooled {
        values,
        places: &like.places,
        size: POOL,
    }
}

/// [`VoicingNet`] on the processor.
pub struct CpuVoicingNet {
    mixture: CpuListener,
    melody: CpuListener,
    spare: Spare<ListenerBuffers>,
}

struct CpuListener {
    bands: [Prepared; 3],
    project: Prepared,
    contour: Option<Prepared>,
    temporal: Vec<Prepared>,
    out: Prepared,
}

#[derive(Default)]
struct ListenerBuffers {
    pooled: [Pooled; 3],
    x: Vec<f32>,
    spare: Vec<f32>,
}

impl CpuVoicingNet {
    /// The network with its weights as they are now.
    pub fn new(net: &VoicingNet) -> Self {
        Self {
            mixture: CpuListener::new(&net.mixture),
            melody: CpuListener::new(&net.melody),
            spare: Spare::new(),
        }
    }

    /// Logits of a voice: `[ROWS, frames]` → one a frame, as [`VoicingNet::forward`].
    pub fn logits(&self, input: &[f32], frames: usize) -> Vec<f32> {
        let (planes, contour) = input.split_at(PLANES * BANDS * frames);
        let mixture = &planes[..BANDS * frames];
        rayon::scope(|_| {
            self.spare.lend(|buffers| {
                let mut logits = self.mixture.run(buffers, mixture, contour, frames);
                let melody = self.melody.run(buffers, planes, contour, frames);
                for (logit, melody) in logits.iter_mut().zip(melody) {
                    *logit = (*logit + melody) / 2.0;
                }
                logits
            })
        })
    }
}

impl CpuListener {
    fn new(net: &Listener) -> Self {
        Self {
            bands: [&net.band1, &net.band2, &net.band3].map(Prepared::new),
            project: Prepared::new(&net.project),
            contour: net.contour.as_ref().map(Prepared::new),
            temporal: net.temporal.iter().map(Prepared::new).collect(),
            out: Prepared::new(&net.out),
        }
    }

    fn run(
        &self,
        b: &mut ListenerBuffers,
        planes: &[f32],
        contour: &[f32],
        frames: usize,
    ) -> Vec<f32> {
        let [p1, p2, p3] = &mut b.pooled;
        let [first, second, third] = &self.bands;
        let [by1, by2, by3] = super::voicing::POOLS;
        let rows = [BANDS, BANDS / by1, BANDS / by1 / by2];
        first.pool(Input::Plain(planes), rows[0], frames, by1, p1);
        second.pool(Input::Plain(&p1.values), rows[1], frames, by2, p2);
        third.pool(Input::Plain(&p2.values), rows[2], frames, by3, p3);
        let pooled = Input::Plain(&p3.values);
        self.project.store(pooled, rows[2] / by3, frames, &mut b.x);
        if let Some(layer) = &self.contour {
            layer.store(Input::Plain(contour), 1, frames, &mut b.spare);
            b.x.iter_mut().zip(&b.spare).for_each(|(x, y)| *x += *y);
        }
        for layer in &self.temporal {
            layer.add(&mut b.x, 1, frames, &mut b.spare);
        }
        let mut logits = Vec::new();
        self.out.store(Input::Plain(&b.x), 1, frames, &mut logits);
        logits
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::super::store::Folder;
    use super::super::voicing::ROWS;
    use super::*;

    /// Noise between 0 and 1, as features are.
    fn noise(len: usize) -> Vec<f32> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        (0..len).map(|_| next()).collect()
    }

    fn agree(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{found} for {expected}");
        }
    }

    #[test]
    fn the_pitch_network_is_the_one_of_tensors() {
        let device = Device::flex();
        let net = Folder::find("msnet-hs").unwrap().msnet(&device).unwrap();
        let fast = CpuMsnet::new(&net);
        // The second call finds buffers of another size. Both are wide enough for the same kernels:
        // others round otherwise, and choose another of maxima that are nearly equal.
        for frames in [70, 52] {
            let stack = noise(3 * 320 * frames);
            let x = TensorData::new(stack.clone(), [1, 3, 320, frames]);
            let expected = net.forward(Tensor::from_data(x, &device));
            let expected: Vec<f32> = expected.into_data().try_to_vec().unwrap();
            agree(&fast.scores(&stack, 320, frames), &expected);
        }
    }

    #[test]
    fn the_voicing_network_is_the_one_of_tensors() {
        let device = Device::flex();
        let net = Folder::find("voicing-wide").unwrap();
        let net = net.voicing(&device).unwrap();
        let fast = CpuVoicingNet::new(&net);
        for frames in [700, 300] {
            let input = noise(ROWS * frames);
            let x = TensorData::new(input.clone(), [1, 1, ROWS, frames]);
            let expected = net.forward(Tensor::from_data(x, &device));
            let expected: Vec<f32> = expected.into_data().try_to_vec().unwrap();
            agree(&fast.logits(&input, frames), &expected);
        }
    }
}
