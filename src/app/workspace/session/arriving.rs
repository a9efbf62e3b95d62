//! Results of the jobs as they arrive.

use std::sync::Arc;
use std::time::Instant;

use super::{AnalysisState, Session};
use crate::analysis::{Analysis, Part, Picture, PictureKind, Product, Stem};
use crate::annotation::{AnnotationError, Document, ModelReference};
use crate::app::jobs::{AnalysisEvent, PictureColumns, RecordingInfo};
use crate::app::notice::Notice;
use crate::melody::{F0Track, FrameGrid, Note, PitchAxis};

impl Session {
    /// Takes an event of the analysis; returns notices to show.
    pub fn take(&mut self, event: AnalysisEvent) -> Vec<Notice> {
        match event {
            AnalysisEvent::Opened(info) => self.begin(info),
            AnalysisEvent::Progress(..) if self.state == AnalysisState::Stopped => {}
            AnalysisEvent::Progress(stage, done) => {
                self.remaining.report(stage, done, Instant::now());
                self.state = AnalysisState::Running(stage, done);
            }
            AnalysisEvent::Part(part) => self.take_part(part),
            AnalysisEvent::Done(analysis) => return self.finish(analysis),
            AnalysisEvent::Stopped => return self.stop(),
            AnalysisEvent::Failed(notice) => return vec![notice],
        }
        Vec::new()
    }

    /// Shows a picture of another kind, or of a stem; returns whether it must be drawn, as it grows
    /// from nothing.
    pub fn show_picture(&mut self, kind: PictureKind, stem: Option<Stem>) -> bool {
        let shown = self.other_picture.as_ref().map(|(shown, _)| *shown);
        if shown.unwrap_or_default() == (kind, stem) {
            return false;
        }
        let Picture { axis, grid, .. } = self.analysis.picture;
        let is_other = (kind, stem) != (PictureKind::Spectrum, None);
        self.other_picture = is_other.then(|| ((kind, stem), Picture::new(axis, grid)));
        self.picture_revision += 1;
        self.summarize_picture();
        is_other
    }

    /// Takes columns of the picture that was asked for last; those of another are dropped.
    pub fn take_columns(&mut self, columns: &PictureColumns) {
        let other = self.other_picture.as_mut();
        let Some((_, picture)) = other.filter(|_| columns.revision == self.picture_revision) else {
            return;
        };
        if (picture.axis, picture.grid) != (columns.axis, columns.grid) {
            *picture = Picture::new(columns.axis, columns.grid);
            self.picture_summary.renew(picture);
        }
        let first = picture.n_columns().min(columns.first);
        picture.cells.truncate(first * picture.axis.n_rows);
        picture.cells.extend(&columns.cells);
        let end = picture.n_columns();
        self.picture_summary.update(picture, first..end);
    }

    fn begin(&mut self, info: RecordingInfo) {
        self.fit(info.axis, info.grid);
        self.analysis_mut().audio = info.audio;
        self.networks_threshold = info.threshold;
    }

    /// Begins the analysis anew if its rows or frames are others than was thought.
    fn fit(&mut self, axis: PitchAxis, grid: FrameGrid) {
        let picture = &self.analysis.picture;
        if (axis, grid) != (picture.axis, picture.grid) {
            let stems = self.analysis.stems.clone();
            self.analysis = Arc::new(Analysis::new(&self.path, axis, grid));
            self.take_over_stems(stems);
            (self.drawn, self.reach) = Default::default();
            self.summarize_picture();
        }
    }

    fn take_part(&mut self, part: Part) {
        match part {
            Part::Picture { first, cells } => self.take_picture(first, cells),
            Part::Contour { first, ref frames } => {
                self.reach.include(first..first + frames.len());
                self.analysis_mut().take(part);
                self.revoice_contour();
                if self.document.is_none() {
                    self.changed(first..usize::MAX);
                }
            }
            Part::Recording { .. } => {
                // it was read to its end, and drawn
                let read = [Product::Recording, Product::Picture, Product::Level];
                self.analysis_mut().take(part);
                self.analysis_mut().complete.extend(read);
                if self.other_picture.is_none() {
                    self.picture_summary.settle(&self.analysis.picture);
                }
            }
            Part::Scale(_) => {
                self.analysis_mut().take(part);
                self.analysis_mut().complete.insert(Product::Scale);
            }
            part => self.analysis_mut().take(part),
        }
    }

    fn take_picture(&mut self, first: usize, cells: Vec<u8>) {
        let end = first + cells.len() / self.analysis.picture.axis.n_rows;
        self.drawn.include(first..end);
        self.analysis_mut().take(Part::Picture { first, cells });
        if self.other_picture.is_none() {
            self.picture_summary
                .update(&self.analysis.picture, first..end);
        }
    }

    /// Decides voicing of the contour as far as it is known by the threshold, if one was chosen.
    pub(super) fn revoice_contour(&mut self) {
        let Some(threshold) = self.chosen_threshold else {
            return;
        };
        let mut f0 = self.analysis.f0.clone();
        f0.revoice(threshold);
        self.analysis_mut().take(Part::Contour {
            first: 0,
            frames: f0.frames,
        });
    }

    fn finish(&mut self, analysis: Arc<Analysis>) -> Vec<Notice> {
        self.state = AnalysisState::Done;
        let before = std::mem::replace(&mut self.analysis, analysis);
        self.take_over_stems(before.stems.clone());
        if self.other_picture.is_none() && before.picture != self.analysis.picture {
            self.summarize_picture();
        }
        let mut notices: Vec<_> = self
            .analysis
            .remarks()
            .iter()
            .map(Notice::warning)
            .collect();
        let notes = self.analysis.notes.clone();
        let (f0, has_document) = (self.analysis.f0.clone(), self.document.is_some());
        let result = match has_document {
            true => self.grow(&f0, true),
            false => self.begin_document(f0, notes),
        };
        notices.extend(result.err().map(|error| Notice::from_error(&error)));
        self.changed(0..usize::MAX);
        notices
    }

    /// Leaves it at what was found, which can be corrected and saved.
    fn stop(&mut self) -> Vec<Notice> {
        self.state = AnalysisState::Stopped;
        // what was found ahead of its turn is found again when it goes on
        self.forget_drawn_ahead();
        self.reach.forget_ahead();
        let n_found = self.reach.n_found();
        self.analysis_mut().keep_melody(n_found);
        let f0 = self.analysis.f0.clone();
        let result = match (&self.document, f0.frames.is_empty()) {
            (Some(_), _) => self.grow(&f0, false),
            (None, true) => return Vec::new(),
            (None, false) => {
                let nothing = F0Track {
                    grid: f0.grid,
                    frames: Vec::new(),
                };
                self.contour_of_notes = Some(nothing);
                self.begin_document(f0, Vec::new())
            }
        };
        self.changed(0..usize::MAX);
        let notice = |error| Notice::from_error(&error);
        result.err().map(notice).into_iter().collect()
    }

    /// Keeps of a picture that is not whole what was read from the start on.
    fn forget_drawn_ahead(&mut self) {
        self.drawn.forget_ahead();
        let n_cells = self.drawn.n_found() * self.analysis.picture.axis.n_rows;
        if !self.analysis.has(Product::Picture) && n_cells < self.analysis.picture.cells.len() {
            self.analysis_mut().picture.cells.truncate(n_cells);
            if self.other_picture.is_none() {
                self.summarize_picture();
            }
        }
    }

    fn begin_document(&mut self, f0: F0Track, notes: Vec<Note>) -> Result<(), AnnotationError> {
        let mut document = Document::new(f0, notes)?;
        document.models = self.models();
        self.document = Some(document);
        match self.chosen_threshold.take() {
            Some(threshold) => self.set_threshold(threshold),
            None => Ok(()),
        }
    }

    /// Lets a document that ends before the analysis grow with it.
    fn grow(&mut self, f0: &F0Track, renew: bool) -> Result<(), AnnotationError> {
        let Some(document) = &mut self.document else {
            return Ok(());
        };
        let present = document.annotation().f0();
        if present.grid != f0.grid || present.frames.len() >= f0.frames.len() {
            return Ok(());
        }
        let before = present.clone();
        document.grow(f0, renew)?;
        self.contour_of_notes.get_or_insert(before);
        let models = self.models();
        if let Some(document) = &mut self.document {
            let known = &mut document.models;
            let is_new = |it: &ModelReference| !known.contains(it);
            let new: Vec<_> = models.into_iter().filter(is_new).collect();
            known.extend(new);
        }
        Ok(())
    }

    /// The networks that analyze it; none if they are gone.
    fn models(&self) -> Vec<ModelReference> {
        let checksums = self.networks.checksums().unwrap_or_default();
        let reference = |(name, sha256)| ModelReference { name, sha256 };
        checksums.into_iter().map(reference).collect()
    }

    /// Summarizes the picture that is shown.
    fn summarize_picture(&mut self) {
        let other = self.other_picture.as_ref().map(|(_, picture)| picture);
        let picture = other.unwrap_or(&self.analysis.picture);
        self.picture_summary.renew(picture);
    }

    /// The analysis while it grows.
    pub(super) fn analysis_mut(&mut self) -> &mut Analysis {
        Arc::make_mut(&mut self.analysis)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use eframe::egui::Context;

    use super::*;
    use crate::analysis::ModelChoice;
    use crate::app::jobs::{JobReport, Jobs, PictureRequest, SessionReport};
    use crate::app::workspace::SessionId;
    use crate::audio::{AudioInfo, TrackSelection};

    /// The melody network with features an octave higher than it was trained with.
    fn network_an_octave_higher(folder: &Path) -> ModelChoice {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/msnet-hs");
        let weights = "weights.safetensors";
        fs::copy(model.join(weights), folder.join(weights)).unwrap();
        let config = fs::read_to_string(model.join("config.json")).unwrap();
        let config = config
            .replace("\"fmin_hz\": 38.0", "\"fmin_hz\": 76.0")
            .replace("\"fmax_hz\": 1540.0", "\"fmax_hz\": 3080.0");
        fs::write(folder.join("config.json"), config).unwrap();
        ModelChoice {
            pitch: folder.to_str().unwrap().to_owned(),
            ..ModelChoice::default()
        }
    }

    /// A second of a tone of some partials in a file of the folder.
    fn tone(folder: &Path, hz: f64) -> PathBuf {
        let path = folder.join("tone.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        for i in 0..16_000 {
            let phase = std::f64::consts::TAU * hz * f64::from(i) / 16_000.0;
            let partials = (1..6).map(|h| (phase * f64::from(h)).sin() / f64::from(h));
            let sample: f64 = partials.sum();
            writer.write_sample((sample * 9_000.0) as i16).unwrap();
        }
        writer.finalize().unwrap();
        path
    }

    #[test]
    fn a_picture_lies_at_the_pitches_of_the_networks_features() {
        let folder = tempfile::tempdir().unwrap();
        let networks = network_an_octave_higher(folder.path());
        let path = tone(folder.path(), 440.0);
        let cfp = networks.cfp().unwrap();
        assert_eq!(cfp.fmin_hz, 76.0);
        let mut session = Session::new(SessionId(1), path.clone(), networks.clone(), None);
        session.take(AnalysisEvent::Opened(RecordingInfo {
            audio: AudioInfo::default(),
            axis: cfp.axis(),
            grid: cfp.grid(),
            threshold: 0.5,
        }));
        assert!(session.show_picture(PictureKind::Product, None));
        let mut jobs = Jobs::new(Context::default());
        jobs.draw(PictureRequest {
            session: session.id,
            revision: session.picture_revision(),
            path,
            selection: TrackSelection::default(),
            kind: PictureKind::Product,
            stem: None,
            networks,
        });
        let began = Instant::now();
        while session.spectrogram().n_columns() < 60 {
            assert!(began.elapsed() < Duration::from_secs(60), "no picture came");
            match jobs.next_report() {
                Some(JobReport::Session(_, SessionReport::Columns(columns))) => {
                    session.take_columns(&columns);
                }
                Some(_) => panic!("another report than columns"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        let axis = session.spectrogram().axis();
        let column = session.spectrogram().picture.column(50);
        let brightest = (0..axis.n_rows).max_by_key(|&row| column[row]).unwrap();
        let hz = axis.row_to_hz(brightest as f64);
        assert!((hz / 440.0).log2().abs() < 1.0 / 24.0, "{hz} Hz");
    }

    #[test]
    fn columns_of_a_picture_shown_before_are_dropped() {
        let networks = ModelChoice::default();
        let mut session = Session::new(SessionId(1), "/a.wav".into(), networks, None);
        let axis = session.spectrogram().axis();
        let mut columns = PictureColumns {
            revision: session.picture_revision(),
            axis,
            grid: session.spectrogram().grid(),
            first: 0,
            cells: vec![9; axis.n_rows],
        };
        assert!(session.show_picture(PictureKind::Gcos, None));
        session.take_columns(&columns);
        assert_eq!(session.spectrogram().n_columns(), 0);
        columns.revision = session.picture_revision();
        session.take_columns(&columns);
        assert_eq!(session.spectrogram().n_columns(), 1);
    }
}
