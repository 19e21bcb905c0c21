-- Bytes, once an organization however often they are uploaded. The row is written before the bytes and deleted after them,
-- so nothing lies in the storage that no row knows. There is no foreign key: a row outlives its organization until
-- its bytes are gone.
CREATE TABLE blobs (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint NOT NULL,
    hash            bytea NOT NULL,
    size            bigint NOT NULL,
    text            text,
    is_stored       boolean NOT NULL DEFAULT false,
    unused_since    timestamptz DEFAULT now(),
    UNIQUE (organization_id, hash)
);
COMMENT ON COLUMN blobs.hash IS 'SHA-256 of the bytes; also their name in the storage';
COMMENT ON COLUMN blobs.text IS 'what a model reads instead of the bytes; null for pictures';
COMMENT ON COLUMN blobs.is_stored IS 'that the bytes are known to lie in the storage';
COMMENT ON COLUMN blobs.unused_since IS 'null while a file has these bytes';
CREATE INDEX blobs_unused ON blobs (unused_since) WHERE unused_since IS NOT NULL;

-- Ids are of the sequence of messages: where a dialect shows files among messages, no two of them have the same id, and an
-- upload comes before the message that it is attached to, a file of the agent's between the question and the reply.
CREATE TABLE files (
    id              bigint PRIMARY KEY DEFAULT nextval('messages_id_seq'),
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    account_id      bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    conversation_id bigint REFERENCES conversations ON DELETE CASCADE,
    blob_id         bigint NOT NULL REFERENCES blobs,
    name            text NOT NULL,
    media_type      text NOT NULL,
    unused_since    timestamptz DEFAULT now(),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN files.conversation_id IS 'the only conversation that it may be attached in; null for any';
COMMENT ON COLUMN files.unused_since IS 'null while a message has it';
CREATE INDEX files_unused ON files (unused_since) WHERE unused_since IS NOT NULL;
CREATE INDEX files_blob ON files (blob_id);
CREATE INDEX files_conversation ON files (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX files_account ON files (account_id);

-- What is attached to a message of a person, and (`is_written`) what the agent wrote while it answered that message, which
-- is shown with the reply.
CREATE TABLE message_files (
    message_id      bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    file_id         bigint NOT NULL REFERENCES files ON DELETE CASCADE,
    conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
    place           integer NOT NULL,
    is_written      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (message_id, file_id)
);
CREATE INDEX message_files_file ON message_files (file_id);
CREATE INDEX message_files_conversation ON message_files (conversation_id);

ALTER TABLE conversations ADD COLUMN has_files boolean NOT NULL DEFAULT false;

-- Counting by the last reference that goes: whatever deletes it, what is left is found by the age of being unused.
CREATE FUNCTION files_after_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE files SET unused_since = now()
    WHERE id = OLD.file_id AND NOT EXISTS (SELECT 1 FROM message_files WHERE file_id = OLD.file_id);
    RETURN NULL;
END $$;
CREATE TRIGGER message_files_deleted AFTER DELETE ON message_files
    FOR EACH ROW EXECUTE FUNCTION files_after_use();

CREATE FUNCTION blobs_after_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE blobs SET unused_since = now()
    WHERE id = OLD.blob_id AND NOT EXISTS (SELECT 1 FROM files WHERE blob_id = OLD.blob_id);
    RETURN NULL;
END $$;
CREATE TRIGGER files_deleted AFTER DELETE OR UPDATE OF blob_id ON files
    FOR EACH ROW EXECUTE FUNCTION blobs_after_use();
