-- Erasures: what is to be removed, how far it is, and in the end what was. `removed` is counted in the transactions that remove.
CREATE TABLE erasures (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('conversation', 'person', 'end_user')),
    target          uuid,
    label           text,
    value           text,
    asked_by        bigint REFERENCES accounts ON DELETE SET NULL,
    state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'completed')),
    removed         jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at        timestamptz,
    audit_number    bigint,
    hash            bytea
);
COMMENT ON COLUMN erasures.target IS 'the public id of the conversation or the account';
COMMENT ON COLUMN erasures.label IS 'of an end user: the name in the metadata of conversations';
COMMENT ON COLUMN erasures.value IS 'of an end user: what stands under that name; null once it is done';
CREATE INDEX erasures_organization ON erasures (organization_id, id);
CREATE INDEX erasures_asked_by ON erasures (asked_by) WHERE asked_by IS NOT NULL;

-- Bytes that an erasure left without a file, and ids of what it removed, until it is done.
CREATE TABLE erasure_blobs (
    erasure_id bigint NOT NULL REFERENCES erasures ON DELETE CASCADE,
    blob_id    bigint NOT NULL,
    PRIMARY KEY (erasure_id, blob_id)
);
CREATE TABLE erasure_marks (
    erasure_id bigint NOT NULL REFERENCES erasures ON DELETE CASCADE,
    mark       uuid NOT NULL,
    PRIMARY KEY (erasure_id, mark)
);

ALTER TABLE accounts ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN accounts.erased_at IS 'when name and address were replaced; the row stays for what others have';
ALTER TABLE sources ADD COLUMN account_id bigint REFERENCES accounts ON DELETE SET NULL;
COMMENT ON COLUMN sources.account_id IS 'who uploaded it';
CREATE INDEX sources_account ON sources (account_id) WHERE account_id IS NOT NULL;

ALTER TABLE organizations ADD COLUMN retention jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN organizations.retention IS 'the fields of core.retention.Retention that are set';
CREATE INDEX files_age ON files (organization_id, created_at);
ALTER TABLE conversations ADD COLUMN trimmed_at timestamptz;
COMMENT ON COLUMN conversations.trimmed_at IS 'when the pieces of text in its log were emptied';
