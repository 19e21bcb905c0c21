-- What people say about a conversation. All null where nobody says anything: such rows take no room and are in none of the
-- partial indexes, so that talks without labels cost what they did.
ALTER TABLE conversations
    ADD COLUMN title       text,
    ADD COLUMN tags        text[],
    ADD COLUMN metadata    jsonb,
    ADD COLUMN archived_at timestamptz,
    ADD COLUMN revision    integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN conversations.title IS 'given by a person; where it is null the summary stands for it';
COMMENT ON COLUMN conversations.revision IS 'counts the changes of title, tags, metadata and archived_at';
CREATE INDEX conversations_tags ON conversations USING gin (tags) WHERE tags IS NOT NULL;
CREATE INDEX conversations_metadata ON conversations USING gin (metadata jsonb_path_ops) WHERE metadata IS NOT NULL;
CREATE INDEX conversations_organization_created ON conversations (organization_id, created_at, id);
CREATE INDEX conversations_organization_updated ON conversations (organization_id, updated_at, id);
-- Deleting a conversation looks for its approvals.
CREATE INDEX approvals_conversation ON approvals (conversation_id);

-- The words of messages, for the search. Written behind, when somebody searches: an index on messages themselves would double
-- the work of PostgreSQL at each turn.
CREATE TABLE message_words (
    message_id      bigint PRIMARY KEY REFERENCES messages ON DELETE CASCADE,
    conversation_id bigint NOT NULL,
    words           tsvector NOT NULL
);
CREATE INDEX message_words_conversation ON message_words (conversation_id);
CREATE INDEX message_words_words ON message_words USING gin (words);

CREATE TABLE message_words_progress (
    up_to     bigint NOT NULL,
    wanted_at timestamptz
);
INSERT INTO message_words_progress (up_to) VALUES (0);
COMMENT ON COLUMN message_words_progress.up_to IS 'every message up to this id has its words';
COMMENT ON COLUMN message_words_progress.wanted_at IS 'the last search';

-- Conversations that came whole, by fork or import: their messages say nothing about when they were written here.
CREATE TABLE conversations_to_read (
    conversation_id bigint PRIMARY KEY REFERENCES conversations ON DELETE CASCADE
);

-- A UUID version 7, like those that the server makes.
CREATE FUNCTION make_public_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid())
        PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$;
