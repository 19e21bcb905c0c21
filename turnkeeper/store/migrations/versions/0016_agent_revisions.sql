-- Every change of an agent is kept. The agent's own row holds what answers now, which is the revision of that number.
CREATE TABLE agent_revisions (
    agent_id    bigint NOT NULL REFERENCES agents ON DELETE CASCADE,
    number      integer NOT NULL,
    content     jsonb NOT NULL,
    note        text,
    based_on    integer,
    account_id  bigint REFERENCES accounts ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    deployed_at timestamptz,
    PRIMARY KEY (agent_id, number)
);
COMMENT ON COLUMN agent_revisions.content IS 'core.revisions.AgentContent; fields that are missing have their defaults';
CREATE INDEX agent_revisions_account ON agent_revisions (account_id) WHERE account_id IS NOT NULL;

CREATE FUNCTION agent_revisions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a revision of an agent never changes';
END $$;
CREATE TRIGGER agent_revisions_stay BEFORE UPDATE OF agent_id, number, content, based_on, created_at ON agent_revisions
    FOR EACH ROW EXECUTE FUNCTION agent_revisions_stay();

ALTER TABLE agents
    ADD COLUMN revision        integer NOT NULL DEFAULT 1,
    ADD COLUMN latest_revision integer NOT NULL DEFAULT 1,
    ADD COLUMN version         integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN agents.version IS 'raised by every change, also of drafts: what an ETag shows';
UPDATE agents SET deployed_at = created_at WHERE deployed_at IS NULL;
INSERT INTO agent_revisions (agent_id, number, content, note, created_at, deployed_at)
SELECT id, 1, jsonb_build_object(
           'name', name, 'description', description, 'data_set_id', data_set_id, 'instructions', instructions,
           'model', model, 'tools', tools, 'limits', limits, 'settings', settings, 'instances_count', instances_count),
       'As it was before revisions were kept.', updated_at, deployed_at
FROM agents;

ALTER TABLE messages ADD COLUMN agent_revision integer;
COMMENT ON COLUMN messages.agent_revision IS
    'of a message: which revision of its agent answers it, at every attempt; of a reply: which one did';
