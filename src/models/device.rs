//! What networks run on.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::str::FromStr;
use std::task::{Context, Poll, Waker};

use burn::tensor::{Device, DeviceKind, DeviceType};

/// What the user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The GPU with this number in `melograph devices`.
    Gpu(usize),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu(0)),
            _ => text
                .strip_prefix("gpu:")
                .and_then(|number| number.parse().ok())
                .map(Self::Gpu)
                .ok_or_else(|| format!("`{text}` is no device; use auto, cpu, gpu or gpu:N")),
        }
    }
}

/// Something that networks can run on.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    /// What to pass to `--device`.
    pub id: String,
    /// The maker's name.
    pub name: String,
    /// `processor`, `GPU` or `software`.
    pub kind: &'static str,
    device: Device,
}

impl DeviceInfo {
    /// The handle for tensors.
    pub fn device(&self) -> Device {
        self.device.clone()
    }

    fn cpu() -> Self {
        Self {
            id: "cpu".into(),
            name: format!("processor, {} kernels", crate::kernels::instruction_set()),
            kind: "processor",
            device: Device::flex(),
        }
    }
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.id)
    }
}

/// All that networks can run on: the processor, then GPUs, software adapters last.
pub fn list_devices() -> Vec<DeviceInfo> {
    let mut devices = vec![DeviceInfo::cpu()];
    let adapters = adapters();
    let (software, hardware): (Vec<_>, Vec<_>) =
        adapters.into_iter().partition(|(_, software, _)| *software);
    for (number, (name, software, device)) in hardware.into_iter().chain(software).enumerate() {
        devices.push(DeviceInfo {
            id: format!("gpu:{number}"),
            name,
            kind: if software { "software" } else { "GPU" },
            device,
        });
    }
    devices
}

/// Graphics adapters: name, whether in software, device.
fn adapters() -> Vec<(String, bool, Device)> {
    let mut found = Vec::new();
    #[cfg(feature = "cuda")]
    for device in Device::enumerate(DeviceType::Cuda).iter() {
        found.push((name(device), false, device.clone()));
    }
    for device in Device::enumerate(DeviceType::Wgpu).iter() {
        let software = *device == Device::wgpu(DeviceKind::Cpu);
        found.push((name(device), software, device.clone()));
    }
    found
}

fn name(device: &Device) -> String {
    let identity = device
        .identity()
        .filter(|identity| !identity.name.is_empty());
    identity.map_or_else(|| "graphics adapter".to_owned(), |identity| identity.name)
}

/// The device for a choice: never a software adapter unless asked for by number.
///
/// # Errors
/// One sentence if there is no such GPU.
pub fn choose(choice: DeviceChoice) -> Result<DeviceInfo, String> {
    if choice == DeviceChoice::Cpu || choice == DeviceChoice::Auto && !has_gpu() {
        return Ok(DeviceInfo::cpu());
    }
    let devices = list_devices();
    match choice {
        DeviceChoice::Gpu(number) => devices.into_iter().nth(number + 1).ok_or_else(|| {
            format!("there is no GPU number {number}; `melograph devices` lists what there is")
        }),
        _ => {
            let gpu = devices.into_iter().find(|device| device.kind == "GPU");
            Ok(gpu.unwrap_or_else(DeviceInfo::cpu))
        }
    }
}

/// Whether there is a real GPU, by the drivers' lists alone: no device is opened, and OpenGL not asked.
pub fn has_gpu() -> bool {
    #[cfg(feature = "cuda")]
    if Device::enumerate(DeviceType::Cuda).iter().next().is_some() {
        return true;
    }
    let backends = wgpu::Backends::PRIMARY;
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    ready(instance.enumerate_adapters(backends))
        .unwrap_or_default()
        .iter()
        .any(|adapter| adapter.get_info().device_type != wgpu::DeviceType::Cpu)
}

/// Result of a future that, as wgpu's on desktop systems, never waits.
fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
