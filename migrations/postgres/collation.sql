-- Gives every text column the collation "C", so that texts compare by their bytes, as on SQLite, and a list has the same
-- order on both engines whatever the locale of the server. This is no numbered step: it runs after the steps that a
-- database lacked, and so covers the tables of all steps.
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
