-- One id on every entry of history that one action wrote. From here on `changes` holds values, each with its kind:
-- [{"field": "Name", "before": {"multi": {"en": "Chris"}}, "after": …}]. Entries from before stay as they are: without an
-- operation, and with the texts that were shown: [{"property": "Name", "old": "en: Chris", "new": …}].
--
-- `part_set` and `part_id` name the record that the values belong to, where it is another than the entry's.
ALTER TABLE history ADD COLUMN operation UUID;
ALTER TABLE history ADD COLUMN part_set TEXT;
ALTER TABLE history ADD COLUMN part_id UUID;
CREATE INDEX history_operation ON history (operation) WHERE operation IS NOT NULL;
