-- What the requests of keys with a limit have come to, at all nodes together. Each node adds what it let in, about once a second.
-- A crash of the database empties an unlogged table: then keys have a burst that they had used up.
CREATE UNLOGGED TABLE key_rates (
    key_id  bigint           PRIMARY KEY REFERENCES api_keys ON DELETE CASCADE,
    full_at double precision NOT NULL,
    added   double precision NOT NULL
) WITH (fillfactor = 50);
COMMENT ON COLUMN key_rates.full_at IS 'seconds since 1970: when all of the key''s requests will be there again';
COMMENT ON COLUMN key_rates.added IS 'seconds that the last writer put on top';
