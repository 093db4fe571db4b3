-- What happened to a secret, written in the transaction in which it happened; the engine moves it into the secret's
-- stream. So no change and no use can be without its fact, though doors never write events.
CREATE TABLE secret_facts (
  fact_id     bigint GENERATED ALWAYS AS IDENTITY,
  tenant_key  int   NOT NULL REFERENCES tenants,
  project_key int   NOT NULL REFERENCES projects,
  stream_id   text  NOT NULL,
  type        text  NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  payload     bytea NOT NULL,
  -- begins with the tenant: a taken key must say nothing of others
  PRIMARY KEY (tenant_key, project_key, fact_id)
);
CREATE INDEX secret_facts_order ON secret_facts (fact_id);
SELECT isolate('secret_facts');
GRANT INSERT ON secret_facts TO aegis_app;
GRANT SELECT, INSERT, DELETE ON secret_facts TO aegis_engine;
