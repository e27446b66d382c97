-- History is append-only.
CREATE TRIGGER history_is_not_changed BEFORE UPDATE ON history
BEGIN
    SELECT RAISE(ABORT, 'history cannot be changed');
END;

CREATE TRIGGER history_is_not_deleted BEFORE DELETE ON history
BEGIN
    SELECT RAISE(ABORT, 'history cannot be deleted');
END;
