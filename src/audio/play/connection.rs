//! Which device plays: opened when needed, replaced when lost, closed when idle.

use std::time::{Duration, Instant};

use super::engine::{Engine, EngineCommand, lock};
use super::notice::PlayNotice;
use super::output::{OutputDevice, devices};
use super::transport::Course;

/// A device is closed so long after the sound ended.
const LINGER: Duration = Duration::from_secs(2);
/// A device that asks for nothing for so long is gone.
const STALL: Duration = Duration::from_secs(3);

impl Engine {
    /// Chooses a device by name, or the default one; what plays goes on there.
    pub fn set_device(&mut self, name: Option<String>) {
        if self.work.device != name {
            self.work.device = name;
            self.work.told_silent = false;
            self.close_output();
        }
    }

    /// Lists the devices for the player.
    pub fn list_devices(&mut self) {
        let found = if self.force_silent {
            Vec::new()
        } else {
            devices()
        };
        lock(&self.shared).devices = found;
        self.wake();
    }

    /// Opens the output if none is; returns its rate and the number of its next frame.
    pub fn need_output(&mut self) -> (u32, u64) {
        if self.work.output.is_none() {
            self.open_output();
        }
        let output = self.work.output.as_ref();
        output.map_or((0, 0), |output| (output.rate_hz, output.supply.n_pushed()))
    }

    /// Opens the chosen device, or the default one, or the silent clock.
    fn open_output(&mut self) {
        let output = match self.open_device() {
            Ok(output) => output,
            Err(found) => {
                if !self.force_silent && !std::mem::replace(&mut self.work.told_silent, true) {
                    self.tell(PlayNotice::Silent { found });
                }
                OutputDevice::silent(self.epoch)
            }
        };
        self.work.told_silent &= output.label.is_none();
        let now = self.now();
        let mut shared = lock(&self.shared);
        shared.clock.restart(output.rate_hz, now);
        shared.silent = output.label.is_none();
        shared.label.clone_from(&output.label);
        drop(shared);
        self.work.output = Some(output);
        self.work.pulse = None;
    }

    fn open_device(&mut self) -> Result<OutputDevice, String> {
        if self.force_silent {
            return Err("it is turned off".to_owned());
        }
        self.work.n_outputs += 1;
        let (number, sender) = (self.work.n_outputs, self.sender.clone());
        let on_loss = move || {
            let _ = sender.send(EngineCommand::Lost(number));
        };
        let chosen = self.work.device.clone();
        match OutputDevice::open(chosen.as_deref(), self.epoch, on_loss.clone()) {
            Err(_) if chosen.is_some() => {
                let output = OutputDevice::open(None, self.epoch, on_loss)?;
                self.tell(PlayNotice::Moved {
                    gone: chosen.unwrap_or_default(),
                    device: output.label.clone().unwrap_or_default(),
                });
                Ok(output)
            }
            opened => opened,
        }
    }

    /// The device is gone: goes on with another, from what was heard last.
    pub fn reopen(&mut self) {
        let gone = lock(&self.shared).label.clone();
        self.close_output();
        if self.work.course.is_none() {
            return;
        }
        self.open_output();
        let device = self
            .work
            .output
            .as_ref()
            .and_then(|output| output.label.clone());
        if let (Some(gone), Some(device)) = (gone, device)
            && gone != device
            && self.work.device.is_none()
        {
            self.tell(PlayNotice::Moved { gone, device });
        }
    }

    /// Closes the output; what plays will go on from here on the next one.
    fn close_output(&mut self) {
        let secs = {
            let mut shared = lock(&self.shared);
            let secs = shared
                .clock
                .playhead_secs(self.epoch.elapsed().as_secs_f64());
            shared.clock.freeze(secs);
            secs
        };
        let course = self.work.course;
        self.halt();
        self.work.output = None;
        self.work.course = course.map(|(course, request)| {
            let from_secs = secs;
            (
                Course {
                    from_secs,
                    ..course
                },
                request,
            )
        });
    }

    /// Takes a device that stopped asking for sound as gone.
    pub fn check_pulse(&mut self) {
        let Some(output) = self
            .work
            .output
            .as_ref()
            .filter(|output| output.label.is_some())
        else {
            return;
        };
        let n_fills = output.supply.n_fills();
        match self.work.pulse {
            Some((seen, since)) if seen == n_fills => {
                if since.elapsed() > STALL {
                    self.reopen();
                }
            }
            _ => self.work.pulse = Some((n_fills, Instant::now())),
        }
    }

    /// Closes an output that is not needed, for it costs power.
    pub fn close_idle(&mut self) {
        let now = Instant::now();
        let is_used = self.work.course.is_some() || self.work.key.is_sounding();
        if is_used || self.work.output.is_none() {
            self.work.used_at = Some(now);
        } else if self.work.used_at.is_none_or(|used| now - used > LINGER) {
            self.close_output();
        }
    }
}
