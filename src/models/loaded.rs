//! A network with its weights on a device, as a function of plain slices: tensors end here.

use burn::tensor::{Device, Tensor, TensorData};

use super::registry::{AnyNetwork, NetworkInfo, OutputKind, Task};
use super::{DeviceInfo, ModelConfig, ModelError, ModelFolder};

/// A network that can be run.
pub struct LoadedNetwork {
    /// The name it was found under.
    pub name: String,
    /// Its settings.
    pub config: ModelConfig,
    /// Its line of the registry.
    pub info: &'static NetworkInfo,
    net: AnyNetwork,
    device: Device,
    device_name: String,
}

/// One output of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputValues {
    /// Items of the batch, maps, rows and frames.
    pub dims: [usize; 4],
    /// The values in that order.
    pub values: Vec<f32>,
}

impl LoadedNetwork {
    /// Loads the network of a folder.
    ///
    /// # Errors
    /// [`ModelError`] if it is for another task, or the weights do not fit.
    pub fn load(folder: &ModelFolder, task: Task, device: &DeviceInfo) -> Result<Self, ModelError> {
        let info = folder.info();
        if info.task != task {
            return Err(ModelError::Task {
                name: folder.name.clone(),
                found: info.task,
                expected: task,
            });
        }
        Ok(Self {
            name: folder.name.clone(),
            config: folder.config.clone(),
            info,
            net: folder.network(&device.device())?,
            device: device.device(),
            device_name: device.to_string(),
        })
    }

    /// One of its outputs for an input of `[batch, channels, rows, frames]`.
    ///
    /// # Errors
    /// [`ModelError::Run`] if the network has no such output, or the device fails.
    pub fn run(
        &self,
        output: OutputKind,
        input: Vec<f32>,
        dims: [usize; 4],
    ) -> Result<OutputValues, ModelError> {
        let declared = self.info.outputs.iter().position(|&o| o == output);
        let at = declared.ok_or_else(|| self.error(format!("it gives no {output:?}")))?;
        // From within the pool layers follow each other without its threads going to sleep.
        rayon::scope(|_| {
            let x = Tensor::from_data(TensorData::new(input, dims), &self.device);
            self.read(self.net.forward(x).swap_remove(at))
        })
    }

    fn error(&self, reason: String) -> ModelError {
        let device = self.device_name.clone();
        ModelError::Run { device, reason }
    }

    fn read(&self, tensor: Tensor<4>) -> Result<OutputValues, ModelError> {
        let dims = tensor.dims();
        let data = tensor.try_into_data();
        let data = data.map_err(|error| self.error(error.to_string()))?;
        let values = data.try_into_vec();
        let values = values.map_err(|error| self.error(format!("{error:?}")))?;
        Ok(OutputValues { dims, values })
    }
}
