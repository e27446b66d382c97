-- Hashes in the formats of older systems. While there are any, each check of a password takes as long as that of one
-- of them, so that its time tells nothing.
CREATE INDEX sec_credentials_older ON sec_credentials (user_id) WHERE substr(hash, 1, 1) <> '$';

-- Failures of long ago are deleted at each sign-in.
CREATE INDEX sec_sign_in_failures_last_at ON sec_sign_in_failures (last_at);
