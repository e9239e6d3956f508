-- name: make
-- Give somebody's feed a new address; the one before leads nowhere from then on.
INSERT INTO dunning.calendars (assigned_to, secret_hash, made_by) VALUES ($1, $2, $3)
ON CONFLICT (assigned_to) DO UPDATE
SET secret_hash = excluded.secret_hash, made_by = excluded.made_by, made_at = excluded.made_at

-- name: find
-- Whose feed has this address.
SELECT assigned_to FROM dunning.calendars WHERE secret_hash = $1
