//! What a batch remembers between runs, in `SQLite`: which rows were scored in which run, how far a run has come, what reviewers said.
//!
//! A row is a keyed hash of its source and id with a keyed hash of its text: nobody without the key can tell whose it is, and no text
//! is kept. Everything of a checkpoint is one transaction, so a killed run goes on from the last one.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;

use super::plan::{Place, Plan, Planned};
use super::tally::Tally;
use crate::error::{Error, Result};

/// The number of the layout below; another is refused.
const LAYOUT: i64 = 1;

const TABLES: &str = "
CREATE TABLE run (id INTEGER PRIMARY KEY, date TEXT NOT NULL, engine TEXT NOT NULL, grounds TEXT NOT NULL, stage TEXT NOT NULL, started TEXT NOT NULL,
    resumed INTEGER NOT NULL DEFAULT 0, plan TEXT NOT NULL, place TEXT NOT NULL, tally TEXT NOT NULL);
CREATE TABLE file (source TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, modified INTEGER NOT NULL, sha256 TEXT NOT NULL, cuts INTEGER NOT NULL,
    run INTEGER NOT NULL, PRIMARY KEY (source, path)) WITHOUT ROWID;
CREATE TABLE row (key BLOB PRIMARY KEY, text BLOB NOT NULL, run INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE review (item TEXT NOT NULL, run INTEGER NOT NULL, outcome TEXT NOT NULL, probability REAL, keep TEXT NOT NULL, date TEXT NOT NULL,
    PRIMARY KEY (item, run)) WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// An open state, held against every other run by a lock.
pub(super) struct State {
    db: Connection,
    _lock: File,
}

/// Keyed hashes of a row: of its source and id, and of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) row: [u8; 16],
    pub(super) text: [u8; 8],
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Rows are being scored.
    Scoring,
    /// All rows are scored; reports are being written.
    Reporting,
    Done,
}

/// A run as the state has it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: i64,
    pub(super) date: String,
    pub(super) engine: String,
    /// A hash of everything else that results depend on: configuration, roster, rules.
    pub(super) grounds: String,
    pub(super) stage: Stage,
    pub(super) started: String,
    pub(super) resumed: u32,
    pub(super) plan: Plan,
    pub(super) place: Place,
    pub(super) tally: Tally,
}

impl Run {
    /// The name of the run and of its folder.
    pub(super) fn name(&self) -> String {
        name(self.id, &self.date)
    }
}

/// What a run and its folder are called.
fn name(id: i64, date: &str) -> String {
    format!("{id:04}-{date}")
}

/// What reviewers said of an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Review {
    pub(super) item: String,
    pub(super) run: i64,
    pub(super) outcome: String,
    pub(super) probability: Option<f64>,
    /// Why it is kept beyond its time; empty if it is not.
    pub(super) keep: String,
    pub(super) date: String,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Scoring => "scoring",
            Self::Reporting => "reporting",
            Self::Done => "done",
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn failed(e: rusqlite::Error) -> Error {
    let full = e.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
    let remedy = if full { "make room on the disk and start it again: it goes on from where it was" } else { "mend what it says and start it again" };
    Error::new(format!("the state cannot be used: {e}")).remedy(remedy)
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::new(format!("the state holds a damaged record: {e}")).remedy("restore it from a backup"))
}

fn text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a record can be written")
}

impl State {
    /// Opens the state of a folder, or begins one.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        let path = folder.join("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| Error::io(&path, e))?;
        lock.try_lock().map_err(|e| match e {
            std::fs::TryLockError::WouldBlock => Error::new("another run of this batch is under way").at(&path).remedy("wait until it has ended"),
            std::fs::TryLockError::Error(e) => Error::io(&path, e),
        })?;
        let path = folder.join("state.sqlite");
        let open = || {
            let db = Connection::open(&path)?;
            // A checkpoint is whole or not at all also when the machine stops; 64 MB of pages are kept in memory.
            db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;")?;
            let layout: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            if layout == 0 {
                db.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {LAYOUT}; COMMIT;"))?;
            }
            Ok((db, layout))
        };
        let (db, layout) = open().map_err(|e| failed(e).at(&path))?;
        if layout != 0 && layout != LAYOUT {
            return Err(Error::new(format!("the state has layout {layout}, this netral knows {LAYOUT}")).at(&path).remedy("use the netral that wrote it"));
        }
        Ok(Self { db, _lock: lock })
    }

    fn run(&self, condition: &str) -> Result<Vec<Run>> {
        let sql = format!("SELECT id, date, engine, grounds, stage, started, resumed, plan, place, tally FROM run WHERE {condition}");
        let mut query = self.db.prepare(&sql).map_err(failed)?;
        let rows = query.query_map([], |row| {
            Ok((
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, String>(4)?, row.get(5)?, row.get(6)?),
                (row.get::<_, String>(7)?, row.get::<_, String>(8)?, row.get::<_, String>(9)?),
            ))
        });
        let mut runs = Vec::new();
        for row in rows.map_err(failed)? {
            let ((id, date, engine, grounds, stage, started, resumed), (plan, place, tally)) = row.map_err(failed)?;
            let stage = match stage.as_str() {
                "scoring" => Stage::Scoring,
                "reporting" => Stage::Reporting,
                _ => Stage::Done,
            };
            let (plan, place, tally) = (json(&plan)?, json(&place)?, json(&tally)?);
            runs.push(Run { id, date, engine, grounds, stage, started, resumed, plan, place, tally });
        }
        Ok(runs)
    }

    /// The run that has begun and not ended, if any.
    pub(super) fn unfinished(&self) -> Result<Option<Run>> {
        Ok(self.run("stage <> 'done' ORDER BY id")?.pop())
    }

    /// The latest runs that have ended, the latest first.
    pub(super) fn ended(&self, most: usize) -> Result<Vec<Run>> {
        self.run(&format!("stage = 'done' ORDER BY id DESC LIMIT {most}"))
    }

    /// The number of the next run.
    pub(super) fn next_id(&self) -> Result<i64> {
        self.db.query_row("SELECT coalesce(max(id), 0) + 1 FROM run", [], |row| row.get(0)).map_err(failed)
    }

    /// The first of the latest runs that all had this engine: what they scored need not be scored again. The next run if there is none.
    pub(super) fn first_with(&self, engine: &str) -> Result<i64> {
        let last_other: Option<i64> =
            self.db.query_row("SELECT max(id) FROM run WHERE engine <> ?1", [engine], |row| row.get(0)).optional().map_err(failed)?.flatten();
        Ok(last_other.map_or(0, |id| id + 1))
    }

    /// Begins a run.
    pub(super) fn begin(&self, run: &Run) -> Result<()> {
        let values = params![run.id, run.date, run.engine, run.grounds, run.stage.name(), run.started, text(&run.plan), text(&run.place), text(&run.tally)];
        let sql = "INSERT INTO run (id, date, engine, grounds, stage, started, plan, place, tally) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.db.execute(sql, values).map(|_| ()).map_err(failed)
    }

    /// Forgets a run that has not ended and everything that it scored, so that it is scored again.
    pub(super) fn abandon(&self, id: i64) -> Result<()> {
        let work = || {
            self.db.execute_batch("BEGIN")?;
            for table in ["row", "file"] {
                self.db.execute(&format!("DELETE FROM {table} WHERE run = ?1"), [id])?;
            }
            self.db.execute("DELETE FROM run WHERE id = ?1", [id])?;
            self.db.execute_batch("COMMIT")
        };
        work().map_err(failed)
    }

    /// Begins a transaction; [`State::checkpoint`] ends it.
    pub(super) fn start(&self) -> Result<()> {
        self.db.execute_batch("BEGIN IMMEDIATE").map_err(failed)
    }

    /// Ends a transaction with how far the run has come.
    pub(super) fn checkpoint(&self, run: &Run) -> Result<()> {
        let work = || {
            let values = params![run.id, run.stage.name(), run.resumed, text(&run.place), text(&run.tally)];
            self.db.execute("UPDATE run SET stage = ?2, resumed = ?3, place = ?4, tally = ?5 WHERE id = ?1", values)?;
            self.db.execute_batch("COMMIT")
        };
        work().map_err(failed)
    }

    /// Takes note of rows, and says of each whether this run has to score it: it is new, its text has changed, or no run since `first` saw it.
    pub(super) fn claim(&self, keys: &[Key], run: i64, first: i64) -> Result<Vec<bool>> {
        let sql = "INSERT INTO row VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET text = excluded.text, run = excluded.run WHERE text <> excluded.text OR run < ?4";
        let mut claim = self.db.prepare_cached(sql).map_err(failed)?;
        keys.iter().map(|key| claim.execute(params![key.row, key.text, run, first]).map(|changed| changed > 0).map_err(failed)).collect()
    }

    /// Whether a run would have to score a row.
    pub(super) fn is_new(&self, key: &Key, first: i64) -> Result<bool> {
        let mut find = self.db.prepare_cached("SELECT 1 FROM row WHERE key = ?1 AND text = ?2 AND run >= ?3").map_err(failed)?;
        find.exists(params![key.row, key.text, first]).map(|seen| !seen).map_err(failed)
    }

    /// What was read of a file by runs since `first`: length, time of change, hash, cuts.
    pub(super) fn file(&self, source: &str, path: &str, first: i64) -> Result<Option<(u64, i64, String, u64)>> {
        let sql = "SELECT bytes, modified, sha256, cuts FROM file WHERE source = ?1 AND path = ?2 AND run >= ?3";
        let get = |row: &rusqlite::Row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?.cast_unsigned()));
        self.db.query_row(sql, params![source, path, first], get).optional().map_err(failed)
    }

    /// Takes note that a file is read to its end, and how many of its first cuts are surely whole.
    pub(super) fn settle(&self, file: &Planned, whole: u64, run: i64) -> Result<()> {
        let values = params![file.source, file.path, file.bytes.cast_signed(), file.modified, file.sha256, whole.cast_signed(), run];
        self.db.execute("INSERT OR REPLACE INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", values).map(|_| ()).map_err(failed)
    }

    /// Forgets rows that were scored by runs of days before; returns how many.
    pub(super) fn expire_rows(&self, before: &str) -> Result<usize> {
        let old = "SELECT id FROM run WHERE date < ?1 AND stage = 'done'";
        // All rows are looked at to find those of a run.
        if !self.db.prepare(old).and_then(|mut runs| runs.exists([before])).map_err(failed)? {
            return Ok(0);
        }
        self.db.execute(&format!("DELETE FROM row WHERE run IN ({old})"), [before]).map_err(failed)
    }

    /// The engine of the last run that has ended.
    pub(super) fn last_engine(&self) -> Result<Option<String>> {
        let sql = "SELECT engine FROM run WHERE stage = 'done' ORDER BY id DESC LIMIT 1";
        self.db.query_row(sql, [], |row| row.get(0)).optional().map_err(failed)
    }

    /// The names of runs that have ended, of days before one if it is given.
    pub(super) fn ended_names(&self, before: Option<&str>) -> Result<Vec<String>> {
        let mut query = self.db.prepare("SELECT id, date FROM run WHERE stage = 'done' AND (?1 IS NULL OR date < ?1) ORDER BY id").map_err(failed)?;
        let get = |row: &rusqlite::Row| Ok(name(row.get(0)?, &row.get::<_, String>(1)?));
        query.query_map([before], get).and_then(Iterator::collect).map_err(failed)
    }

    /// A fact by its name.
    pub(super) fn fact(&self, name: &str) -> Result<Option<String>> {
        self.db.query_row("SELECT value FROM fact WHERE name = ?1", [name], |row| row.get(0)).optional().map_err(failed)
    }

    /// Takes note of a fact.
    pub(super) fn set_fact(&self, name: &str, value: &str) -> Result<()> {
        self.db.execute("INSERT OR REPLACE INTO fact VALUES (?1, ?2)", [name, value]).map(|_| ()).map_err(failed)
    }

    /// Takes note of reviews; a later one of an item takes the place of an earlier one.
    pub(super) fn note(&self, reviews: &[Review]) -> Result<()> {
        let work = || {
            self.db.execute_batch("BEGIN")?;
            for r in reviews {
                let values = params![r.item, r.run, r.outcome, r.probability, r.keep, r.date];
                self.db.execute("INSERT OR REPLACE INTO review VALUES (?1, ?2, ?3, ?4, ?5, ?6)", values)?;
            }
            self.db.execute_batch("COMMIT")
        };
        work().map_err(failed)
    }

    /// All reviews, by item.
    pub(super) fn reviews(&self) -> Result<Vec<Review>> {
        let mut query = self.db.prepare("SELECT item, run, outcome, probability, keep, date FROM review ORDER BY item, run").map_err(failed)?;
        let get = |row: &rusqlite::Row| {
            Ok(Review { item: row.get(0)?, run: row.get(1)?, outcome: row.get(2)?, probability: row.get(3)?, keep: row.get(4)?, date: row.get(5)? })
        };
        query.query_map([], get).and_then(Iterator::collect).map_err(failed)
    }
}
