-- Notes of an external access and of a web site have 4,000 characters, as in ERP.net.
ALTER TABLE crm_customer_external_access DROP CONSTRAINT crm_customer_external_access_notes_check;
ALTER TABLE crm_customer_external_access ADD CONSTRAINT crm_customer_external_access_notes_check CHECK (length(notes) <= 4000);
ALTER TABLE sys_web_sites DROP CONSTRAINT sys_web_sites_notes_check;
ALTER TABLE sys_web_sites ADD CONSTRAINT sys_web_sites_notes_check CHECK (length(notes) <= 4000);

-- An imported object without id and code is compared with the records that have the same names.
CREATE INDEX cm_persons_first_name_sort ON cm_persons (first_name_sort, last_name_sort);
CREATE INDEX cm_persons_last_name_sort ON cm_persons (last_name_sort);
CREATE INDEX crm_customer_types_name_sort ON crm_customer_types (name_sort);
