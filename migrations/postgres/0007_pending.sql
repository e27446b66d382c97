-- Beside each user stands whether a request of theirs is pending.
CREATE FUNCTION note_pending_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sec_users
       SET request_pending = EXISTS (
               SELECT 1 FROM sec_account_requests WHERE user_id = NEW.user_id AND state = 'pending')
     WHERE id = NEW.user_id;
    RETURN NULL;
END $$;

CREATE TRIGGER sec_account_requests_changed AFTER INSERT OR UPDATE ON sec_account_requests
    FOR EACH ROW EXECUTE FUNCTION note_pending_request();
