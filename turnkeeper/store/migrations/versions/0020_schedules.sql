-- Schedules: messages that are sent at the moments of a cron line. `next_at` is the tick that is due next; whoever fires it
-- holds the row and moves it on in the same transaction, so that no other node fires it too.
CREATE TABLE schedules (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id          uuid NOT NULL UNIQUE,
    organization_id    bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    account_id         bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    agent_id           bigint NOT NULL REFERENCES agents ON DELETE CASCADE,
    name               text NOT NULL,
    cron               text NOT NULL,
    timezone           text NOT NULL,
    text               text NOT NULL,
    mode               text NOT NULL CHECK (mode IN ('execute', 'ask')),
    keeps_conversation boolean NOT NULL,
    conversation_id    bigint REFERENCES conversations ON DELETE SET NULL,
    next_at            timestamptz,
    paused_reason      text CHECK (paused_reason IN ('asked', 'agent_gone', 'account_inactive', 'no_more_ticks')),
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CHECK ((next_at IS NULL) = (paused_reason IS NOT NULL))
);
COMMENT ON COLUMN schedules.account_id IS 'who made it, and in whose name its messages are sent';
COMMENT ON COLUMN schedules.conversation_id IS 'the one that goes on, where one is kept';
CREATE INDEX schedules_organization ON schedules (organization_id, id);
CREATE INDEX schedules_account ON schedules (account_id);
CREATE INDEX schedules_agent ON schedules (agent_id);
CREATE INDEX schedules_conversation ON schedules (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE schedule_runs (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schedule_id     bigint NOT NULL REFERENCES schedules ON DELETE CASCADE,
    tick_at         timestamptz,
    fired_at        timestamptz NOT NULL,
    outcome         text NOT NULL CHECK (outcome IN ('accepted', 'skipped', 'refused')),
    reason          text,
    message_id      bigint REFERENCES messages ON DELETE SET NULL
);
COMMENT ON COLUMN schedule_runs.tick_at IS 'the tick; null when somebody asked for the run';
CREATE INDEX schedule_runs_schedule ON schedule_runs (schedule_id, id);
CREATE INDEX schedule_runs_message ON schedule_runs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX schedule_runs_age ON schedule_runs (fired_at);
-- Once a tick: the database itself refuses a second run of it.
CREATE UNIQUE INDEX schedule_runs_once ON schedule_runs (schedule_id, tick_at) WHERE tick_at IS NOT NULL;
