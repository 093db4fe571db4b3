-- What calls to models used and cost, summed by all that a person asks for: the run or session, the step, who spoke,
-- what was asked for, who answered, the day. A projection as the others are; the engine writes it from the ledger at
-- its next start. Texts that callers choose are too long together for an index: usage_key is their digest.
CREATE UNLOGGED TABLE model_usage (
  tenant_key int NOT NULL, project_key int NOT NULL,
  stream_id text NOT NULL, usage_key text NOT NULL,
  door text NULL, actor text NOT NULL, step_id text NOT NULL, agent text NULL, asked text NOT NULL,
  task_type text NOT NULL, provider text NOT NULL, model text NOT NULL, origin text NOT NULL, day date NOT NULL,
  calls bigint NOT NULL, answered bigint NOT NULL, failed bigint NOT NULL, aborted bigint NOT NULL,
  input_tokens bigint NOT NULL, output_tokens bigint NOT NULL, cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
  -- twelve places: a token of the cheapest models costs less than a micro-dollar
  cost_usd numeric(30,12) NOT NULL, saved_usd numeric(30,12) NOT NULL,
  tries bigint NOT NULL, took_us bigint NOT NULL, first_token_us bigint NOT NULL, first_tokens bigint NOT NULL,
  PRIMARY KEY (tenant_key, project_key, stream_id, usage_key)
);
CREATE INDEX model_usage_day ON model_usage (tenant_key, project_key, day);

SELECT isolate('model_usage');
GRANT SELECT ON model_usage TO aegis_app, aegis_app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON model_usage TO aegis_engine;
