-- What turns cost. A conversation's sums stand on its own row, which the end of a turn writes anyway; they stay null, and take
-- no room, as long as nothing was spent.
ALTER TABLE conversations
    ADD COLUMN input_tokens       bigint,
    ADD COLUMN output_tokens      bigint,
    ADD COLUMN cache_read_tokens  bigint,
    ADD COLUMN cache_write_tokens bigint,
    ADD COLUMN cost_usd           numeric,
    ADD COLUMN unpriced_calls     bigint;

ALTER TABLE organizations ADD COLUMN limits jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN organizations.limits IS 'the fields of core.limits.Ceilings that are set';

-- Sums by day (in UTC, of the turn's end). The slot is the conversation's number modulo 16: turns that end at the same time
-- seldom wait for each other's row. Agents and accounts are numbers only: what they spent stays when they go.
CREATE TABLE usage_days (
    organization_id    bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    day                date NOT NULL,
    agent_id           bigint NOT NULL,
    account_id         bigint NOT NULL,
    model              text NOT NULL,
    slot               smallint NOT NULL,
    turns              bigint NOT NULL,
    input_tokens       bigint NOT NULL,
    output_tokens      bigint NOT NULL,
    cache_read_tokens  bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    cost_usd           numeric,
    unpriced_calls     bigint NOT NULL,
    PRIMARY KEY (organization_id, day, agent_id, account_id, model, slot)
) WITH (fillfactor = 80);
COMMENT ON COLUMN usage_days.cost_usd IS 'the sum of what is known; null when nothing is';
