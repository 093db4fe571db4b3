-- Conversations.

-- name: chat.lock
-- Sessions of an actor are counted before one is opened: two at once must not see the same.
SELECT pg_advisory_xact_lock(hashtextextended('chat/' || $1::int || '/' || $2::int || '/' || $3::text, 0))

-- name: chat.count
SELECT count(*)::int FROM chat_sessions WHERE tenant_key = $1 AND project_key = $2 AND actor = $3

-- name: chat.open
INSERT INTO chat_sessions (tenant_key, project_key, session_id, actor, language) VALUES ($1, $2, $3, $4, $5)

-- name: chat.find
SELECT session_id, actor, language, repository, run_id, pending::text, messages, created_at, updated_at
  FROM chat_sessions WHERE tenant_key = $1 AND project_key = $2 AND session_id = $3

-- name: chat.hold
-- Messages of a session count from the last: nobody else adds one until the transaction ends.
SELECT session_id, actor, language, repository, run_id, pending::text, messages, created_at, updated_at
  FROM chat_sessions WHERE tenant_key = $1 AND project_key = $2 AND session_id = $3 FOR UPDATE

-- name: chat.list
SELECT session_id, actor, language, repository, run_id, pending::text, messages, created_at, updated_at
  FROM chat_sessions
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR actor = $3)
   AND ($4::timestamptz IS NULL OR (created_at, session_id) < ($4, $5::text))
 ORDER BY created_at DESC, session_id DESC LIMIT $6

-- name: chat.add
INSERT INTO chat_messages (tenant_key, project_key, session_id, number, who, text, intent, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)

-- name: chat.keep
UPDATE chat_sessions SET language = $4, repository = $5, run_id = $6, pending = $7::jsonb, messages = $8,
  updated_at = now()
 WHERE tenant_key = $1 AND project_key = $2 AND session_id = $3

-- name: chat.messages
SELECT number, who, text, intent, detail::text, at FROM chat_messages
 WHERE tenant_key = $1 AND project_key = $2 AND session_id = $3 AND number > $4 ORDER BY number LIMIT $5

-- name: chat.delete
DELETE FROM chat_sessions WHERE tenant_key = $1 AND project_key = $2 AND session_id = $3
