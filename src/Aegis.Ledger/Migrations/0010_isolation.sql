-- Isolation: every table with a tenant_key is under FORCE ROW LEVEL SECURITY, and every role has exactly the verbs
-- of docs/roles.md. FORCE binds the owner too: a later migration that must change rows switches it off around the
-- change (ALTER TABLE … NO FORCE ROW LEVEL SECURITY), or it changes nothing without a word.

-- Later migrations call this for each new table that has a tenant_key; grants they write themselves.
CREATE FUNCTION isolate(subject regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  of_tenant  constant text := $q$tenant_key = nullif(current_setting('app.tenant_key', true), '')::int$q$;
  of_project constant text := $q$project_key = nullif(current_setting('app.project_key', true), '')::int$q$;
  has_project boolean := EXISTS (SELECT FROM pg_attribute
    WHERE attrelid = subject AND attname = 'project_key' AND NOT attisdropped);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', subject);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', subject);
  EXECUTE format('CREATE POLICY of_project ON %s TO aegis_app USING (%s)', subject,
    of_tenant || CASE WHEN has_project THEN ' AND ' || of_project ELSE '' END);
  EXECUTE format('CREATE POLICY of_tenant ON %s TO aegis_app_tenant USING (%s)', subject, of_tenant);
  EXECUTE format('CREATE POLICY of_engine ON %s TO aegis_engine USING (true)', subject);
END $$;
REVOKE ALL ON FUNCTION isolate(regclass) FROM PUBLIC;

SELECT isolate(t) FROM unnest(ARRAY['tenants', 'projects', 'api_keys', 'profiles', 'streams', 'events',
  'run_commands', 'plans_read', 'runs_read', 'tasks_read', 'task_edges', 'artifacts_read']::regclass[]) AS t;

-- The foreign key alone would let a door name another tenant's stream: its check does not see policies. This one
-- is checked under the door's own policies on streams.
ALTER POLICY of_project ON run_commands
  USING (tenant_key = nullif(current_setting('app.tenant_key', true), '')::int
     AND project_key = nullif(current_setting('app.project_key', true), '')::int)
  WITH CHECK (tenant_key = nullif(current_setting('app.tenant_key', true), '')::int
     AND project_key = nullif(current_setting('app.project_key', true), '')::int
     AND EXISTS (SELECT FROM streams s WHERE s.stream_key = run_commands.stream_key));

-- Doors of a project read, ask (run_commands) and keep profiles; they never write facts.
GRANT SELECT ON tenants, projects, streams, events TO aegis_app;
GRANT SELECT ON plans_read, runs_read, tasks_read, task_edges, artifacts_read, read_models_state TO aegis_app;
GRANT SELECT, INSERT ON run_commands, profiles TO aegis_app;

-- Doors of a tenant read across its projects. A key's hash is nobody's to read.
GRANT SELECT ON tenants, projects, profiles, streams, events TO aegis_app_tenant;
GRANT SELECT ON plans_read, runs_read, tasks_read, task_edges, artifacts_read, read_models_state
  TO aegis_app_tenant;
GRANT SELECT (key_id, tenant_key, project_key, name, scopes, created_at, revoked_at) ON api_keys
  TO aegis_app_tenant;

-- The engine writes facts. An event is never changed, but for the erasure of its payload.
GRANT SELECT ON tenants, projects, profiles TO aegis_engine;
GRANT SELECT, INSERT, UPDATE (expires_at, fenced_at) ON nodes TO aegis_engine;
GRANT SELECT, INSERT, UPDATE (owner_node, closed) ON streams TO aegis_engine;
GRANT SELECT, INSERT, UPDATE (payload, salt, payload_hash) ON events TO aegis_engine;
GRANT SELECT, INSERT, DELETE ON run_commands TO aegis_engine;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON read_models_state, plans_read, runs_read, tasks_read, task_edges,
  artifacts_read TO aegis_engine;
GRANT USAGE ON SEQUENCE stream_key_blocks TO aegis_engine;

-- Accounts: only through functions, which belong to a role that nobody can log in as.
GRANT SELECT, INSERT ON tenants, projects TO aegis_definer;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON api_keys TO aegis_definer;
CREATE POLICY of_definer ON tenants TO aegis_definer USING (true);
CREATE POLICY of_definer ON projects TO aegis_definer USING (true);
CREATE POLICY of_definer ON api_keys TO aegis_definer USING (true);
