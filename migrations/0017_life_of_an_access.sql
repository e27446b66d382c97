-- When an access ends, when it was used last, and who has reviewed it; when and where a user signed in last.
ALTER TABLE crm_customer_external_access ADD COLUMN valid_until TEXT
    CONSTRAINT crm_customer_external_access_valid_until_check CHECK (length(valid_until) = 10);
ALTER TABLE crm_customer_external_access ADD COLUMN last_used BIGINT;
ALTER TABLE crm_customer_external_access ADD COLUMN reviewed_at BIGINT;
ALTER TABLE crm_customer_external_access ADD COLUMN reviewed_by TEXT
    CONSTRAINT crm_customer_external_access_reviewed_by_check CHECK (length(reviewed_by) <= 64);
ALTER TABLE crm_customer_external_access ADD COLUMN reviewed_by_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE sec_users ADD COLUMN last_sign_in BIGINT;
ALTER TABLE sec_users ADD COLUMN last_sign_in_site TEXT
    CONSTRAINT sec_users_last_sign_in_site_check CHECK (length(last_sign_in_site) <= 254);
ALTER TABLE sec_users ADD COLUMN last_sign_in_site_fold TEXT NOT NULL DEFAULT '';

-- The views of the accesses. Few have an end; an access that was never used has no last use.
CREATE INDEX crm_customer_external_access_valid_until
    ON crm_customer_external_access (valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX crm_customer_external_access_last_used ON crm_customer_external_access (last_used);

-- What was decided about accesses, in the order of time: each entry in the history of a customer has all terms of the
-- access before and after.
CREATE INDEX history_accesses ON history (at, seq)
    WHERE entity_set = 'Crm_Sales_Customers' AND part_set = 'Crm_Sales_CustomerExternalAccess';
