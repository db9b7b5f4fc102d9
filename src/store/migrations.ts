/** One forward step of the store's schema. Released steps are never edited: test/store/migrations.test.ts pins them. */
export interface Migration {
  /** `PRAGMA user_version` after this step; 1, 2, 3 … without gaps. */
  readonly version: number;
  readonly sql: string;
}

// Times are REAL (milliseconds may have a fraction), counts and offsets INTEGER. JSON columns hold text.
// `revision.seq` orders all revisions by the moment they became durable and is never reused: feeds tail it.
// `window` holds one row per window, its latest revision, so that a list never reads the larger events.
const VERSION_1 = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE position (
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  resume_at INTEGER NOT NULL,
  read_to INTEGER NOT NULL,
  max_time_ms REAL,
  PRIMARY KEY (source, topic, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
  part TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (part, key)
) STRICT;

CREATE TABLE window (
  window_id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  status TEXT NOT NULL,
  tenant TEXT NOT NULL,
  severity INTEGER NOT NULL,
  onset_ms REAL NOT NULL,
  watermark_ms REAL NOT NULL,
  services TEXT NOT NULL,
  kinds TEXT NOT NULL,
  headline TEXT NOT NULL,
  revisions_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX window_by_onset ON window (onset_ms DESC, window_id);
CREATE INDEX window_by_watermark ON window (watermark_ms, window_id);

CREATE TABLE revision (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  window_id TEXT NOT NULL REFERENCES window (window_id) ON DELETE CASCADE,
  revision INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (window_id, revision)
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms REAL NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE feed_cursor (
  feed TEXT PRIMARY KEY,
  window_rowid INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

// The table of version 1 was never written to. `seq` is that of the last revision that the feed's target acknowledged,
// `expired` counts revisions that retention deleted before.
const VERSION_2 = `
DROP TABLE feed_cursor;
CREATE TABLE feed_cursor (
  feed TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  expired INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

// The value of a row of state may be bytes, too.
const VERSION_3 = `
ALTER TABLE state RENAME TO state_text;
CREATE TABLE state (
  part TEXT NOT NULL,
  key TEXT NOT NULL,
  value ANY NOT NULL,
  PRIMARY KEY (part, key)
) STRICT;
INSERT INTO state SELECT part, key, value FROM state_text;
DROP TABLE state_text;
`;

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: VERSION_1 },
  { version: 2, sql: VERSION_2 },
  { version: 3, sql: VERSION_3 },
];
