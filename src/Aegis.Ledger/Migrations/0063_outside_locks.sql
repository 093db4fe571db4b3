-- Locks of holders that are no runs: terminals, devices, programs outside. Such a request stands in the one queue under
-- the one rule; run_id is its lock's id, and its task is -1. What it holds it holds for a time, by this database's
-- clock: it renews, gives back, or loses it.
ALTER TABLE lock_requests
  ADD COLUMN holder      text NULL,
  ADD COLUMN actor       text NULL,
  ADD COLUMN ttl_seconds int  NULL CONSTRAINT lock_requests_ttl CHECK (ttl_seconds BETWEEN 1 AND 3600),
  ADD COLUMN wait_until  timestamptz NULL,
  ADD COLUMN expires_at  timestamptz NULL,
  ADD CONSTRAINT lock_requests_outside CHECK (
    (task = -1) = (holder IS NOT NULL) AND num_nulls(holder, actor, ttl_seconds, wait_until) IN (0, 4)
    AND (expires_at IS NOT NULL) = (holder IS NOT NULL AND fence IS NOT NULL));
CREATE INDEX lock_requests_expiry ON lock_requests (expires_at) WHERE expires_at IS NOT NULL;
GRANT UPDATE (ttl_seconds, expires_at) ON lock_requests TO aegis_engine;
