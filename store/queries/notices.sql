-- name: announce
-- Tell every replica, when this transaction commits, that something of a topic changed.
SELECT pg_notify('dunning', $1)
