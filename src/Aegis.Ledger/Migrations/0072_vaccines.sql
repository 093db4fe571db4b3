-- Immune memory: what a failure left behind, in a table for each scope: a project's own, those that the projects of a
-- tenant share, and those of everybody. The last has no tenant: only the operator writes it, by functions, in words of
-- the operator's own.
CREATE TABLE tenant_vaccines (
  tenant_key           int    NOT NULL REFERENCES tenants,
  vaccine_id           text   NOT NULL CONSTRAINT vaccine_id_form CHECK (vaccine_id ~ '^vac_[0-9a-z]{26}$'),
  status               text   NOT NULL CONSTRAINT vaccine_status
    CHECK (status IN ('proposed', 'active', 'faded', 'revoked')),
  error_pattern        text   NOT NULL CONSTRAINT vaccine_pattern_length CHECK (length(error_pattern) BETWEEN 1 AND 500),
  solution_instruction text   NOT NULL CONSTRAINT vaccine_solution_length
    CHECK (length(solution_instruction) BETWEEN 1 AND 1000),
  severity             text   NOT NULL CONSTRAINT vaccine_severity CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  origin_agent         text   NOT NULL CONSTRAINT vaccine_agent_length CHECK (length(origin_agent) BETWEEN 1 AND 100),
  language             text   NULL,
  check_json           text   NULL CONSTRAINT vaccine_check_length CHECK (length(check_json) <= 8192),
  hits                 bigint NOT NULL,
  prevented            bigint NOT NULL,
  recurred             bigint NOT NULL,
  blocked_good         bigint NOT NULL,
  created_at           timestamptz NOT NULL,
  helped_at            timestamptz NOT NULL,
  expires_at           timestamptz NOT NULL,
  revoked_by           text   NULL,
  revoke_reason        text   NULL,
  -- the call that minted or merged last: the same one again, after a crash, counts nothing
  last_call            text   NULL,
  -- when what it binds changed last; counts of what was stopped do not touch it
  changed_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- what an embedding model makes of its words (32-bit numbers, the lowest byte first), and which model
  embedding_model      text   NULL,
  embedding            bytea  NULL CONSTRAINT vaccine_embedding_length CHECK (octet_length(embedding) BETWEEN 4 AND 32768),
  CONSTRAINT vaccine_revoked_whole CHECK ((status = 'revoked') = (revoked_by IS NOT NULL)),
  CONSTRAINT vaccine_embedding_whole CHECK ((embedding IS NULL) = (embedding_model IS NULL))
);
CREATE TABLE project_vaccines (LIKE tenant_vaccines INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE project_vaccines ADD COLUMN project_key int NOT NULL REFERENCES projects,
  ADD FOREIGN KEY (tenant_key) REFERENCES tenants, ADD PRIMARY KEY (tenant_key, project_key, vaccine_id);
CREATE TABLE global_vaccines (LIKE tenant_vaccines INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE global_vaccines DROP COLUMN tenant_key, DROP COLUMN last_call, DROP COLUMN embedding_model,
  DROP COLUMN embedding, ADD PRIMARY KEY (vaccine_id);
ALTER TABLE tenant_vaccines ADD PRIMARY KEY (tenant_key, vaccine_id);

SELECT isolate('project_vaccines'), isolate('tenant_vaccines');
GRANT SELECT, INSERT, DELETE, UPDATE (status, severity, check_json, hits, recurred, blocked_good, helped_at, expires_at,
  revoked_by, revoke_reason, last_call, changed_at, embedding_model, embedding) ON project_vaccines TO aegis_app;
GRANT SELECT, INSERT, UPDATE (status, severity, check_json, hits, recurred, blocked_good, helped_at, expires_at,
  revoked_by, revoke_reason, last_call, changed_at, embedding_model, embedding) ON tenant_vaccines TO aegis_app;
GRANT SELECT ON global_vaccines TO aegis_app;
-- the engine counts what the gate stopped, and lets fade
GRANT SELECT, UPDATE (status, hits, prevented, helped_at, changed_at)
  ON project_vaccines, tenant_vaccines, global_vaccines TO aegis_engine;
GRANT SELECT, INSERT, UPDATE ON global_vaccines TO aegis_definer;

-- Writes one as it shall be, known or new.
CREATE FUNCTION auth_put_global_vaccine(id text, state text, pattern text, solution text, grave text, agent text,
  lang text, check_text text, seen bigint, again bigint, made timestamptz, helped timestamptz, ends timestamptz,
  revoker text, reason text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  INSERT INTO global_vaccines (vaccine_id, status, error_pattern, solution_instruction, severity, origin_agent, language,
    check_json, hits, prevented, recurred, blocked_good, created_at, helped_at, expires_at, revoked_by, revoke_reason)
  VALUES (id, state, pattern, solution, grave, agent, lang, check_text, seen, 0, again, 0, made, helped, ends, revoker,
    reason)
  ON CONFLICT (vaccine_id) DO UPDATE SET status = excluded.status, error_pattern = excluded.error_pattern,
    solution_instruction = excluded.solution_instruction, severity = excluded.severity, language = excluded.language,
    check_json = excluded.check_json, hits = excluded.hits, recurred = excluded.recurred, helped_at = excluded.helped_at,
    expires_at = excluded.expires_at, revoked_by = excluded.revoked_by, revoke_reason = excluded.revoke_reason,
    changed_at = clock_timestamp()
$$;

-- A project says that one stops good code; how often is all that stays of it.
CREATE FUNCTION auth_report_global_vaccine(id text) RETURNS bigint LANGUAGE sql SECURITY DEFINER
  SET search_path = aegis, pg_temp AS $$
  UPDATE global_vaccines SET blocked_good = blocked_good + 1 WHERE vaccine_id = id RETURNING blocked_good
$$;
SELECT give_to_definer('auth_put_global_vaccine', 'auth_report_global_vaccine');

-- How much of one text's letters stands in another, from 0 to 1; see Setup/schema.sql for the extension.
DO $$
DECLARE
  home constant text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_trgm');
BEGIN
  EXECUTE format('CREATE FUNCTION likeness(a text, b text) RETURNS real LANGUAGE sql IMMUTABLE AS %L',
    CASE WHEN home IS NULL THEN 'SELECT 0::real'
      ELSE format('SELECT greatest(%1$I.word_similarity(a, b), %1$I.similarity(a, b))', home) END);
END $$;
REVOKE ALL ON FUNCTION likeness(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION likeness(text, text) TO aegis_app;
