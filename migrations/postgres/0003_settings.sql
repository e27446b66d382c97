-- Few rows, updated all the time: room on the page lets each update stay where it is.
ALTER TABLE next_numbers SET (fillfactor = 10);
