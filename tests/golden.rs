mod common;

#[path = "golden/cfp.rs"]
mod cfp;
#[path = "golden/clean_pitch.rs"]
mod clean_pitch;
#[path = "golden/distillation.rs"]
mod distillation;
#[path = "golden/filler.rs"]
mod filler;
#[path = "golden/ftanet.rs"]
mod ftanet;
#[path = "golden/labels.rs"]
mod labels;
#[path = "golden/metrics.rs"]
mod metrics;
#[path = "golden/networks.rs"]
mod networks;
#[path = "golden/npz.rs"]
mod npz;
#[path = "golden/segmentation.rs"]
mod segmentation;
#[path = "golden/separation.rs"]
mod separation;
#[path = "golden/singing_detector.rs"]
mod singing_detector;
#[path = "golden/spectmamba.rs"]
mod spectmamba;
#[path = "golden/stft.rs"]
mod stft;
