-- What the set-up asks and does, as the administrator unless said otherwise.

-- name: setup.server_version
SELECT current_setting('server_version_num')::int / 10000

-- name: setup.database_exists
SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'aegis')

-- name: setup.create_database
CREATE DATABASE aegis TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'

-- name: setup.too_strong_roles
SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles
 WHERE rolname IN ('aegis_owner', 'aegis_app', 'aegis_app_tenant', 'aegis_engine', 'aegis_auth', 'aegis_definer')
   AND (rolsuper OR rolbypassrls)

-- name: setup.hold_password
SELECT set_config('aegis.role', $1, false), set_config('aegis.verifier', $2, false)

-- name: setup.set_password
DO $$
BEGIN
  EXECUTE format('ALTER ROLE %I PASSWORD %L', current_setting('aegis.role'), current_setting('aegis.verifier'));
END $$

-- name: migrations.lock
SELECT pg_advisory_lock(7304120012)

-- name: migrations.unlock
SELECT pg_advisory_unlock(7304120012)

-- name: migrations.make_table
CREATE TABLE IF NOT EXISTS migrations (
  number     int  PRIMARY KEY,
  name       text NOT NULL,
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)

-- name: migrations.applied
SELECT number, checksum FROM migrations ORDER BY number

-- name: migrations.record
INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)
