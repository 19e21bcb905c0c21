CREATE TABLE agents (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    data_set_id     bigint REFERENCES data_sets ON DELETE CASCADE,
    slug            text NOT NULL,
    name            text NOT NULL,
    description     text,
    instructions    text,
    model           text,
    tools           text[] NOT NULL DEFAULT '{}',
    limits          jsonb NOT NULL DEFAULT '{}',
    instances_count integer NOT NULL DEFAULT 1 CHECK (instances_count >= 1),
    deployed_at     timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz
);
COMMENT ON COLUMN agents.limits IS 'only what differs from the defaults of core.agents.Limits';
CREATE UNIQUE INDEX agents_slug ON agents (organization_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX agents_data_set ON agents (data_set_id, id);
