-- The tables of every entity in src/domain/schema/, column for column; a test holds the two together.
--
-- Kinds of columns: an instant is microseconds since 1970 UTC, an amount hundredths, a date ISO text, an enumeration
-- its code, a text in several languages a JSON object by language. Lengths count characters on both engines. (Those of
-- each translation cannot be checked by both: the service does.)
--
-- Twins beside a text: _fold is what filters look into and orders compare, without case and accents; _sort is the
-- beginning of it for texts in several languages, of which an index entry could not hold all; _key is what is unique.
--
-- Every CHECK and unique index has a name by which the field it is about can be found.

-- Currencies, from ISO 4217 (storage/seed.rs).
CREATE TABLE gen_currencies (
    id UUID NOT NULL PRIMARY KEY,
    currency_sign TEXT NOT NULL
        CONSTRAINT gen_currencies_currency_sign_check CHECK (length(currency_sign) <= 4),
    currency_sign_fold TEXT NOT NULL DEFAULT '',
    currency_sign_key TEXT,
    name TEXT NOT NULL
        CONSTRAINT gen_currencies_name_check CHECK (length(name) <= 50),
    name_fold TEXT NOT NULL DEFAULT '',
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT gen_currencies_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT gen_currencies_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE UNIQUE INDEX gen_currencies_currency_sign_key_key ON gen_currencies (currency_sign_key);
CREATE INDEX gen_currencies_external_id ON gen_currencies (external_id);

-- Countries, from ISO 3166-1 (storage/seed.rs).
CREATE TABLE gen_countries (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL
        CONSTRAINT gen_countries_code_check CHECK (length(code) <= 2),
    code_fold TEXT NOT NULL DEFAULT '',
    code_key TEXT,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL DEFAULT '',
    name_sort TEXT NOT NULL DEFAULT '',
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT gen_countries_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT gen_countries_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE UNIQUE INDEX gen_countries_code_key_key ON gen_countries (code_key);
CREATE INDEX gen_countries_external_id ON gen_countries (external_id);

-- Parties: the base of persons, companies and locations, which share their ids. Lists of one subtype and of all
-- are walked by name and by code.
CREATE TABLE gen_parties (
    id UUID NOT NULL PRIMARY KEY,
    party_code TEXT NOT NULL
        CONSTRAINT gen_parties_party_code_check CHECK (length(party_code) <= 16),
    party_code_fold TEXT NOT NULL DEFAULT '',
    party_code_key TEXT,
    party_name TEXT NOT NULL,
    party_name_fold TEXT NOT NULL DEFAULT '',
    party_name_sort TEXT NOT NULL DEFAULT '',
    party_type TEXT NOT NULL
        CONSTRAINT gen_parties_party_type_check CHECK (party_type IN ('P', 'C', 'L', 'V', 'S')),
    party_unique_number TEXT
        CONSTRAINT gen_parties_party_unique_number_check CHECK (length(party_unique_number) <= 16),
    party_unique_number_fold TEXT NOT NULL DEFAULT '',
    parent_party UUID REFERENCES gen_parties (id),
    is_active BOOLEAN NOT NULL,
    party_notes TEXT
        CONSTRAINT gen_parties_party_notes_check CHECK (length(party_notes) <= 254),
    party_notes_fold TEXT NOT NULL DEFAULT '',
    gln TEXT
        CONSTRAINT gen_parties_gln_check CHECK (length(gln) <= 13),
    gln_fold TEXT NOT NULL DEFAULT '',
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT gen_parties_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT gen_parties_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE UNIQUE INDEX gen_parties_party_code_key_key ON gen_parties (party_code_key);
CREATE INDEX gen_parties_parent_party ON gen_parties (parent_party);
CREATE INDEX gen_parties_external_id ON gen_parties (external_id);
CREATE INDEX gen_parties_party_name_sort ON gen_parties (party_name_sort, id);
CREATE INDEX gen_parties_party_type_party_name_sort ON gen_parties (party_type, party_name_sort, id);
CREATE INDEX gen_parties_party_code_fold ON gen_parties (party_code_fold, id);
CREATE INDEX gen_parties_party_type_party_code_fold ON gen_parties (party_type, party_code_fold, id);

-- Companies. Two may share a name or a registration number only with different branch numbers.
CREATE TABLE cm_companies (
    id UUID NOT NULL PRIMARY KEY REFERENCES gen_parties (id),
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL DEFAULT '',
    name_sort TEXT NOT NULL DEFAULT '',
    name_key TEXT,
    registration_number TEXT
        CONSTRAINT cm_companies_registration_number_check CHECK (length(registration_number) <= 16),
    registration_number_fold TEXT NOT NULL DEFAULT '',
    registration_number_key TEXT,
    registration_vat_number TEXT
        CONSTRAINT cm_companies_registration_vat_number_check CHECK (length(registration_vat_number) <= 16),
    registration_vat_number_fold TEXT NOT NULL DEFAULT '',
    registration_type TEXT,
    registration_type_fold TEXT NOT NULL DEFAULT '',
    registration_type_sort TEXT NOT NULL DEFAULT '',
    registration_primary_address TEXT,
    registration_primary_address_fold TEXT NOT NULL DEFAULT '',
    registration_primary_address_sort TEXT NOT NULL DEFAULT '',
    city TEXT,
    city_fold TEXT NOT NULL DEFAULT '',
    city_sort TEXT NOT NULL DEFAULT '',
    country UUID REFERENCES gen_countries (id),
    responsible_person_name TEXT,
    responsible_person_name_fold TEXT NOT NULL DEFAULT '',
    responsible_person_name_sort TEXT NOT NULL DEFAULT '',
    is_vat_registered BOOLEAN,
    branch_number BIGINT NOT NULL
        CONSTRAINT cm_companies_branch_number_check CHECK (branch_number >= 0)
);
CREATE INDEX cm_companies_country ON cm_companies (country);
CREATE UNIQUE INDEX cm_companies_name_key_branch_number_key ON cm_companies (name_key, branch_number);
CREATE UNIQUE INDEX cm_companies_registration_number_key_branch_number_key
    ON cm_companies (registration_number_key, branch_number);

-- Company locations.
CREATE TABLE cm_company_locations (
    id UUID NOT NULL PRIMARY KEY REFERENCES gen_parties (id),
    company UUID NOT NULL REFERENCES cm_companies (id),
    location_name TEXT NOT NULL,
    location_name_fold TEXT NOT NULL DEFAULT '',
    location_name_sort TEXT NOT NULL DEFAULT '',
    working_time TEXT
        CONSTRAINT cm_company_locations_working_time_check CHECK (length(working_time) <= 254),
    working_time_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX cm_company_locations_company ON cm_company_locations (company);

-- Persons.
CREATE TABLE cm_persons (
    id UUID NOT NULL PRIMARY KEY REFERENCES gen_parties (id),
    first_name TEXT,
    first_name_fold TEXT NOT NULL DEFAULT '',
    first_name_sort TEXT NOT NULL DEFAULT '',
    middle_name TEXT,
    middle_name_fold TEXT NOT NULL DEFAULT '',
    middle_name_sort TEXT NOT NULL DEFAULT '',
    last_name TEXT,
    last_name_fold TEXT NOT NULL DEFAULT '',
    last_name_sort TEXT NOT NULL DEFAULT '',
    title TEXT,
    title_fold TEXT NOT NULL DEFAULT '',
    title_sort TEXT NOT NULL DEFAULT '',
    gender TEXT
        CONSTRAINT cm_persons_gender_check CHECK (gender IN ('F', 'M', 'O', 'N')),
    birth_date TEXT
        CONSTRAINT cm_persons_birth_date_check CHECK (length(birth_date) = 10),
    nationality UUID REFERENCES gen_countries (id),
    city TEXT,
    city_fold TEXT NOT NULL DEFAULT '',
    city_sort TEXT NOT NULL DEFAULT '',
    national_number TEXT
        CONSTRAINT cm_persons_national_number_check CHECK (length(national_number) <= 16),
    national_number_fold TEXT NOT NULL DEFAULT '',
    passport_number TEXT
        CONSTRAINT cm_persons_passport_number_check CHECK (length(passport_number) <= 14),
    passport_number_fold TEXT NOT NULL DEFAULT '',
    passport_issuing_date TEXT
        CONSTRAINT cm_persons_passport_issuing_date_check CHECK (length(passport_issuing_date) = 10),
    notes TEXT
        CONSTRAINT cm_persons_notes_check CHECK (length(notes) <= 254),
    notes_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX cm_persons_nationality ON cm_persons (nationality);

-- Enterprise companies: ours. A company is one of them once at the most.
CREATE TABLE gen_enterprise_companies (
    id UUID NOT NULL PRIMARY KEY,
    company UUID NOT NULL REFERENCES cm_companies (id),
    base_currency UUID NOT NULL REFERENCES gen_currencies (id),
    default_customer_credit_limit_base BIGINT
        CONSTRAINT gen_enterprise_companies_credit_limit_check
            CHECK (abs(default_customer_credit_limit_base) < 1000000000000000000),
    is_active BOOLEAN NOT NULL,
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT gen_enterprise_companies_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT gen_enterprise_companies_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE UNIQUE INDEX gen_enterprise_companies_company_key ON gen_enterprise_companies (company);
CREATE INDEX gen_enterprise_companies_base_currency ON gen_enterprise_companies (base_currency);
CREATE INDEX gen_enterprise_companies_external_id ON gen_enterprise_companies (external_id);

-- Document types: CC009 looks for one of a sales order.
CREATE TABLE sys_document_types (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL
        CONSTRAINT sys_document_types_code_check CHECK (length(code) <= 16),
    code_fold TEXT NOT NULL DEFAULT '',
    code_key TEXT,
    type_name TEXT NOT NULL,
    type_name_fold TEXT NOT NULL DEFAULT '',
    type_name_sort TEXT NOT NULL DEFAULT '',
    entity_name TEXT NOT NULL
        CONSTRAINT sys_document_types_entity_name_check CHECK (length(entity_name) <= 64),
    entity_name_fold TEXT NOT NULL DEFAULT '',
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT sys_document_types_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT sys_document_types_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE UNIQUE INDEX sys_document_types_code_key_key ON sys_document_types (code_key);
CREATE INDEX sys_document_types_external_id ON sys_document_types (external_id);

-- Customer types.
CREATE TABLE crm_customer_types (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL DEFAULT '',
    name_sort TEXT NOT NULL DEFAULT '',
    is_active BOOLEAN NOT NULL,
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT crm_customer_types_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT crm_customer_types_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE INDEX crm_customer_types_external_id ON crm_customer_types (external_id);

-- Customers. At most one for a party and an enterprise company, and one for a party without: both matter, as NULL is
-- like no other NULL to the first index.
CREATE TABLE crm_customers (
    id UUID NOT NULL PRIMARY KEY,
    party UUID NOT NULL REFERENCES gen_parties (id),
    number TEXT NOT NULL
        CONSTRAINT crm_customers_number_check CHECK (length(number) <= 16),
    number_fold TEXT NOT NULL DEFAULT '',
    number_key TEXT,
    active BOOLEAN NOT NULL,
    from_date TEXT NOT NULL
        CONSTRAINT crm_customers_from_date_check CHECK (length(from_date) = 10),
    thru_date TEXT
        CONSTRAINT crm_customers_thru_date_check CHECK (length(thru_date) = 10),
    enterprise_company UUID REFERENCES gen_enterprise_companies (id),
    serviced_by UUID REFERENCES cm_company_locations (id),
    customer_type UUID REFERENCES crm_customer_types (id),
    default_currency UUID REFERENCES gen_currencies (id),
    credit_limit BIGINT
        CONSTRAINT crm_customers_credit_limit_check CHECK (abs(credit_limit) < 1000000000000000000),
    default_payment_term_days BIGINT NOT NULL
        CONSTRAINT crm_customers_default_payment_term_days_check CHECK (default_payment_term_days >= 0),
    default_payment_start_days BIGINT NOT NULL
        CONSTRAINT crm_customers_default_payment_start_days_check CHECK (default_payment_start_days >= 0),
    default_delivery_term_days BIGINT NOT NULL
        CONSTRAINT crm_customers_default_delivery_term_days_check CHECK (default_delivery_term_days >= 0),
    grace_period_days BIGINT NOT NULL
        CONSTRAINT crm_customers_grace_period_days_check CHECK (grace_period_days >= 0),
    allow_use_as_primary_customer BOOLEAN NOT NULL,
    allow_use_as_ship_to_customer BOOLEAN NOT NULL,
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT crm_customers_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT crm_customers_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE UNIQUE INDEX crm_customers_number_key_key ON crm_customers (number_key);
CREATE INDEX crm_customers_enterprise_company ON crm_customers (enterprise_company);
CREATE INDEX crm_customers_serviced_by ON crm_customers (serviced_by);
CREATE INDEX crm_customers_customer_type ON crm_customers (customer_type);
CREATE INDEX crm_customers_default_currency ON crm_customers (default_currency);
CREATE INDEX crm_customers_external_id ON crm_customers (external_id);
CREATE UNIQUE INDEX crm_customers_party_enterprise_company_key ON crm_customers (party, enterprise_company);
CREATE UNIQUE INDEX crm_customers_party_key ON crm_customers (party) WHERE enterprise_company IS NULL;
CREATE INDEX crm_customers_number_fold ON crm_customers (number_fold, id);

-- Users. A million of them are walked by the columns that people order by.
CREATE TABLE sec_users (
    id UUID NOT NULL PRIMARY KEY,
    login TEXT NOT NULL
        CONSTRAINT sec_users_login_check CHECK (length(login) <= 64),
    login_fold TEXT NOT NULL DEFAULT '',
    login_key TEXT,
    login_skeleton TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL DEFAULT '',
    name_sort TEXT NOT NULL DEFAULT '',
    is_admin BOOLEAN NOT NULL,
    notes TEXT
        CONSTRAINT sec_users_notes_check CHECK (length(notes) <= 254),
    notes_fold TEXT NOT NULL DEFAULT '',
    person UUID REFERENCES cm_persons (id),
    active BOOLEAN NOT NULL,
    windows_user_name TEXT
        CONSTRAINT sec_users_windows_user_name_check CHECK (length(windows_user_name) <= 128),
    windows_user_name_fold TEXT NOT NULL DEFAULT '',
    voice_extension_numbers TEXT
        CONSTRAINT sec_users_voice_extension_numbers_check CHECK (length(voice_extension_numbers) <= 254),
    voice_extension_numbers_fold TEXT NOT NULL DEFAULT '',
    access_failed_count BIGINT NOT NULL
        CONSTRAINT sec_users_access_failed_count_check CHECK (access_failed_count >= 0),
    basic_authentication_allowed BOOLEAN NOT NULL,
    email TEXT
        CONSTRAINT sec_users_email_check CHECK (length(email) <= 254),
    email_fold TEXT NOT NULL DEFAULT '',
    email_key TEXT,
    company_name TEXT
        CONSTRAINT sec_users_company_name_check CHECK (length(company_name) <= 64),
    company_name_fold TEXT NOT NULL DEFAULT '',
    registration_message TEXT
        CONSTRAINT sec_users_registration_message_check CHECK (length(registration_message) <= 254),
    registration_message_fold TEXT NOT NULL DEFAULT '',
    phone_number TEXT
        CONSTRAINT sec_users_phone_number_check CHECK (length(phone_number) <= 64),
    phone_number_fold TEXT NOT NULL DEFAULT '',
    phone_number_confirmed BOOLEAN NOT NULL,
    creation_time_utc BIGINT,
    default_language TEXT
        CONSTRAINT sec_users_default_language_check CHECK (length(default_language) <= 15),
    default_language_fold TEXT NOT NULL DEFAULT '',
    email_confirmed BOOLEAN NOT NULL,
    lockout_end_utc BIGINT,
    two_factor_enabled BOOLEAN NOT NULL,
    password_format TEXT
        CONSTRAINT sec_users_password_format_check CHECK (password_format IN ('MD5', 'AN3', 'AR2')),
    user_type TEXT NOT NULL
        CONSTRAINT sec_users_user_type_check
            CHECK (user_type IN ('INT', 'EXT', 'VIR', 'SYS', 'APP', 'INI', 'INE')),
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT sec_users_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT sec_users_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE UNIQUE INDEX sec_users_login_key_key ON sec_users (login_key);
CREATE INDEX sec_users_person ON sec_users (person, login_fold, id);
CREATE UNIQUE INDEX sec_users_email_key_key ON sec_users (email_key);
CREATE INDEX sec_users_external_id ON sec_users (external_id);
CREATE INDEX sec_users_login_skeleton ON sec_users (login_skeleton);
CREATE INDEX sec_users_login_fold ON sec_users (login_fold, id);
CREATE INDEX sec_users_name_sort ON sec_users (name_sort, id);
CREATE INDEX sec_users_email_fold ON sec_users (email_fold, id);
CREATE INDEX sec_users_company_name_fold ON sec_users (company_name_fold, id);
CREATE INDEX sec_users_creation_time_utc ON sec_users (coalesce(creation_time_utc, -9223372036854775807), id);

-- Customers - External Access: at most one row for a customer and a user.
CREATE TABLE crm_customer_external_access (
    id UUID NOT NULL PRIMARY KEY,
    customer UUID NOT NULL REFERENCES crm_customers (id),
    user_id UUID NOT NULL REFERENCES sec_users (id),
    role TEXT NOT NULL
        CONSTRAINT crm_customer_external_access_role_check
            CHECK (role IN ('L10', 'L20', 'L30', 'L40', 'L80', 'L90')),
    days_back_access BIGINT
        CONSTRAINT crm_customer_external_access_days_back_access_check CHECK (days_back_access >= 0),
    notes TEXT
        CONSTRAINT crm_customer_external_access_notes_check CHECK (length(notes) <= 254),
    notes_fold TEXT NOT NULL DEFAULT '',
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT crm_customer_external_access_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT crm_customer_external_access_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE INDEX crm_customer_external_access_user_id ON crm_customer_external_access (user_id);
CREATE INDEX crm_customer_external_access_external_id ON crm_customer_external_access (external_id);
CREATE UNIQUE INDEX crm_customer_external_access_customer_user_id_key
    ON crm_customer_external_access (customer, user_id);

-- Web sites, among them the Client Centers.
CREATE TABLE sys_web_sites (
    id UUID NOT NULL PRIMARY KEY,
    web_site_type TEXT NOT NULL
        CONSTRAINT sys_web_sites_web_site_type_check
            CHECK (web_site_type IN (
                'CC', 'API', 'EC', 'LEG', 'SI', 'DM', 'APP', 'TAP', 'DAP', 'LUK', 'OLP', 'MSS', 'VDC', 'AIS'
            )),
    enterprise_company UUID REFERENCES gen_enterprise_companies (id),
    relative_url TEXT
        CONSTRAINT sys_web_sites_relative_url_check CHECK (length(relative_url) <= 254),
    relative_url_fold TEXT NOT NULL DEFAULT '',
    relative_url_key TEXT,
    settings_json TEXT,
    is_active BOOLEAN NOT NULL,
    is_private BOOLEAN NOT NULL,
    notes TEXT
        CONSTRAINT sys_web_sites_notes_check CHECK (length(notes) <= 254),
    notes_fold TEXT NOT NULL DEFAULT '',
    access_rules TEXT NOT NULL
        CONSTRAINT sys_web_sites_access_rules_check CHECK (access_rules IN ('Person', 'ExternalAccess')),
    object_version BIGINT NOT NULL,
    external_id TEXT
        CONSTRAINT sys_web_sites_external_id_check CHECK (length(external_id) <= 64),
    external_system TEXT
        CONSTRAINT sys_web_sites_external_system_check CHECK (length(external_system) <= 64),
    creation_time BIGINT,
    creation_user TEXT,
    update_time BIGINT,
    update_user TEXT,
    extra TEXT
);
CREATE INDEX sys_web_sites_enterprise_company ON sys_web_sites (enterprise_company);
CREATE UNIQUE INDEX sys_web_sites_relative_url_key_key ON sys_web_sites (relative_url_key);
CREATE INDEX sys_web_sites_external_id ON sys_web_sites (external_id);

-- Hashes of passwords stand apart from the users, so that nothing that reads users can read one.
CREATE TABLE sec_credentials (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES sec_users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL
);

-- Requests for accounts. What is pending is looked for at every save.
CREATE TABLE sec_account_requests (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES sec_users (id) ON DELETE CASCADE,
    submitted_at BIGINT NOT NULL,
    source TEXT NOT NULL
        CONSTRAINT sec_account_requests_source_check CHECK (source IN ('console', 'command line', 'import', 'web')),
    state TEXT NOT NULL
        CONSTRAINT sec_account_requests_state_check CHECK (state IN ('pending', 'configured', 'rejected')),
    decided_at BIGINT,
    decided_by TEXT,
    reason TEXT
        CONSTRAINT sec_account_requests_reason_check CHECK (length(reason) <= 254)
);
CREATE INDEX sec_account_requests_user_id ON sec_account_requests (user_id);
CREATE INDEX sec_account_requests_pending ON sec_account_requests (user_id) WHERE state = 'pending';

-- What happened to each record. Entries outlive their record, so nothing refers to it; 0004 lets nobody change them.
-- The key is also the order in which they are read.
CREATE TABLE history (
    record_id UUID NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    action TEXT NOT NULL,
    entity_set TEXT NOT NULL,
    login TEXT NOT NULL,
    changes TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (record_id, at, version, action)
);
