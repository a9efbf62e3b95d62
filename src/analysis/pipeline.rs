//! From a file to an [`Analysis`], in blocks of bounded memory.

use std::sync::Arc;

use super::front_end::{FrameBlock, Scale, Transforms};
use super::look_ahead::{DrawAhead, LookAhead};
use super::source::FrameReader;
use super::stages::{HEARD, SpeechStage};
use super::{
    Analysis, AnalysisError, LookedAt, Models, Part, Picture, PictureKind, Product, Tracker,
};
use crate::audio::TrackSelection;
use crate::melody::column_maxima::against_mean;
use crate::melody::segment_notes;
use crate::progress::{Progress, Stage};

/// Frames decided at once unless a caller says otherwise: ten seconds.
const BLOCK_FRAMES: usize = 1024;

/// How a recording is analyzed.
#[derive(Clone, Debug)]
pub struct AnalysisOptions {
    /// Voicing threshold in place of the networks' own.
    pub threshold: Option<f32>,
    /// Which of the file's tracks of sound, from 1 on; `None` for the default one.
    pub track: Option<usize>,
    /// Frames decided at once; it changes memory and speed, but not the result.
    pub block_frames: usize,
    /// What is looked at meanwhile, whose picture and melody are found ahead of their turn.
    pub attention: LookedAt,
}

impl Default for AnalysisOptions {
    fn default() -> Self {
        Self {
            threshold: None,
            track: None,
            block_frames: BLOCK_FRAMES,
            attention: LookedAt::default(),
        }
    }
}

/// Analyzes a recording; `on_part` hears of parts as they are known.
///
/// `known` holds the products of an earlier analysis, which are not made again; for none,
/// [`Models::begin`].
///
/// The recording is read twice, so that features can be scaled by its range
/// without being kept; and once more if its channels turn out to cancel.
///
/// # Errors
/// [`AnalysisError`] if it cannot be read, a network fails, or the user stops it.
pub fn analyze(
    known: Analysis,
    models: &Models,
    options: &AnalysisOptions,
    progress: &Progress,
    on_part: &mut dyn FnMut(&Part),
) -> Result<Analysis, AnalysisError> {
    let mut analysis = known;
    go_on(&mut analysis, models, options, progress, on_part)?;
    Ok(analysis)
}

/// [`analyze`] for a caller who keeps what was found when it is stopped, and goes on from there.
///
/// # Errors
/// As [`analyze`]; what was found by then is in `analysis`.
pub fn go_on(
    analysis: &mut Analysis,
    models: &Models,
    options: &AnalysisOptions,
    progress: &Progress,
    on_part: &mut dyn FnMut(&Part),
) -> Result<(), AnalysisError> {
    let mut run = AnalysisRun {
        analysis,
        models,
        options,
        progress,
        on_part,
    };
    run.analysis.models = models.names();
    if options.threshold.is_some() {
        run.forget(&[Product::Contour, Product::Notes]);
    }
    run.forget_what_lacks_its_source();
    run.first_pass()?;
    run.second_pass()?;
    run.hear_speech()?;
    run.find_notes()
}

/// An analysis under way.
pub(super) struct AnalysisRun<'a> {
    pub(super) analysis: &'a mut Analysis,
    pub(super) models: &'a Models,
    pub(super) options: &'a AnalysisOptions,
    progress: &'a Progress,
    pub(super) on_part: &'a mut dyn FnMut(&Part),
}

impl AnalysisRun<'_> {
    fn take(&mut self, part: Part) {
        (self.on_part)(&part);
        self.analysis.take(part);
    }

    fn finish(&mut self, products: &[Product]) {
        self.analysis.complete.extend(products);
    }

    fn forget(&mut self, products: &[Product]) {
        self.analysis
            .complete
            .retain(|product| !products.contains(product));
    }

    /// Pitch and classes are found together, levels and contour with the pitch.
    fn forget_what_lacks_its_source(&mut self) {
        if self.lacks(Product::Pitch) || self.lacks(Product::Classes) {
            self.forget(&Product::MELODY);
            self.forget(&[Product::Notes]);
        }
    }

    fn lacks(&self, product: Product) -> bool {
        !self.analysis.has(product)
    }

    pub(super) fn threshold(&self) -> f32 {
        self.options.threshold.unwrap_or(self.models.threshold())
    }

    /// What finding the pitch or voicing that is lacking reads.
    fn transforms(&self) -> Transforms {
        let mut transforms = self.models.transforms();
        if !self.lacks(Product::Pitch) {
            transforms.cfp = None;
        }
        let hears = self.models.voicing.is_some() && self.lacks(Product::Contour);
        if !hears {
            transforms.kaldi_mel = None;
        }
        if !hears && !self.lacks(Product::VoiceLevel) {
            transforms.mel = None;
        }
        transforms
    }

    /// Draws the recording and finds the scale of its features, as far as they are not known.
    fn first_pass(&mut self) -> Result<(), AnalysisError> {
        let drawn = [Product::Picture, Product::Level];
        let drawing = drawn.iter().any(|&product| self.lacks(product));
        let scaling = self.lacks(Product::Scale) && !self.transforms().is_empty();
        if !drawing && !scaling && !self.lacks(Product::Recording) {
            return Ok(());
        }
        let mut transforms = self.models.transforms();
        transforms.cfp = transforms.cfp.filter(|_| drawing || scaling);
        transforms.mel = transforms.mel.filter(|_| scaling);
        transforms.kaldi_mel = None; // it is not scaled
        let mut selection = self.selection();
        let (reader, scale) = loop {
            let (reader, scale) = self.read_features(&selection, &transforms, drawing)?;
            match reader.better_selection() {
                Some(better) => selection = better,
                None => break (reader, scale),
            }
        };
        self.progress.report(Stage::Features, 1.0)?;
        if drawing {
            let n_frames = self.analysis.n_frames();
            self.analysis.level.resize(n_frames, 0.0);
            self.finish(&drawn);
        }
        if scaling {
            self.take(Part::Scale(scale));
            self.finish(&[Product::Scale]);
        }
        let (audio, warnings) = reader.into_recording();
        self.take(Part::Recording { audio, warnings });
        self.finish(&[Product::Recording]);
        Ok(())
    }

    /// What of the file is read: as before, or what the caller asks for.
    fn selection(&self) -> TrackSelection {
        match self.lacks(Product::Recording) {
            true => TrackSelection {
                track: self.options.track,
                mixdown: None,
            },
            false => self.analysis.audio.selection.clone(),
        }
    }

    /// Reads the recording once, drawing it if asked to; tells the scale of its features.
    fn read_features(
        &mut self,
        selection: &TrackSelection,
        transforms: &Transforms,
        drawing: bool,
    ) -> Result<(FrameReader, Scale), AnalysisError> {
        self.progress.report(Stage::Features, 0.0)?;
        let mut reader = FrameReader::open(&self.analysis.path, selection, transforms)?;
        let mut scale = Scale::default();
        let (mut n_columns, mut n_levels) = (0, 0);
        let hop_secs = self.models.grid().hop_secs;
        let in_all = reader.total_secs().map(|secs| (secs / hop_secs) as usize);
        let mut ahead = DrawAhead::new(selection);
        while let Some(block) = reader.read()? {
            scale.include(&block);
            if drawing {
                self.draw(&block, n_columns, n_levels);
                n_columns += block.layers.n_frames();
                n_levels += block.level.len();
                let drawn = (n_columns, in_all.unwrap_or(usize::MAX));
                ahead.follow(self, drawn, reader.fraction())?;
            }
            self.report_read(reader.fraction())?;
        }
        Ok((reader, scale))
    }

    fn draw(&mut self, block: &FrameBlock, first_column: usize, first_level: usize) {
        let mut columns = Picture::new(self.models.axis(), self.models.grid());
        columns.extend(PictureKind::Spectrum, &self.models.cfp, &block.layers);
        self.take(Part::Picture {
            first: first_column,
            cells: columns.cells,
        });
        self.take(Part::Level {
            first: first_level,
            values: block.level.clone(),
        });
    }

    /// Finds pitch and voicing, as far as they are not known.
    fn second_pass(&mut self) -> Result<(), AnalysisError> {
        let mut transforms = self.transforms();
        if transforms.is_empty() && !self.lacks(Product::Contour) {
            return Ok(());
        }
        if self.lacks(Product::Speech) {
            let mel = Arc::clone(&self.models.detector.mel);
            transforms.kaldi_mel = transforms.kaldi_mel.or(Some((mel, HEARD)));
        }
        let scale = self.analysis.scale.clone();
        let (models, block_frames) = (self.models, self.options.block_frames);
        let tracker = Tracker::new(models, self.threshold(), scale.clone(), block_frames);
        let has_pitch = !self.lacks(Product::Pitch);
        // an analysis that was stopped goes on behind the frames it had decided
        let n_decided = match has_pitch {
            true => 0,
            false => tracker.resumable(self.analysis.n_found()),
        };
        self.keep_decided(n_decided, has_pitch);
        let Analysis { pitch, level, .. } = &*self.analysis;
        let (pitch, level) = (pitch.clone(), level.clone());
        let mut tracker = match has_pitch {
            true => tracker.with_pitch(&pitch, &level),
            false => tracker.behind(&pitch),
        };
        let mut blocks = match transforms.is_empty() {
            true => None,
            false => {
                let Analysis { path, audio, .. } = &*self.analysis;
                Some(FrameReader::open(path, &audio.selection, &transforms)?.prefetch())
            }
        };
        let mut speech = self
            .lacks(Product::Speech)
            .then(|| SpeechStage::new(&models.detector));
        let mut ahead = LookAhead::new(&scale);
        self.report_melody()?;
        let mut ended = false;
        while !ended {
            let block = blocks.as_mut().and_then(Iterator::next).transpose()?;
            ended = block.is_none();
            if let Some(block) = block {
                tracker.push(&block);
                if let Some(stage) = &mut speech {
                    stage.push(&block.kaldi_mel)?;
                }
            }
            while let Some(parts) = tracker.next(ended)? {
                parts.into_iter().for_each(|part| self.take(part));
                self.report_melody()?;
                ahead.follow(self)?;
            }
            self.report_melody()?;
        }
        self.finish(&[Product::Pitch, Product::Classes, Product::VoiceLevel]);
        self.decide_voicing();
        if let Some(stage) = speech {
            self.take(Part::Speech(stage.finish()?));
            self.finish(&[Product::Speech]);
        }
        Ok(())
    }

    /// Listens for speech where no other stage had to read the recording.
    fn hear_speech(&mut self) -> Result<(), AnalysisError> {
        if !self.lacks(Product::Speech) {
            return Ok(());
        }
        let detector = &self.models.detector;
        let transforms = Transforms {
            kaldi_mel: Some((Arc::clone(&detector.mel), HEARD)),
            ..Transforms::default()
        };
        let Analysis { path, audio, .. } = &*self.analysis;
        let mut reader = FrameReader::open(path, &audio.selection, &transforms)?;
        let mut stage = SpeechStage::new(detector);
        while let Some(block) = reader.read()? {
            stage.push(&block.kaldi_mel)?;
            self.progress.report(Stage::Network, reader.fraction())?;
        }
        self.take(Part::Speech(stage.finish()?));
        self.finish(&[Product::Speech]);
        Ok(())
    }

    /// Keeps what was decided before the analysis was stopped: so many frames, and a pitch that is
    /// whole.
    fn keep_decided(&mut self, n_decided: usize, has_pitch: bool) {
        match has_pitch {
            true => self.analysis.f0.frames.clear(),
            false => self.analysis.keep_melody(n_decided),
        }
        let threshold = self.threshold();
        self.analysis.f0.revoice(threshold);
    }

    /// Says how much of the recording is read.
    pub(super) fn report_read(&self, fraction: f32) -> Result<(), AnalysisError> {
        Ok(self.progress.report(Stage::Features, fraction)?)
    }

    /// Says how much of the melody is found.
    pub(super) fn report_melody(&self) -> Result<(), AnalysisError> {
        let done = self.analysis.f0.frames.len() as f32;
        let total = self.analysis.n_frames().max(1) as f32;
        Ok(self.progress.report(Stage::Network, done / total)?)
    }

    /// Decides voicing once the confidence of all frames is known.
    fn decide_voicing(&mut self) {
        let (calibration, by_mean) = (self.models.calibration(), self.models.judges_by_mean());
        if by_mean {
            let pitch = self.analysis.pitch.iter();
            let maxima: Vec<f32> = pitch.map(|frame| frame.confidence).collect();
            let frames = self.analysis.f0.frames.iter_mut();
            let pitched = frames.zip(against_mean(&maxima));
            let pitched = pitched.filter(|(frame, _)| frame.f0_hz > 0.0);
            pitched.for_each(|(frame, confidence)| frame.confidence = confidence);
        }
        if let Some(calibration) = calibration {
            calibration.apply(&mut self.analysis.f0.frames);
        }
        if calibration.is_some() || by_mean {
            let threshold = self.threshold();
            self.analysis.f0.revoice(threshold);
            let part = self.analysis.whole(Product::Contour);
            (self.on_part)(&part);
        }
        self.finish(&[Product::Contour]);
    }

    fn find_notes(&mut self) -> Result<(), AnalysisError> {
        if !self.lacks(Product::Notes) {
            return Ok(());
        }
        self.progress.report(Stage::Notes, 0.0)?;
        let Analysis {
            f0, voice_level, ..
        } = &self.analysis;
        let notes = segment_notes(f0, Some(voice_level));
        self.take(Part::Notes(notes));
        self.finish(&[Product::Notes]);
        self.progress.report(Stage::Notes, 1.0)?;
        Ok(())
    }
}
