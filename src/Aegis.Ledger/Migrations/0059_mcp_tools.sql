-- Tools of outside MCP servers, as they described themselves: what somebody approved, and what they say now. A tool
-- whose two hashes differ is not called until somebody approves it again.
CREATE TABLE mcp_tools (
  tenant_key    int  NOT NULL REFERENCES tenants,
  project_key   int  NOT NULL REFERENCES projects,
  server        text NOT NULL CONSTRAINT mcp_tools_server_form CHECK (server ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'),
  tool          text NOT NULL CONSTRAINT mcp_tools_tool_form CHECK (tool ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  seen_hash     text NOT NULL CONSTRAINT mcp_tools_seen_form CHECK (seen_hash ~ '^sha256:[0-9a-f]{64}$'),
  -- the description itself, bounded: schema and words that a person reads before approving
  seen          bytea NOT NULL CONSTRAINT mcp_tools_seen_length CHECK (octet_length(seen) <= 65536),
  approved_hash text NULL CONSTRAINT mcp_tools_approved_form CHECK (approved_hash ~ '^sha256:[0-9a-f]{64}$'),
  approved      bytea NULL,
  approved_by   text NULL,
  approved_at   timestamptz NULL,
  seen_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, project_key, server, tool),
  CONSTRAINT mcp_tools_approved_whole CHECK (
    (approved_hash IS NULL) = (approved IS NULL) AND (approved_hash IS NULL) = (approved_by IS NULL)
    AND (approved_hash IS NULL) = (approved_at IS NULL))
);

SELECT isolate('mcp_tools');
GRANT SELECT, INSERT, UPDATE, DELETE ON mcp_tools TO aegis_app;
