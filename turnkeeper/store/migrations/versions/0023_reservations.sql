-- What turns under way hold of a day's limit, so that turns at the same time do not pass it together. There are rows only
-- where a day has a limit. A row counts while its message is pending; those of finished messages are removed by the next turn.
CREATE TABLE reservations (
    message_id      bigint PRIMARY KEY REFERENCES messages ON DELETE CASCADE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    agent_id        bigint NOT NULL,
    day             date NOT NULL,
    tokens          bigint NOT NULL,
    cost_usd        numeric
) WITH (fillfactor = 80);
CREATE INDEX reservations_by_organization ON reservations (organization_id);
COMMENT ON COLUMN reservations.tokens IS 'what the turn has taken so far, and the most that its next call may take';
