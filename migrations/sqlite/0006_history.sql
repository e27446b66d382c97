-- Entries of history get a number of their own: several may concern one record at one moment.
ALTER TABLE history RENAME TO history_before;
CREATE TABLE history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    record_id UUID NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    action TEXT NOT NULL,
    entity_set TEXT NOT NULL,
    login TEXT NOT NULL,
    changes TEXT NOT NULL,
    reason TEXT
);
INSERT INTO history (record_id, at, version, action, entity_set, login, changes, reason)
SELECT record_id, at, version, action, entity_set, login, changes, reason
  FROM history_before
 ORDER BY at, record_id, version, action DESC;
DROP TRIGGER history_is_not_changed;
DROP TRIGGER history_is_not_deleted;
DROP TABLE history_before;
CREATE INDEX history_record ON history (record_id, entity_set, seq);

CREATE TRIGGER history_is_not_changed BEFORE UPDATE ON history
BEGIN
    SELECT RAISE(ABORT, 'history cannot be changed');
END;

CREATE TRIGGER history_is_not_deleted BEFORE DELETE ON history
BEGIN
    SELECT RAISE(ABORT, 'history cannot be deleted');
END;
