-- What an agent's tools do to the world outside: written before the call and after it, so that no crash makes a call twice.
CREATE TABLE effects (
    id         uuid PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    step       text NOT NULL,
    call_id    text NOT NULL,
    tool       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('idempotent', 'keyed', 'at_most_once')),
    arguments  text NOT NULL,
    state      text NOT NULL CHECK (state IN ('intended', 'done', 'failed', 'unknown')),
    tries      integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz
);
COMMENT ON COLUMN effects.id IS 'the idempotency key that goes out with the call';
CREATE INDEX effects_message ON effects (message_id);

-- What turns ask people. A row stays when it is decided.
CREATE TABLE approvals (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
    message_id      bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    step            text NOT NULL,
    call_id         text NOT NULL,
    tool            text NOT NULL,
    arguments       text NOT NULL,
    question        text NOT NULL CHECK (question IN ('call', 'outcome')),
    tries           integer NOT NULL,
    reason          text NOT NULL,
    state           text NOT NULL DEFAULT 'waiting'
                    CHECK (state IN ('waiting', 'approved', 'denied', 'expired', 'cancelled')),
    note            text,
    decided_by      bigint REFERENCES accounts ON DELETE SET NULL,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at      timestamptz,
    decided_at      timestamptz,
    UNIQUE (message_id, step, question, tries)
);
CREATE INDEX approvals_organization ON approvals (organization_id, id);
CREATE INDEX approvals_waiting ON approvals (organization_id, id) WHERE state = 'waiting';

-- A parked message waits for people: no worker has it, and no task, until one of its questions is decided.
ALTER TABLE messages ADD COLUMN parked boolean NOT NULL DEFAULT false;
ALTER TABLE messages ADD COLUMN counted_from integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN messages.counted_from IS 'attempts before the last wait for people, which do not count as setbacks';
ALTER TABLE messages DROP CONSTRAINT messages_status_check;
ALTER TABLE messages ADD CONSTRAINT messages_status_check
    CHECK (status IN ('queued', 'pending', 'completed', 'failed', 'cancelled'));
