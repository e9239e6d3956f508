-- How many deliveries to an endpoint are under way is asked at each turn, however many wait.
CREATE INDEX deliveries_leased ON dunning.deliveries (webhook_id, leased_until)
    WHERE state = 'waiting' AND leased_until IS NOT NULL;
