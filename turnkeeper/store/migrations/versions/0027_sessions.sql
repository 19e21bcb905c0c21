-- People who are signed in with a browser: a row a session, found by the digest of what its cookie holds. A session that ended
-- is deleted; the audit log tells of it.
CREATE TABLE sessions (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations,
    account_id      bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    hash            bytea NOT NULL UNIQUE,
    by_code         boolean NOT NULL,
    browser         text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    last_used_at    timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
COMMENT ON COLUMN sessions.by_code IS 'begun with a one-time code, so that a password may be set without the one before';
COMMENT ON COLUMN sessions.expires_at IS 'the latest end; one that nobody uses ends before';
CREATE INDEX sessions_account ON sessions (account_id, id);

-- Codes that begin one session each: from a link that the first start or the command line prints.
CREATE TABLE sign_in_codes (
    hash       bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_codes_account ON sign_in_codes (account_id);

ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_origin_check;
ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_origin_check
    CHECK (origin IN ('key', 'session', 'command', 'server'));
