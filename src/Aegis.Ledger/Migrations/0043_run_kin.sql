-- Which run stands on which: a step's run names the run above it, a retry names the run it takes results from.
-- Projections: the row of read_models_state is older than they are, so the engine writes the rows again from events
-- at its next start.
ALTER TABLE runs_read ADD COLUMN parent_run text NULL, ADD COLUMN parent_step text NULL, ADD COLUMN retry_of text NULL;
CREATE INDEX runs_read_children ON runs_read (tenant_key, project_key, parent_run, created_at DESC, run_id DESC)
  WHERE parent_run IS NOT NULL;

-- What a trigger gives its run as inputs: a JSON object whose text may hold expressions over the run's context.
ALTER TABLE trigger_starts ADD COLUMN inputs text NULL;
ALTER TABLE schedules ADD COLUMN inputs text NULL;
