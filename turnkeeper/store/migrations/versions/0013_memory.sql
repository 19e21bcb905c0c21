-- The running summary of a long conversation. At most one row a conversation, gone with it.
CREATE TABLE memories (
    conversation_id    bigint PRIMARY KEY REFERENCES conversations ON DELETE CASCADE,
    up_to_message_id   bigint NOT NULL,
    text               text NOT NULL,
    model              text NOT NULL,
    model_calls        bigint NOT NULL DEFAULT 0,
    input_tokens       bigint NOT NULL DEFAULT 0,
    output_tokens      bigint NOT NULL DEFAULT 0,
    cache_read_tokens  bigint NOT NULL DEFAULT 0,
    cache_write_tokens bigint NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN memories.up_to_message_id IS 'the last message that is in the summary, with its answer';
COMMENT ON COLUMN memories.model_calls IS 'how often it was written; the tokens are those of all these calls';
