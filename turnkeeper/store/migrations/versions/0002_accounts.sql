CREATE TABLE organizations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  uuid NOT NULL UNIQUE,
    name       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- People (kind `user`) sign in with e-mail address and password, programs (kind `service`) with keys only.
CREATE TABLE accounts (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('user', 'service')),
    name            text NOT NULL,
    password_hash   text,
    role            text NOT NULL CHECK (role IN ('admin', 'member')),
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (kind = 'service' OR password_hash IS NOT NULL)
);
COMMENT ON COLUMN accounts.name IS 'the e-mail address of a user, the name of a service account';
CREATE UNIQUE INDEX accounts_email ON accounts (lower(name)) WHERE kind = 'user';
CREATE UNIQUE INDEX accounts_service_name ON accounts (organization_id, name) WHERE kind = 'service';
CREATE INDEX accounts_organization ON accounts (organization_id, id);

CREATE TABLE api_keys (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    account_id      bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name            text NOT NULL,
    prefix          text NOT NULL,
    hash            bytea NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz,
    revoked_at      timestamptz,
    last_used_at    timestamptz
);
COMMENT ON COLUMN api_keys.hash IS 'SHA-256 of the whole key; the key itself is never stored';
CREATE INDEX api_keys_account ON api_keys (account_id, id);
