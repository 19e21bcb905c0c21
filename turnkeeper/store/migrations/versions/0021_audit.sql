-- Who changed what of an organization: written in the transaction of the change, in one chain an organization. Each entry has
-- the hash of the one before it (core/audit.py says of what), so that nothing can be changed, taken out or put in between
-- without breaking what follows. Ids are public ones without foreign keys: an entry outlives what it is about.
CREATE TABLE audit_entries (
    organization_id bigint NOT NULL REFERENCES organizations,
    number          bigint NOT NULL,
    at              timestamptz NOT NULL,
    origin          text NOT NULL CHECK (origin IN ('key', 'command', 'server')),
    account         uuid,
    key             uuid,
    action          text NOT NULL,
    target_kind     text NOT NULL,
    target          text,
    details         json NOT NULL,
    request_id      text,
    previous        bytea NOT NULL,
    hash            bytea NOT NULL,
    PRIMARY KEY (organization_id, number)
);
COMMENT ON COLUMN audit_entries.details IS 'the text is hashed as it stands, so it is json and not jsonb';
CREATE INDEX audit_entries_action ON audit_entries (organization_id, action, number);
CREATE INDEX audit_entries_account ON audit_entries (organization_id, account, number) WHERE account IS NOT NULL;
CREATE INDEX audit_entries_target ON audit_entries (organization_id, target, number) WHERE target IS NOT NULL;

-- The end of each chain. Whoever writes an entry holds this row: audited changes of one organization commit one after the other.
CREATE TABLE audit_heads (
    organization_id bigint PRIMARY KEY REFERENCES organizations,
    number          bigint NOT NULL DEFAULT 0,
    hash            bytea NOT NULL
);

CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit log are never changed and never removed';
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();

-- Requests whose key was no good, counted and not told one by one: a flood of them must not fill the log. Without an
-- organization: of keys that nobody knows.
CREATE TABLE failed_sign_ins (
    day             date NOT NULL,
    organization_id bigint NOT NULL DEFAULT 0,
    reason          text NOT NULL,
    count           bigint NOT NULL,
    PRIMARY KEY (day, organization_id, reason)
);
COMMENT ON COLUMN failed_sign_ins.organization_id IS '0 where the key is not known; there is no foreign key for that';
