-- Look-alikes are found by logins and e-mails, as they are written. The skeletons of older versions, which are of logins in
-- lower case, are removed; the program computes all of them when the database is opened next (unfinished_steps).
DROP INDEX sec_users_login_skeleton;
ALTER TABLE sec_users DROP COLUMN login_skeleton;
ALTER TABLE sec_users ADD COLUMN login_skeleton TEXT;
ALTER TABLE sec_users ADD COLUMN email_skeleton TEXT;
CREATE INDEX sec_users_login_skeleton ON sec_users (login_skeleton);
CREATE INDEX sec_users_email_skeleton ON sec_users (email_skeleton);
INSERT INTO unfinished_steps (name)
SELECT 'skeletons'
 WHERE EXISTS (SELECT 1 FROM sec_users);
