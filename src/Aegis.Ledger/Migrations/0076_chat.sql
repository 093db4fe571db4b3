-- Conversations. Rows are written by the doors with their facts, in one transaction, so a session goes on at any node
-- and after any restart; the facts go on into the stream chat/ID.
CREATE TABLE chat_sessions (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  session_id  text NOT NULL,
  actor       text NOT NULL,
  language    text NOT NULL CONSTRAINT chat_sessions_language CHECK (language IN ('es', 'en')),
  repository  text NULL,  -- named last
  run_id      text NULL,  -- the newest run that the session started or named
  pending     jsonb NULL, -- what was offered and waits for a yes
  messages    int  NOT NULL DEFAULT 0,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, session_id)
);
CREATE INDEX chat_sessions_newest ON chat_sessions (tenant_key, project_key, created_at DESC, session_id DESC);

CREATE TABLE chat_messages (
  tenant_key  int  NOT NULL,
  project_key int  NOT NULL,
  session_id  text NOT NULL,
  number      int  NOT NULL CONSTRAINT chat_messages_number CHECK (number > 0),
  who         text NOT NULL CONSTRAINT chat_messages_who CHECK (who IN ('user', 'assistant')),
  text        text NOT NULL,
  intent      text NULL,
  detail      jsonb NULL, -- slots of a user's message, actions of an answer
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, session_id, number),
  CONSTRAINT chat_messages_session FOREIGN KEY (tenant_key, project_key, session_id)
    REFERENCES chat_sessions ON DELETE CASCADE
);

SELECT isolate('chat_sessions');
SELECT isolate('chat_messages');
GRANT SELECT, INSERT, UPDATE (language, repository, run_id, pending, messages, updated_at), DELETE ON chat_sessions
  TO aegis_app;
GRANT SELECT, INSERT ON chat_messages TO aegis_app;

-- A guest's key ends by itself, and with the key of who made it.
ALTER TABLE api_keys ADD COLUMN expires_at timestamptz NULL;

CREATE FUNCTION auth_create_guest_key(id text, tenant text, project text, name text, hash bytea, scopes text[],
  parent text, life interval)
RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  INSERT INTO api_keys (key_id, tenant_key, project_key, name, key_hash, scopes, parent_key_id, expires_at)
  SELECT id, t.tenant_key, p.project_key, auth_create_guest_key.name, hash, auth_create_guest_key.scopes, up.key_id,
         now() + life
    FROM tenants t
    JOIN projects p ON p.tenant_key = t.tenant_key AND p.project_id = project
    JOIN api_keys up ON up.tenant_key = t.tenant_key AND up.key_id = parent AND up.revoked_at IS NULL
     AND up.parent_key_id IS NULL AND (up.project_key IS NULL OR up.project_key = p.project_key)
   WHERE t.tenant_id = tenant
  RETURNING expires_at
$$;

GRANT CREATE ON SCHEMA aegis TO aegis_definer;
SET LOCAL ROLE aegis_definer;
CREATE OR REPLACE FUNCTION auth_find_key(hash bytea)
RETURNS TABLE (key_id text, tenant_id text, tenant_key int, project_id text, project_key int, scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = aegis, pg_temp AS $$
  SELECT k.key_id, t.tenant_id, k.tenant_key, p.project_id, k.project_key, k.scopes
    FROM api_keys k
    JOIN tenants t USING (tenant_key)
    LEFT JOIN projects p ON p.project_key = k.project_key
   WHERE k.key_hash = hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
     AND (k.parent_key_id IS NULL OR EXISTS (SELECT FROM api_keys up
           WHERE up.key_id = k.parent_key_id AND up.tenant_key = k.tenant_key AND up.revoked_at IS NULL))
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA aegis FROM aegis_definer;
SELECT give_to_definer('auth_create_guest_key');
