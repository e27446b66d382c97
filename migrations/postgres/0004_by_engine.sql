-- History is append-only.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history cannot be %', CASE TG_OP WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END;
END $$;

CREATE TRIGGER history_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Texts compare by their bytes, as on SQLite: a list has the same order on both engines, wherever the server stands.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT table_name, string_agg(format('ALTER COLUMN %I TYPE TEXT COLLATE "C"', column_name), ', ') AS changes
          FROM information_schema.columns
         WHERE table_schema = current_schema() AND data_type = 'text'
           AND table_name NOT LIKE 'ccdesk%'
         GROUP BY table_name
    LOOP
        EXECUTE format('ALTER TABLE %I %s', found.table_name, found.changes);
    END LOOP;
END $$;
