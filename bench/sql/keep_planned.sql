-- Keeps the rows of a planned run, and takes them out of the tables again.
create unlogged table bench.runs as table runs;
create unlogged table bench.chunks as table chunks;
create unlogged table bench.contact_attempts as table contact_attempts;
create unlogged table bench.attempt_recalls as table attempt_recalls;
truncate runs cascade;
