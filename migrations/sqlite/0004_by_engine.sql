-- History is append-only.
CREATE TRIGGER history_is_not_changed BEFORE UPDATE ON history
BEGIN
    SELECT RAISE(ABORT, 'history cannot be changed');
END;

CREATE TRIGGER history_is_not_deleted BEFORE DELETE ON history
BEGIN
    SELECT RAISE(ABORT, 'history cannot be deleted');
END;

-- While somebody types into the filter row of the users, every user is looked at until a page is full. An
-- index that carries what is mostly looked for saves fetching each row from the table. (PostgreSQL would
-- refuse so long a key, and reads the table with several processes at once.)
DROP INDEX sec_users_login_fold;
CREATE INDEX sec_users_login_fold ON sec_users (login_fold, id, name_fold, email_fold, company_name_fold);
DROP INDEX sec_users_name_sort;
CREATE INDEX sec_users_name_sort ON sec_users (name_sort, id, name_fold, login_fold, company_name_fold);
