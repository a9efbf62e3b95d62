//! The recovery journal: what was done to documents and is in no file yet, kept in the database.
//!
//! A document's entry is the annotation before its first change, and each change since, as it was
//! made. Replayed, it is the same document with the same history. An entry belongs to the run of the
//! program that works on the document; once that run has ended, another may take it over.
//!
//! - `run`: which run works on something, and whether it still does.
//! - `origin`: what a document was made of.

mod origin;
mod run;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, params};

pub use origin::DocumentOrigin;
use run::Run;

use super::change::{Change, Unwritten};
use super::database::Database;
use super::project::{read_annotation, write_annotation};
use super::{AnnotationError, Document, DocumentId};
use crate::melody::F0Track;

/// What was done to a document since the journal was last told.
#[derive(Clone, Debug)]
pub struct JournalRecord {
    /// The document.
    pub id: DocumentId,
    /// What it was made of.
    pub origin: DocumentOrigin,
    /// Whether there is something in it that no file holds.
    pub is_modified: bool,
    /// What was done.
    pub unwritten: Unwritten,
}

/// Unsaved work that is kept of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftWork {
    /// The document.
    pub id: DocumentId,
    /// What it was made of.
    pub origin: DocumentOrigin,
    /// SHA-256 of the recording in hexadecimal, if there was time to find it.
    pub sha256: Option<String>,
    /// When it was last changed.
    pub changed: SystemTime,
    /// Whether another run of the program is working on it.
    pub is_open_elsewhere: bool,
}

/// A document as it was left.
#[derive(Debug)]
pub struct RecoveredDocument {
    /// The document, with its history.
    pub document: Document,
    /// The contour that its notes belong to, if they had not followed its last change.
    pub contour_of_notes: Option<F0Track>,
}

/// The journal of this run of the program.
pub struct Journal {
    folder: PathBuf,
    database: Database,
    run: Run,
}

impl Journal {
    /// Opens the journal in a data folder, and drops what runs that have ended had saved.
    ///
    /// # Errors
    /// Those of [`Database::open`]; [`AnnotationError::Io`].
    pub fn open(folder: &Path) -> Result<Self, AnnotationError> {
        let mut database = Database::open(folder)?;
        // no other run looks for ended ones while this one begins
        let run = database.change(|connection| {
            let run = Run::begin(folder);
            if run.is_ok() {
                drop_saved(connection, folder)?;
                Run::sweep(folder);
            }
            Ok(run)
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            database,
            run: run.map_err(|source| AnnotationError::writing(folder, source))?,
        })
    }

    /// Where it is kept.
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    /// Writes what was done, all or nothing; no end of the program loses it when this returns.
    ///
    /// # Errors
    /// [`AnnotationError::Database`]; nothing is written then, and all can be written again.
    pub fn record(
        &mut self,
        records: &[JournalRecord],
        forgotten: &[DocumentId],
    ) -> Result<(), AnnotationError> {
        let run = self.run.id();
        self.database.change(|connection| {
            for record in records {
                write(connection, run, record)?;
            }
            for id in forgotten {
                connection.execute("DELETE FROM document WHERE id = ?", [id.0])?;
            }
            Ok(())
        })
    }

    /// Has the disk hold what was written, so that a power cut does not lose it.
    ///
    /// # Errors
    /// [`AnnotationError::Database`].
    pub fn sync(&mut self) -> Result<(), AnnotationError> {
        self.database.sync()
    }

    /// Notes the checksum of a document's recording.
    ///
    /// # Errors
    /// [`AnnotationError::Database`].
    pub fn note_checksum(&mut self, id: DocumentId, sha256: &str) -> Result<(), AnnotationError> {
        self.database.change(|connection| {
            let update = "UPDATE document SET sha256 = ? WHERE id = ?";
            connection.execute(update, params![sha256, id.0])
        })?;
        Ok(())
    }

    /// Unsaved work, of this run too, the latest first.
    ///
    /// # Errors
    /// [`AnnotationError::Database`].
    pub fn left(&self) -> Result<Vec<LeftWork>, AnnotationError> {
        let (own, folder) = (self.run.id(), &self.folder);
        self.database.read(|connection| {
            let mut query = connection.prepare(
                "SELECT id, run, origin, sha256, changed_secs FROM document
                 WHERE is_modified ORDER BY changed_secs DESC",
            )?;
            let rows = query.query_map([], |row| {
                let secs = Duration::from_secs(row.get::<_, i64>("changed_secs")?.unsigned_abs());
                let run: String = row.get("run")?;
                // what this version cannot read, a later one wrote, and it is left to that
                let origin = serde_json::from_str(&row.get::<_, String>("origin")?).ok();
                Ok(origin.map(|origin| LeftWork {
                    id: DocumentId(row.get_unwrap("id")),
                    origin,
                    sha256: row.get_unwrap("sha256"),
                    changed: UNIX_EPOCH + secs,
                    is_open_elsewhere: run != own && !Run::has_ended(folder, &run),
                }))
            })?;
            let left: Result<Vec<_>, _> = rows.collect();
            Ok(left?.into_iter().flatten().collect())
        })
    }

    /// Reads what was left of a document, as it is written down: its beginning, and the changes.
    /// With `take_over`, this run goes on with it; `None` if it is gone, or another run has it.
    ///
    /// # Errors
    /// [`AnnotationError::Database`].
    pub fn read(
        &mut self,
        left: &LeftWork,
        take_over: bool,
    ) -> Result<Option<WrittenDocument>, AnnotationError> {
        let (own, folder) = (self.run.id(), &self.folder);
        let id = left.id;
        let found = self.database.change(|connection| {
            let query = "SELECT run, beginning FROM document WHERE id = ?";
            let found = connection.query_row(query, [id.0], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
            });
            let found = found.optional()?;
            let free = |run: &str| run == own || Run::has_ended(folder, run);
            let Some((_, beginning)) = found.filter(|(run, _)| free(run)) else {
                return Ok(None);
            };
            if take_over {
                let update = "UPDATE document SET run = ? WHERE id = ?";
                connection.execute(update, params![own, id.0])?;
            }
            let query = "SELECT content FROM change WHERE document = ? ORDER BY number";
            let mut query = connection.prepare(query)?;
            let changes = query.query_map([id.0], |row| row.get(0))?;
            Ok(Some((beginning, changes.collect::<Result<_, _>>()?)))
        })?;
        Ok(found.map(|(beginning, changes)| WrittenDocument {
            path: self.path().to_owned(),
            left: left.clone(),
            beginning,
            changes,
        }))
    }
}

/// A document as it stands in the journal.
pub struct WrittenDocument {
    path: PathBuf,
    left: LeftWork,
    beginning: Vec<u8>,
    changes: Vec<String>,
}

impl WrittenDocument {
    /// Makes the document again; one pass over all that was done.
    ///
    /// # Errors
    /// [`AnnotationError::Content`] if it cannot be read; those of the changes.
    pub fn replay(self) -> Result<RecoveredDocument, AnnotationError> {
        let unreadable = |reason: String| AnnotationError::content(&self.path, reason);
        let beginning = read_annotation(&self.beginning).map_err(unreadable)?;
        let LeftWork { id, origin, .. } = self.left;
        let mut document = Document::going_on(id, beginning, origin);
        let changes = self.changes.iter().map(|it| serde_json::from_str(it));
        let changes: Result<Vec<Change>, _> = changes.collect();
        let changes = changes.map_err(|it| AnnotationError::content(&self.path, it))?;
        let mut contour_of_notes = None;
        let mut changes = changes.into_iter().peekable();
        while let Some(change) = changes.next() {
            let is_followed = matches!(changes.peek(), Some(Change::Amend(_)));
            match change {
                Change::Apply(_) | Change::Grow { .. } if !is_followed => {
                    let contour = || document.annotation().f0().clone();
                    contour_of_notes.get_or_insert_with(contour);
                }
                Change::Amend(_) | Change::Undo | Change::Redo => contour_of_notes = None,
                _ => {}
            }
            document.repeat(change)?;
        }
        Ok(RecoveredDocument {
            document,
            contour_of_notes,
        })
    }
}

/// Writes what was done to one document.
fn write(connection: &Connection, run: &str, record: &JournalRecord) -> rusqlite::Result<()> {
    let id = record.id.0;
    let origin = json(&record.origin)?;
    let changed = SystemTime::now().duration_since(UNIX_EPOCH);
    let changed = changed.map_or(0, |it| it.as_secs() as i64);
    if let Some(beginning) = &record.unwritten.beginning {
        let mut text = Vec::new();
        write_annotation(&mut text, beginning).map_err(unwritable)?;
        let mut insert = connection.prepare(
            "INSERT OR REPLACE INTO document (id, run, origin, is_modified, changed_secs, beginning)
             VALUES (?, ?, ?, ?, ?, ?)",
        )?;
        insert.execute(params![id, run, origin, record.is_modified, changed, text])?;
    } else {
        let mut update = connection.prepare(
            "UPDATE document SET origin = ?, is_modified = ?, changed_secs = ? WHERE id = ?",
        )?;
        let n_found = update.execute(params![origin, record.is_modified, changed, id])?;
        if n_found == 0 {
            return Ok(()); // it was forgotten meanwhile
        }
    }
    let next = "SELECT coalesce(max(number) + 1, 0) FROM change WHERE document = ?";
    let first: i64 = connection
        .prepare(next)?
        .query_row([id], |row| row.get(0))?;
    let mut insert = connection.prepare("INSERT INTO change VALUES (?, ?, ?)")?;
    for (number, change) in (first..).zip(&record.unwritten.changes) {
        insert.execute(params![id, number, json(change)?])?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(unwritable)
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// Drops the documents of ended runs in which nothing is left to save.
fn drop_saved(connection: &Connection, folder: &Path) -> rusqlite::Result<()> {
    let query = "SELECT DISTINCT run FROM document WHERE NOT is_modified";
    let mut query = connection.prepare(query)?;
    let runs: Result<Vec<String>, _> = query.query_map([], |row| row.get(0))?.collect();
    for run in runs?.iter().filter(|run| Run::has_ended(folder, run)) {
        let drop = "DELETE FROM document WHERE run = ? AND NOT is_modified";
        connection.execute(drop, [run])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary::{annotations, operations, selections};
    use super::super::{Annotation, Operation, SavedFile, Selection};
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Deed {
        Edit(Operation, Selection),
        Threshold(f32, bool),
        FollowNotes,
        Undo,
        Redo,
        Grow(usize),
        Save,
        FileDiffers,
        Write,
    }

    fn deeds() -> impl Strategy<Value = Vec<Deed>> {
        let deed = prop_oneof![
            6 => (operations(), selections()).prop_map(|(it, selection)| Deed::Edit(it, selection)),
            2 => (0f32..=1.0, any::<bool>()).prop_map(|(it, going_on)| Deed::Threshold(it, going_on)),
            2 => Just(Deed::FollowNotes),
            3 => Just(Deed::Undo),
            2 => Just(Deed::Redo),
            1 => (0usize..20).prop_map(Deed::Grow),
            1 => Just(Deed::Save),
            1 => Just(Deed::FileDiffers),
            3 => Just(Deed::Write),
        ];
        prop::collection::vec(deed, 0..24)
    }

    fn origin() -> DocumentOrigin {
        DocumentOrigin {
            recording: "/music/Ständchen.flac".into(),
            stamp: None,
            rate_hz: 44_100,
            duration_secs: Some(2.5),
            track: None,
            models: Vec::new(),
            file: None,
            began_with_networks: true,
        }
    }

    fn do_it(document: &mut Document, deed: Deed) {
        match deed {
            Deed::Edit(operation, selection) => {
                let step = operation.transaction(document.annotation(), &selection);
                step.map(|step| document.apply(step).unwrap()).ok();
            }
            Deed::Threshold(threshold, going_on) => {
                document.set_threshold(threshold, going_on).unwrap();
            }
            Deed::FollowNotes => {
                let before = document.annotation().notes().to_vec();
                let after: Vec<_> = before.iter().step_by(2).copied().collect();
                document.follow(&before, &after).unwrap();
            }
            Deed::Undo => drop(document.undo()),
            Deed::Redo => drop(document.redo()),
            Deed::Grow(n) => {
                let mut f0 = document.annotation().f0().clone();
                let n_frames = f0.frames.len();
                f0.frames.resize(n_frames + n, Default::default());
                document.grow(&f0, n % 2 == 0).unwrap();
            }
            Deed::Save => document.mark_saved(SavedFile::now("/nowhere".into())),
            Deed::FileDiffers => document.file_differs(),
            Deed::Write => {}
        }
    }

    /// What a person would notice of a document.
    fn seen(document: &Document) -> (Annotation, [Option<String>; 2], bool) {
        let labels = document.labels().map(|it| it.map(str::to_owned));
        (
            document.annotation().clone(),
            labels,
            document.is_modified(),
        )
    }

    fn record(journal: &mut Journal, document: &mut Document) {
        let Some(unwritten) = document.take_unwritten() else {
            return;
        };
        let record = JournalRecord {
            id: document.id(),
            origin: origin(),
            is_modified: document.is_modified(),
            unwritten,
        };
        journal.record(&[record], &[]).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever was done comes back bit by bit, with every step before it and behind.
        #[test]
        fn a_document_comes_back_with_its_whole_history(start in annotations(), deeds in deeds()) {
            let folder = tempfile::tempdir().unwrap();
            let mut journal = Journal::open(folder.path()).unwrap();
            let (f0, notes) = (start.f0().clone(), start.notes().to_vec());
            let mut document = Document::new(f0, notes).unwrap();
            for deed in deeds {
                let is_write = matches!(deed, Deed::Write);
                do_it(&mut document, deed);
                if is_write {
                    record(&mut journal, &mut document);
                }
            }
            record(&mut journal, &mut document);
            drop(journal);
            let mut journal = Journal::open(folder.path()).unwrap();
            let left = journal.left().unwrap();
            prop_assert_eq!(left.len(), usize::from(document.is_modified()));
            let Some(left) = left.first() else {
                return Ok(());
            };
            let written = journal.read(left, true).unwrap().unwrap();
            let mut again = written.replay().unwrap().document;
            prop_assert_eq!(seen(&again), seen(&document));
            while document.labels()[0].is_some() {
                document.undo();
                again.undo();
                prop_assert_eq!(seen(&again), seen(&document));
            }
            while document.labels()[1].is_some() {
                document.redo();
                again.redo();
            }
            prop_assert_eq!(seen(&again), seen(&document));
        }
    }

    #[test]
    fn a_document_belongs_to_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let [mut first, mut second] = [(); 2].map(|()| Journal::open(folder.path()).unwrap());
        let grid = crate::melody::FrameGrid::from_hop(0.01);
        let frames = vec![Default::default(); 10];
        let mut document = Document::new(F0Track { grid, frames }, Vec::new()).unwrap();
        document.set_threshold(0.5, false).unwrap();
        record(&mut first, &mut document);
        let left = second.left().unwrap().remove(0);
        assert!(left.is_open_elsewhere);
        assert!(second.read(&left, true).unwrap().is_none());
        drop(first);
        assert!(!second.left().unwrap()[0].is_open_elsewhere);
        assert!(second.read(&left, true).unwrap().is_some());
        let mut third = Journal::open(folder.path()).unwrap();
        assert!(third.read(&left, true).unwrap().is_none());
        second.record(&[], &[left.id]).unwrap();
        assert_eq!(third.left().unwrap(), []);
    }
}
