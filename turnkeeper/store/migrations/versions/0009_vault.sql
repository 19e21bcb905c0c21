-- Secrets of an organization, encrypted with AES-256-GCM by a key that is never stored here.
CREATE TABLE secrets (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name            text COLLATE "C" NOT NULL CHECK (name ~ '^[A-Z0-9_]{1,100}$'),
    key_id          text NOT NULL,
    nonce           bytea NOT NULL,
    ciphertext      bytea NOT NULL,
    set_by          bigint REFERENCES accounts ON DELETE SET NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, name)
);
COMMENT ON COLUMN secrets.key_id IS 'which key opens it; tells nothing about the key';
COMMENT ON COLUMN secrets.ciphertext IS 'bound to organization and name: a row that is copied elsewhere cannot be opened';
CREATE INDEX secrets_set_by ON secrets (set_by);
