-- How often calls were answered in each two hours of the account's local time, by the segment that it had when the
-- outcome was recorded. Nobody is named, so that it stays when an account goes.
CREATE TABLE dunning.call_hours (
    segment text NOT NULL,            -- empty for accounts without one
    call_window smallint NOT NULL,    -- from 0 to 11, each two hours
    answered bigint NOT NULL,
    calls bigint NOT NULL,
    PRIMARY KEY (segment, call_window),
    CHECK (call_window BETWEEN 0 AND 11 AND answered BETWEEN 0 AND calls)
);
