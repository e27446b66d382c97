-- Notes of an external access and of a web site have 4,000 characters, as in ERP.net.
ALTER TABLE crm_customer_external_access RENAME COLUMN notes TO notes_254;
ALTER TABLE crm_customer_external_access ADD COLUMN notes TEXT
    CONSTRAINT crm_customer_external_access_notes_check CHECK (length(notes) <= 4000);
UPDATE crm_customer_external_access SET notes = notes_254 WHERE notes_254 IS NOT NULL;
ALTER TABLE crm_customer_external_access DROP COLUMN notes_254;
ALTER TABLE sys_web_sites RENAME COLUMN notes TO notes_254;
ALTER TABLE sys_web_sites ADD COLUMN notes TEXT
    CONSTRAINT sys_web_sites_notes_check CHECK (length(notes) <= 4000);
UPDATE sys_web_sites SET notes = notes_254 WHERE notes_254 IS NOT NULL;
ALTER TABLE sys_web_sites DROP COLUMN notes_254;

-- An imported object without id and code is compared with the records that have the same names.
CREATE INDEX cm_persons_first_name_sort ON cm_persons (first_name_sort, last_name_sort);
CREATE INDEX cm_persons_last_name_sort ON cm_persons (last_name_sort);
CREATE INDEX crm_customer_types_name_sort ON crm_customer_types (name_sort);
