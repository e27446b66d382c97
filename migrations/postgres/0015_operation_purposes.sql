-- Operations: what one action of a user wrote, with who did it, when, and what it was for. A row is written once, when the
-- transaction of the operation is committed.
CREATE TABLE operations (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    login TEXT NOT NULL,
    purpose TEXT NOT NULL
        CONSTRAINT operations_purpose_check CHECK (length(purpose) <= 254),
    -- How many records its entries of history belong to.
    records BIGINT NOT NULL,
    -- The operation that this one undoes, and the number of the entry when it undoes only that one.
    undoes UUID,
    undoes_entry BIGINT
);
CREATE INDEX operations_at ON operations (at, id);
CREATE INDEX operations_login ON operations (login, at, id);
CREATE INDEX operations_undoes ON operations (undoes) WHERE undoes IS NOT NULL;

-- What an operation did to records of an entity: one row for each entity and action among its entries of history, so that
-- the list of operations can be filtered by both.
CREATE TABLE operation_actions (
    entity_set TEXT NOT NULL,
    action TEXT NOT NULL,
    at BIGINT NOT NULL,
    operation UUID NOT NULL
);
CREATE INDEX operation_actions_entity_set ON operation_actions (entity_set, at, operation, action);
CREATE INDEX operation_actions_action ON operation_actions (action, at, operation);

-- Operations from before this step have no purpose.
INSERT INTO operations (id, at, login, purpose, records)
SELECT operation, min(at), min(login), '', count(DISTINCT record_id)
  FROM history
 WHERE operation IS NOT NULL
 GROUP BY operation;
INSERT INTO operation_actions (entity_set, action, at, operation)
SELECT DISTINCT h.entity_set, h.action, o.at, o.id
  FROM operations o
  JOIN history h ON h.operation = o.id;

-- Both can only grow, as history.
CREATE TRIGGER operations_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON operations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_actions_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON operation_actions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
