-- Keys: what they may be used for, how fast, and a second secret that is still good for a while after a rotation. Keys that
-- were there before may do all that their account may.
ALTER TABLE api_keys
    ADD COLUMN scopes              text[] NOT NULL DEFAULT '{read,converse,manage_agents,manage_data,admin}'
        CHECK (scopes <@ '{read,converse,manage_agents,manage_data,admin}' AND cardinality(scopes) > 0),
    ADD COLUMN requests_per_minute integer CHECK (requests_per_minute > 0),
    ADD COLUMN replaced_hash       bytea UNIQUE,
    ADD COLUMN replaced_until      timestamptz,
    ADD COLUMN made_by             bigint REFERENCES api_keys ON DELETE SET NULL;
ALTER TABLE api_keys ALTER COLUMN scopes DROP DEFAULT;
COMMENT ON COLUMN api_keys.made_by IS 'the key that made this one for its own account; this one is revoked with it';
CREATE INDEX api_keys_organization ON api_keys (organization_id, id);
CREATE INDEX api_keys_made_by ON api_keys (made_by) WHERE made_by IS NOT NULL;

-- Who may make further organizations. On a server that runs already: the oldest admin of the first one.
ALTER TABLE accounts ADD COLUMN is_operator boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN accounts.is_operator IS 'may make and list organizations, as long as it is an admin';
UPDATE accounts SET is_operator = true WHERE id = (
    SELECT a.id FROM accounts a
    WHERE a.organization_id = (SELECT min(id) FROM organizations) AND a.role = 'admin' AND a.is_active
    ORDER BY a.id LIMIT 1
);
