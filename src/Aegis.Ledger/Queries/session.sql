-- name: session.bind
SELECT set_config('app.tenant_key', $1, true), set_config('app.project_key', $2, true)
