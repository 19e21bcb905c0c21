ALTER TABLE agents ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN agents.settings IS 'only what differs from the defaults of core.agents.AgentSettings';
