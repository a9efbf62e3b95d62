//! Networks as functions of plain slices: tensors end here.

use burn::tensor::{Device, Tensor, TensorData};

use super::inference::{CpuMsnet, CpuVoicingNet};
use super::store::Folder;
use super::{DeviceInfo, ModelError, Msnet, Network, VoicingNet, layer, voicing};

/// A pitch network on a device.
pub struct PitchModel {
    net: PitchNet,
    n_rows: usize,
}

enum PitchNet {
    Cpu(Box<CpuMsnet>),
    Tensors(Box<Msnet>, On),
}

/// A voicing network on a device.
pub struct VoicingModel(VoicingOn);

enum VoicingOn {
    Cpu(Box<CpuVoicingNet>),
    Tensors(Box<VoicingNet>, On),
}

/// Where a network runs, and how that is called.
struct On {
    device: Device,
    name: String,
}

impl On {
    fn new(info: &DeviceInfo) -> Self {
        Self {
            device: info.device(),
            name: info.to_string(),
        }
    }

    fn read<const D: usize>(&self, tensor: Tensor<D>) -> Result<Vec<f32>, ModelError> {
        let error = |reason: String| ModelError::Run {
            device: self.name.clone(),
            reason,
        };
        let data = tensor.try_into_data().map_err(|e| error(e.to_string()))?;
        data.try_to_vec().map_err(|e| error(format!("{e:?}")))
    }
}

impl PitchModel {
    /// Loads a network of a folder.
    ///
    /// # Errors
    /// [`ModelError`] if it is no pitch network, or the weights do not fit.
    pub fn load(folder: &Folder, info: &DeviceInfo) -> Result<Self, ModelError> {
        let on = On::new(info);
        let net = folder.msnet(&on.device)?;
        let net = if layer::on_cpu(&on.device) {
            PitchNet::Cpu(Box::new(CpuMsnet::new(&net)))
        } else {
            PitchNet::Tensors(Box::new(net), on)
        };
        let Network::Msnet { cfp, .. } = &folder.config.network else {
            unreachable!("a pitch network was loaded")
        };
        let n_rows = cfp.axis().n_rows;
        Ok(Self { net, n_rows })
    }

    /// Raw scores `[maps, n_rows + 1, frames]` of a stack `[3, n_rows, frames]`.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn scores(&self, stack: Vec<f32>, frames: usize) -> Result<Vec<f32>, ModelError> {
        match &self.net {
            PitchNet::Cpu(net) => Ok(net.scores(&stack, self.n_rows, frames)),
            PitchNet::Tensors(net, on) => {
                let data = TensorData::new(stack, [1, 3, self.n_rows, frames]);
                on.read(net.forward(Tensor::from_data(data, &on.device)))
            }
        }
    }
}

impl VoicingModel {
    /// Loads a network of a folder.
    ///
    /// # Errors
    /// [`ModelError`] if it is no voicing network, or the weights do not fit.
    pub fn load(folder: &Folder, info: &DeviceInfo) -> Result<Self, ModelError> {
        let on = On::new(info);
        let net = folder.voicing(&on.device)?;
        Ok(Self(if layer::on_cpu(&on.device) {
            VoicingOn::Cpu(Box::new(CpuVoicingNet::new(&net)))
        } else {
            VoicingOn::Tensors(Box::new(net), on)
        }))
    }

    /// Probability of a voice in each frame of `[voicing::ROWS, frames]`, as [`super::VoiceInput`] has them.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the device fails.
    pub fn probabilities(&self, input: Vec<f32>, frames: usize) -> Result<Vec<f32>, ModelError> {
        let logits = match &self.0 {
            VoicingOn::Cpu(net) => net.logits(&input, frames),
            VoicingOn::Tensors(net, on) => {
                let data = TensorData::new(input, [1, 1, voicing::ROWS, frames]);
                on.read(net.forward(Tensor::from_data(data, &on.device)))?
            }
        };
        Ok(logits
            .into_iter()
            .map(|logit| 1.0 / (1.0 + (-logit).exp()))
            .collect())
    }
}
