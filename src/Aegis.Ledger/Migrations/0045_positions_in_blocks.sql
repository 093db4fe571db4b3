-- The commit thread's session takes positions a block at a time. Numbers of a block that were not used stay unused:
-- readers go by (xid, position) and by a stream's versions, never by the next number.
ALTER TABLE events ALTER COLUMN position SET CACHE 1000;
