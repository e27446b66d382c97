-- Keys by which persons, companies and logins are found when a request is compared with them: hashes of what they have in
-- common. The program computes them; those of the records there are when the database is opened next (unfinished_steps).
-- `id` is that of a user, or of a person or company.
CREATE TABLE match_keys (
    key BIGINT NOT NULL,
    id UUID NOT NULL
);
CREATE UNIQUE INDEX match_keys_key ON match_keys (key, id);
INSERT INTO unfinished_steps (name)
SELECT 'match keys'
 WHERE EXISTS (SELECT 1 FROM gen_parties) OR EXISTS (SELECT 1 FROM sec_users);
