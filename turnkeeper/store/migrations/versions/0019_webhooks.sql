-- Webhooks: addresses of an organization that are told what happened.
CREATE TABLE webhooks (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    url             text NOT NULL,
    description     text,
    types           text[] NOT NULL,
    agent_ids       bigint[],
    is_enabled      boolean NOT NULL DEFAULT true,
    disabled_reason text CHECK (disabled_reason IN ('asked', 'gone', 'failing')),
    failing_since   timestamptz,
    not_before      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (is_enabled = (disabled_reason IS NULL))
);
COMMENT ON COLUMN webhooks.agent_ids IS 'only facts about these agents; null for all';
COMMENT ON COLUMN webhooks.failing_since IS 'the first failure after the last success';
COMMENT ON COLUMN webhooks.not_before IS 'the endpoint asked not to be called before';
CREATE INDEX webhooks_organization ON webhooks (organization_id, id);
CREATE INDEX webhooks_enabled ON webhooks (organization_id) WHERE is_enabled;

-- One row for each fact and endpoint, written in the transaction of the fact. Sent in the order of their ids, but for those
-- that stand aside: they were tried for a while, or are sent again by request, and hold up nobody.
CREATE TABLE webhook_deliveries (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    webhook_id      bigint NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    type            text NOT NULL,
    conversation_id bigint,
    event           bigint,
    about           jsonb NOT NULL,
    body            text,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries           integer NOT NULL DEFAULT 0,
    attempts        integer NOT NULL DEFAULT 0,
    aside           boolean NOT NULL DEFAULT false,
    next_at         timestamptz NOT NULL DEFAULT '-infinity',
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at        timestamptz
) WITH (fillfactor = 80);
COMMENT ON COLUMN webhook_deliveries.about IS 'ids of what it is about, as they were when it happened';
COMMENT ON COLUMN webhook_deliveries.body IS 'what was sent first, and is sent at every later attempt';
COMMENT ON COLUMN webhook_deliveries.tries IS 'attempts since it was written, or sent again by request';
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id, id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);
-- The database itself refuses to tell an endpoint the same event twice.
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (conversation_id, event, webhook_id)
    WHERE event IS NOT NULL;

CREATE TABLE webhook_attempts (
    delivery_id  bigint NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    number       integer NOT NULL,
    started_at   timestamptz NOT NULL,
    milliseconds integer NOT NULL,
    status       integer,
    error        text,
    answer       text,
    PRIMARY KEY (delivery_id, number)
);
COMMENT ON COLUMN webhook_attempts.status IS 'of HTTP; null when no answer came';
COMMENT ON COLUMN webhook_attempts.answer IS 'the beginning of the answer''s body';

-- What a webhook signs with rests in the vault beside the organization's own secrets, and is sealed anew with them. No agent
-- can name it.
ALTER TABLE secrets
    ADD COLUMN webhook_id bigint REFERENCES webhooks ON DELETE CASCADE,
    ADD COLUMN expires_at timestamptz,
    DROP CONSTRAINT secrets_name_check,
    ADD CONSTRAINT secrets_name_check CHECK (webhook_id IS NOT NULL OR name ~ '^[A-Z0-9_]{1,100}$');
CREATE INDEX secrets_webhook ON secrets (webhook_id) WHERE webhook_id IS NOT NULL;

-- Tell the endpoints of an organization of a fact, inside the transaction of the fact. `agent` is null for what is about no
-- agent; `conversation` and `event` say where the event log has the rest.
CREATE FUNCTION tell_webhooks(
    organization bigint, agent bigint, fact text, about jsonb, conversation bigint DEFAULT NULL, event bigint DEFAULT NULL
) RETURNS bigint
    LANGUAGE sql
    VOLATILE
AS $$
    WITH told AS (
        INSERT INTO webhook_deliveries (webhook_id, type, conversation_id, event, about)
        SELECT w.id, fact, conversation, event, about FROM webhooks w
        WHERE w.organization_id = organization AND w.is_enabled
          AND (w.agent_ids IS NULL OR agent IS NULL OR agent = ANY(w.agent_ids))
          AND w.types && ARRAY['*', split_part(fact, '.', 1) || '.*', fact]
        RETURNING webhook_id
    )
    SELECT count(defer_task('deliver', 'webhook:' || webhook_id, jsonb_build_object('webhook', webhook_id))) FROM told
$$;

-- Every statement that writes an event tells of it, also those that come to be written later. Pieces of text and thought, whose
-- kinds have no dot, never reach the function; while nobody has a webhook it ends at its first look. The condition is read
-- anew for every statement, so it is short.
CREATE FUNCTION webhooks_hear_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM webhooks WHERE is_enabled) OR NEW.kind = 'model.returned'
        OR NEW.kind = 'turn.started' AND NEW.body -> 'attempt' <> '1'
    THEN
        RETURN NULL;
    END IF;
    PERFORM tell_webhooks(
        c.organization_id, c.agent_id,
        CASE NEW.kind WHEN 'turn.started' THEN 'message.started' WHEN 'messages.superseded' THEN 'message.superseded'
                      ELSE NEW.kind END,
        jsonb_build_object('conversation_id', c.public_id, 'message_id', m.public_id, 'agent_id', a.public_id,
                           'agent', a.slug),
        c.id, NEW.number)
    FROM conversations c JOIN agents a ON a.id = c.agent_id LEFT JOIN messages m ON m.id = NEW.message_id
    WHERE c.id = NEW.conversation_id
      AND EXISTS (SELECT 1 FROM webhooks w WHERE w.organization_id = c.organization_id AND w.is_enabled);
    RETURN NULL;
END $$;
CREATE TRIGGER webhooks_hear_event AFTER INSERT ON events FOR EACH ROW WHEN (NEW.kind LIKE '%.%')
    EXECUTE FUNCTION webhooks_hear_event();

-- `TG_ARGV[0]` is the fact. An agent may be gone in the same statement.
CREATE FUNCTION webhooks_hear_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    talk conversations := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF EXISTS (SELECT 1 FROM webhooks WHERE is_enabled) THEN
        PERFORM tell_webhooks(
            talk.organization_id, talk.agent_id, TG_ARGV[0],
            jsonb_build_object(
                'conversation_id', talk.public_id,
                'agent_id', (SELECT public_id FROM agents WHERE id = talk.agent_id),
                'agent', (SELECT slug FROM agents WHERE id = talk.agent_id))
            || CASE TG_ARGV[0] WHEN 'conversation.archived'
                    THEN jsonb_build_object('is_archived', to_jsonb(talk) ->> 'archived_at' IS NOT NULL) ELSE '{}' END,
            talk.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhooks_hear_creation AFTER INSERT ON conversations FOR EACH ROW
    EXECUTE FUNCTION webhooks_hear_conversation('conversation.created');
CREATE TRIGGER webhooks_hear_deletion AFTER DELETE ON conversations FOR EACH ROW
    EXECUTE FUNCTION webhooks_hear_conversation('conversation.deleted');

CREATE FUNCTION webhooks_hear_agent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell_webhooks(
        NEW.organization_id, NEW.id, 'agent.changed',
        jsonb_build_object('agent_id', NEW.public_id, 'agent', NEW.slug, 'change', CASE
            WHEN TG_OP = 'INSERT' THEN 'created'
            WHEN NEW.deleted_at IS NOT NULL THEN 'deleted'
            WHEN NEW.deployed_at IS DISTINCT FROM OLD.deployed_at THEN 'deployed'
            ELSE 'changed' END));
    RETURN NULL;
END $$;
CREATE TRIGGER webhooks_hear_agent AFTER INSERT OR UPDATE ON agents FOR EACH ROW
    EXECUTE FUNCTION webhooks_hear_agent();

CREATE FUNCTION webhooks_hear_sync() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell_webhooks(
        d.organization_id, NULL, 'data_set.synced',
        jsonb_build_object('data_set_id', d.public_id, 'data_set', d.name, 'sync_id', NEW.public_id, 'state', NEW.state))
    FROM data_sets d WHERE d.id = NEW.data_set_id;
    RETURN NULL;
END $$;
CREATE TRIGGER webhooks_hear_change AFTER UPDATE OF title, tags, metadata ON conversations FOR EACH ROW
    WHEN ((OLD.title, OLD.tags, OLD.metadata) IS DISTINCT FROM (NEW.title, NEW.tags, NEW.metadata))
    EXECUTE FUNCTION webhooks_hear_conversation('conversation.updated');
CREATE TRIGGER webhooks_hear_archiving AFTER UPDATE OF archived_at ON conversations FOR EACH ROW
    WHEN ((OLD.archived_at IS NULL) <> (NEW.archived_at IS NULL))
    EXECUTE FUNCTION webhooks_hear_conversation('conversation.archived');
CREATE TRIGGER webhooks_hear_sync AFTER UPDATE OF state ON syncs FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('completed', 'failed', 'cancelled'))
    EXECUTE FUNCTION webhooks_hear_sync();
