-- Passwords, one-time codes and sign-ins; repeated requests; what a visitor of a Client Center chose last.

-- Counts a login's passwords. Who came in with the one before is shown out at the next step.
ALTER TABLE sec_credentials ADD COLUMN serial BIGINT NOT NULL DEFAULT 1;

-- One-time codes with which an owner chooses a new password; never more than one for a login.
CREATE TABLE sec_reset_codes (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES sec_users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    issued_by TEXT NOT NULL,
    ends_at BIGINT NOT NULL
);

-- Wrong passwords, counted for each login and each source. The bucket is a hash, because what is typed into the
-- box of a login may be a password.
CREATE TABLE sec_sign_in_failures (
    bucket TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    waits_until BIGINT NOT NULL
);

-- From where a login has signed in before. Strangers who try its password slow down only strangers.
CREATE TABLE sec_known_sources (
    user_id UUID NOT NULL REFERENCES sec_users (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, source)
);

-- Requests with an e-mail that has an account already: for the operator to see, with nothing to decide.
CREATE TABLE sec_repeated_requests (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES sec_users (id) ON DELETE CASCADE,
    submitted_at BIGINT NOT NULL,
    source TEXT NOT NULL
        CONSTRAINT sec_repeated_requests_source_check CHECK (source IN ('console', 'command line', 'import', 'web')),
    message TEXT
        CONSTRAINT sec_repeated_requests_message_check CHECK (length(message) <= 254)
);
CREATE INDEX sec_repeated_requests_user_id ON sec_repeated_requests (user_id, submitted_at);

-- The customer that a user chose last at a site.
CREATE TABLE sec_last_customers (
    user_id UUID NOT NULL REFERENCES sec_users (id) ON DELETE CASCADE,
    site_id UUID NOT NULL REFERENCES sys_web_sites (id) ON DELETE CASCADE,
    customer_id UUID NOT NULL REFERENCES crm_customers (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, site_id)
);

-- The views of the users. Who waits is written beside the user, or a page in the order of logins would look at every
-- user; 0007 keeps it true.
ALTER TABLE sec_users ADD COLUMN request_pending BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE sec_users SET request_pending = TRUE
 WHERE id IN (SELECT user_id FROM sec_account_requests WHERE state = 'pending');
CREATE INDEX sec_users_pending ON sec_users (login_fold, id) WHERE active AND request_pending;
CREATE INDEX sec_users_internal ON sec_users (login_fold, id) WHERE user_type = 'INT';
CREATE INDEX sec_users_inactive ON sec_users (login_fold, id) WHERE active = FALSE;

-- Days Back Access ends at 36,500. What was further back is cut to that, which lets nobody see more than before.
CREATE TABLE crm_customer_external_access_limited (
    id UUID NOT NULL PRIMARY KEY,
    customer UUID NOT NULL REFERENCES crm_customers (id),
    user_id UUID NOT NULL REFERENCES sec_users (id),
    role TEXT NOT NULL
        CONSTRAINT crm_customer_external_access_role_check
            CHECK (role IN ('L10', 'L20', 'L30', 'L40', 'L80', 'L90')),
    days_back_access BIGINT
        CONSTRAINT crm_customer_external_access_days_back_access_check
            CHECK (days_back_access BETWEEN 0 AND 36500),
    notes TEXT
        CONSTRAINT crm_customer_external_access_notes_check CHECK (length(notes) <= 254),
    notes_fold TEXT NOT NULL DEFAULT '',
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT crm_customer_external_access_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT crm_customer_external_access_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
INSERT INTO crm_customer_external_access_limited
SELECT id, customer, user_id, role,
       CASE WHEN days_back_access > 36500 THEN 36500 ELSE days_back_access END,
       notes, notes_fold, object_version, external_id, external_system, creation_time, creation_user, update_time,
       update_user, extra
  FROM crm_customer_external_access;
DROP TABLE crm_customer_external_access;
ALTER TABLE crm_customer_external_access_limited RENAME TO crm_customer_external_access;
CREATE INDEX crm_customer_external_access_user_id ON crm_customer_external_access (user_id);
CREATE INDEX crm_customer_external_access_external_id ON crm_customer_external_access (external_id);
CREATE UNIQUE INDEX crm_customer_external_access_customer_user_id_key
    ON crm_customer_external_access (customer, user_id);
