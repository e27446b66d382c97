-- What every store has before it holds any entity.

-- The last number given out in each series (customer numbers and the like). A row is locked while its
-- transaction runs, so two writers never receive the same number and a rolled back one leaves no gap.
CREATE TABLE next_numbers (
    name TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
