-- Devices and how they come to be. Tries are counted by the database before a code is compared, so that any number
-- of connections, nodes and restarts share the same five.

-- name: offers.lock
SELECT pg_advisory_xact_lock(hashtextextended('pairing/' || $1::int || '/' || $2::int, 0))

-- name: offers.clean
DELETE FROM pairing_offers WHERE tenant_key = $1 AND project_key = $2 AND expires_at < now() - interval '1 day'

-- name: offers.count
SELECT count(*)::int FROM pairing_offers WHERE tenant_key = $1 AND project_key = $2 AND expires_at > now()

-- name: offers.add
INSERT INTO pairing_offers (tenant_key, project_key, offer_id, token_hash, key_id, scopes, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
RETURNING expires_at

-- name: offers.find
SELECT key_id, scopes, tries, created_at, expires_at FROM pairing_offers
 WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3 AND expires_at > now()

-- name: offers.end
DELETE FROM pairing_offers WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3

-- name: offers.try
-- One try is taken whatever comes of it; none is left of a locked offer.
UPDATE pairing_offers SET tries = tries + 1
 WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3 AND tries < 5 AND expires_at > now()
RETURNING tries, key_id, scopes

-- name: offers.forgive
UPDATE pairing_offers SET tries = 0 WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3

-- name: pairings.count
SELECT count(*)::int FROM pairings
 WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3 AND expires_at > now() AND confirmed_at IS NULL

-- name: pairings.add
INSERT INTO pairings (tenant_key, project_key, offer_id, pairing_id, device_kind, device_name, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
RETURNING expires_at

-- name: pairings.list
SELECT pairing_id, device_kind, device_name, created_at, expires_at, confirmed_at FROM pairings
 WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3 AND expires_at > now()
 ORDER BY created_at DESC LIMIT $4

-- name: pairings.confirm
-- Once, in time; none otherwise.
UPDATE pairings SET confirmed_at = now()
 WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3 AND pairing_id = $4
   AND expires_at > now() AND confirmed_at IS NULL
RETURNING device_kind, device_name

-- name: pairings.open
SELECT EXISTS (SELECT FROM pairings WHERE tenant_key = $1 AND project_key = $2 AND offer_id = $3 AND pairing_id = $4
  AND expires_at > now() AND confirmed_at IS NULL)

-- name: devices.add
INSERT INTO devices (tenant_key, project_key, device_id, key_id, kind, name, scopes, paired_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: devices.list
SELECT device_id, key_id, kind, name, scopes, paired_by, paired_at, revoked_at FROM devices
 WHERE tenant_key = $1 AND project_key = $2 AND ($3::text IS NULL OR device_id > $3)
   AND ($4::text IS NULL OR device_id = $4) AND ($5::text IS NULL OR key_id = $5)
 ORDER BY device_id LIMIT $6

-- name: devices.revoke
UPDATE devices SET revoked_at = now()
 WHERE tenant_key = $1 AND project_key = $2 AND device_id = $3 AND revoked_at IS NULL
RETURNING key_id

-- name: accounts.create_device_key
SELECT auth_create_device_key($1, $2, $3, $4, $5, $6, $7)

-- name: accounts.find_offer
SELECT tenant_id, tenant_key, project_id, project_key FROM auth_find_offer($1, $2)
