-- Tools of outside MCP servers.

-- name: mcp_tools.list
SELECT server, tool, seen_hash, seen, approved_hash, approved, approved_by, approved_at, seen_at FROM mcp_tools
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR server = $3) ORDER BY server, tool

-- name: mcp_tools.see
-- What it says now; that approves nothing.
INSERT INTO mcp_tools (tenant_key, project_key, server, tool, seen_hash, seen)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_key, project_key, server, tool)
DO UPDATE SET seen_hash = excluded.seen_hash, seen = excluded.seen, seen_at = now()

-- name: mcp_tools.approve
-- Only what was looked at: a tool that has changed meanwhile is not approved unseen.
WITH before AS (
  SELECT approved_hash FROM mcp_tools
   WHERE tenant_key = $1 AND project_key = $2 AND server = $3 AND tool = $4 AND seen_hash = $5 FOR UPDATE
)
UPDATE mcp_tools m SET approved_hash = m.seen_hash, approved = m.seen, approved_by = $6, approved_at = now()
  FROM before
 WHERE m.tenant_key = $1 AND m.project_key = $2 AND m.server = $3 AND m.tool = $4 AND m.seen_hash = $5
RETURNING m.server, m.tool, m.seen_hash, m.seen, m.approved_hash, m.approved, m.approved_by, m.approved_at,
  m.seen_at, before.approved_hash

-- name: mcp_tools.forget
-- Tools of a server that its last list did not name.
DELETE FROM mcp_tools WHERE tenant_key = $1 AND project_key = $2 AND server = $3 AND NOT (tool = ANY($4))
