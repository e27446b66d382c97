-- Texts compare by their bytes, as on SQLite: a list has the same order on both engines, wherever the server
-- stands. This is no numbered step: it follows the steps that were just taken, and so reaches every table.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT table_name, string_agg(format('ALTER COLUMN %I TYPE TEXT COLLATE "C"', column_name), ', ') AS changes
          FROM information_schema.columns
         WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
           AND table_name NOT LIKE 'ccdesk%'
         GROUP BY table_name
    LOOP
        EXECUTE format('ALTER TABLE %I %s', found.table_name, found.changes);
    END LOOP;
END $$;
