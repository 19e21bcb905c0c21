-- One row a talk. `last_event` numbers its events without gaps; every message up to `answered` is finished; `claim` is the
-- fence: whoever answers a message holds the number that was current when it began, and every write of that turn checks it.
CREATE TABLE conversations (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    account_id      bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    agent_id        bigint NOT NULL REFERENCES agents ON DELETE CASCADE,
    data_set_id     bigint REFERENCES data_sets ON DELETE CASCADE,
    origin          text NOT NULL,
    mode            text NOT NULL,
    status          text NOT NULL DEFAULT 'active',
    summary         text,
    last_event      bigint NOT NULL DEFAULT 0,
    claim           bigint NOT NULL DEFAULT 0,
    answered        bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX conversations_account ON conversations (account_id, id);
CREATE INDEX conversations_agent_created ON conversations (agent_id, created_at, id);
CREATE INDEX conversations_agent_updated ON conversations (agent_id, updated_at, id);

CREATE TABLE messages (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
    status          text NOT NULL CHECK (status IN ('queued', 'pending', 'completed', 'failed')),
    text            text NOT NULL,
    reply_to        bigint REFERENCES messages ON DELETE CASCADE,
    first_event     bigint NOT NULL,
    attempt         integer NOT NULL DEFAULT 0,
    model           text,
    usage           jsonb,
    citations       jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
-- Order of reading: each message, then what answers it; a later message that had to wait comes after both.
CREATE INDEX messages_conversation ON messages (conversation_id, coalesce(reply_to, id), id);
-- Answered exactly once: the database itself refuses a second reply.
CREATE UNIQUE INDEX messages_one_reply ON messages (reply_to) WHERE reply_to IS NOT NULL;

CREATE TABLE events (
    conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number          bigint NOT NULL,
    message_id      bigint NOT NULL,
    kind            text NOT NULL,
    body            jsonb NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (conversation_id, number)
);

-- Finished parts of a turn that is still running: a later attempt reads them here instead of doing them again.
CREATE TABLE steps (
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    name       text NOT NULL,
    value      jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (message_id, name)
);

-- The first result of each request that came with an Idempotency-Key.
CREATE TABLE idempotency_keys (
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    route           text NOT NULL,
    key             text NOT NULL,
    fingerprint     bytea NOT NULL,
    result          jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
