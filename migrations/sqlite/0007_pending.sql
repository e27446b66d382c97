-- Beside each user stands whether a request of theirs is pending.
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
