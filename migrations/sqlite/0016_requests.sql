-- A request can wait for something that somebody else has to do first, until a day where one is named. A reopened
-- request keeps neither.
CREATE TABLE sec_account_requests_waiting (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES sec_users (id) ON DELETE CASCADE,
    submitted_at BIGINT NOT NULL,
    source TEXT NOT NULL
        CONSTRAINT sec_account_requests_source_check CHECK (source IN ('console', 'command line', 'import', 'web')),
    state TEXT NOT NULL
        CONSTRAINT sec_account_requests_state_check CHECK (state IN ('pending', 'waiting', 'configured', 'rejected')),
    decided_at BIGINT,
    decided_by TEXT,
    reason TEXT
        CONSTRAINT sec_account_requests_reason_check CHECK (length(reason) <= 254),
    waiting_until TEXT
        CONSTRAINT sec_account_requests_waiting_until_check CHECK (length(waiting_until) = 10)
);
INSERT INTO sec_account_requests_waiting (id, user_id, submitted_at, source, state, decided_at, decided_by, reason)
SELECT id, user_id, submitted_at, source, state, decided_at, decided_by, reason FROM sec_account_requests;
DROP TABLE sec_account_requests;
ALTER TABLE sec_account_requests_waiting RENAME TO sec_account_requests;
CREATE INDEX sec_account_requests_user_id ON sec_account_requests (user_id);
CREATE INDEX sec_account_requests_pending ON sec_account_requests (user_id) WHERE state = 'pending';
CREATE INDEX sec_account_requests_waiting ON sec_account_requests (user_id) WHERE state = 'waiting';
CREATE INDEX sec_account_requests_open ON sec_account_requests (user_id) WHERE state IN ('pending', 'waiting');

CREATE TRIGGER sec_account_requests_added AFTER INSERT ON sec_account_requests WHEN NEW.state = 'pending'
BEGIN
    UPDATE sec_users SET request_pending = TRUE WHERE id = NEW.user_id;
END;

CREATE TRIGGER sec_account_requests_decided AFTER UPDATE ON sec_account_requests
BEGIN
    UPDATE sec_users
       SET request_pending = EXISTS (
               SELECT 1 FROM sec_account_requests WHERE user_id = NEW.user_id AND state = 'pending')
     WHERE id = NEW.user_id;
END;

-- The queue shows the oldest request first.
CREATE INDEX sec_users_oldest_pending ON sec_users (creation_time_utc, id) WHERE active AND request_pending;

-- Who works on a request, for the others to see. It ends by itself a while after the last sign of work, and blocks
-- nothing.
CREATE TABLE sec_request_claims (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES sec_users (id) ON DELETE CASCADE,
    operator UUID NOT NULL REFERENCES sec_users (id) ON DELETE CASCADE,
    since BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX sec_request_claims_operator ON sec_request_claims (operator);

-- The notes of a request are entries of history; this finds them.
CREATE INDEX history_notes ON history (record_id, seq) WHERE action = 'noted';

-- The reasons for rejecting a request that are offered. The program fills in the first ones (unfinished_steps).
CREATE TABLE sec_rejection_reasons (
    id UUID NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    reason_fold TEXT NOT NULL DEFAULT '',
    reason_sort TEXT NOT NULL DEFAULT '',
    is_active BOOLEAN NOT NULL,
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT sec_rejection_reasons_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT sec_rejection_reasons_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE INDEX sec_rejection_reasons_external_id ON sec_rejection_reasons (external_id);
INSERT INTO unfinished_steps (name) VALUES ('rejection reasons');
