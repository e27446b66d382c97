-- The host of a web site.
ALTER TABLE sys_web_sites ADD COLUMN web_host TEXT
    CONSTRAINT sys_web_sites_web_host_check CHECK (length(web_host) <= 254);
ALTER TABLE sys_web_sites ADD COLUMN web_host_fold TEXT NOT NULL DEFAULT '';

-- Work that steps leave to the program, which alone can fold text and write history. It does it when the database is
-- opened next, and removes the row.
CREATE TABLE unfinished_steps (
    name TEXT NOT NULL PRIMARY KEY
);

-- Party Names of branches and locations have to be computed again, and hosts were kept among the properties that no
-- field holds.
INSERT INTO unfinished_steps (name)
SELECT 'party names and hosts'
 WHERE EXISTS (SELECT 1 FROM cm_companies WHERE branch_number <> 0)
    OR EXISTS (SELECT 1 FROM cm_company_locations)
    OR EXISTS (SELECT 1 FROM sys_web_sites WHERE extra IS NOT NULL);
