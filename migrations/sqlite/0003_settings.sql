-- "ccdk": the mark by which an SQLite file is known to be ours (storage/db/sqlite.rs reads it).
PRAGMA application_id = 1667458155;
