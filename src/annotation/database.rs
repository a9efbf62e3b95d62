//! The program's database: what must outlive a crash and is no document of the user's.
//!
//! One SQLite file in the program's data folder, shared by all runs of the program. Its tables come
//! by numbered migrations; a file of a later version is left alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::AnnotationError;

/// The file's name.
const FILE: &str = "work.sqlite";
/// How long a run waits for another that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Each makes of the database of the version before its own; the first of an empty file. What was
/// published once stays as it is, and a change is a new line.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE document (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,           -- the run of the program that works on it
        origin TEXT NOT NULL,        -- the recording and the project file, as JSON
        sha256 TEXT,                 -- of the recording, once it is known
        is_modified INTEGER NOT NULL,
        changed_secs INTEGER NOT NULL, -- since 1970
        beginning BLOB NOT NULL      -- the annotation before the first change, as in a project file
    ) STRICT;
    CREATE TABLE change (
        document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        content TEXT NOT NULL,       -- as JSON
        PRIMARY KEY (document, number)
    ) STRICT;
"];

/// An open database.
pub struct Database {
    path: PathBuf,
    connection: Connection,
}

impl Database {
    /// Opens the database of a data folder, or makes it.
    ///
    /// A commit is with the system when it returns (write-ahead log, normal synchronization), some
    /// hundredths of a millisecond: the end of the program does not lose it. [`Database::sync`] has
    /// the disk hold it too, which takes some milliseconds: then a power cut does not either.
    ///
    /// # Errors
    /// [`AnnotationError::Database`] if the file cannot be made, opened or read,
    /// [`AnnotationError::NewerDatabase`] if a later version of the program made it.
    pub fn open(folder: &Path) -> Result<Self, AnnotationError> {
        let path = folder.join(FILE);
        fs::create_dir_all(folder).map_err(|source| AnnotationError::writing(folder, source))?;
        let open = || {
            let connection = Connection::open(&path)?;
            connection.busy_timeout(PATIENCE)?;
            let found = version(&connection)?;
            if found > MIGRATIONS.len() {
                return Ok(Err(found));
            }
            connection.pragma_update(None, "auto_vacuum", "FULL")?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            Ok(Ok(connection))
        };
        let opened = open().map_err(|error| AnnotationError::database(&path, &error))?;
        let connection = opened.map_err(|version| AnnotationError::NewerDatabase {
            path: path.clone(),
            version,
            known: MIGRATIONS.len(),
        })?;
        let mut database = Self { path, connection };
        database.migrate()?;
        Ok(database)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Does all of `work` or nothing; no other run writes meanwhile.
    ///
    /// # Errors
    /// Those of `work`; [`AnnotationError::Database`] if it cannot be kept.
    pub fn change<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, AnnotationError> {
        let Self { path, connection } = self;
        let attempt = || {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        attempt().map_err(|error| AnnotationError::database(path, &error))
    }

    /// Has the disk hold all that was committed.
    ///
    /// # Errors
    /// [`AnnotationError::Database`].
    pub fn sync(&mut self) -> Result<(), AnnotationError> {
        self.synchronize("FULL")?;
        // a commit of any kind has the log synchronized with all that is in it
        let version = MIGRATIONS.len() as i64;
        let result = self.change(|it| it.pragma_update(None, "user_version", version));
        self.synchronize("NORMAL")?;
        result
    }

    fn synchronize(&self, how: &str) -> Result<(), AnnotationError> {
        self.read(|connection| connection.pragma_update(None, "synchronous", how))
    }

    /// Reads.
    ///
    /// # Errors
    /// [`AnnotationError::Database`].
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, AnnotationError> {
        work(&self.connection).map_err(|error| AnnotationError::database(&self.path, &error))
    }

    fn migrate(&mut self) -> Result<(), AnnotationError> {
        let found = self.read(version)?;
        if found == MIGRATIONS.len() {
            return Ok(());
        }
        self.change(|connection| {
            // another run may have been faster
            let found = version(connection)?;
            for migration in MIGRATIONS.iter().skip(found) {
                connection.execute_batch(migration)?;
            }
            connection.pragma_update(None, "user_version", MIGRATIONS.len().max(found) as i64)
        })
    }
}

/// How many of the migrations a database has been through.
fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?;
    Ok(version as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_later_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(folder.path()).unwrap();
        let later = |connection: &Connection| connection.pragma_update(None, "user_version", 99);
        database.change(later).unwrap();
        let path = database.path().to_owned();
        drop(database);
        let before = fs::read(&path).unwrap();
        let error = Database::open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("version 99"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn what_is_no_database_is_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let text = "not a database, but longer than the header that one begins with; ".repeat(20);
        fs::write(&path, &text).unwrap();
        let error = Database::open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("work.sqlite"), "{error}");
        assert!(error.contains("not a database"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_failed_change_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(folder.path()).unwrap();
        let result = database.change(|connection| {
            connection.execute("CREATE TABLE half (x)", [])?;
            connection.execute("INSERT INTO nowhere VALUES (1)", [])
        });
        assert!(result.is_err());
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'half'";
        let found = database.read(|it| it.query_row(tables, [], |row| row.get::<_, i64>(0)));
        assert_eq!(found.unwrap(), 0);
    }
}
