-- In whose queue a request for approval waits, null for whoever started the run. Rows from before asked no queue, so none
-- is written again. A queue is worked through over the projects of its tenant.
ALTER TABLE approvals_read ADD COLUMN queue text NULL;
CREATE INDEX approvals_read_queue ON approvals_read (tenant_key, queue, status, requested_at, approval_id)
  WHERE queue IS NOT NULL;
