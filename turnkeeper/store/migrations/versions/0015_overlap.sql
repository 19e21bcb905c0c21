-- What becomes of a message that comes while another one is being answered, and of a talk that is edited.
-- A conversation's `joining` costs its turns nothing to read: every write of a turn updates that row anyway.
ALTER TABLE conversations ADD COLUMN joining bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN conversations.joining IS
    'the first event of the newest message that may join the turn before it; a turn that knows a smaller one looks';

ALTER TABLE messages
    ADD COLUMN overlap       text,
    ADD COLUMN steers        bigint,
    ADD COLUMN answered_with bigint REFERENCES messages ON DELETE CASCADE,
    ADD COLUMN joined_call   integer,
    ADD COLUMN left_out      text CHECK (left_out IN ('rolled_back', 'superseded'));
COMMENT ON COLUMN messages.overlap IS 'the policy by which it was accepted; null for enqueue';
COMMENT ON COLUMN messages.steers IS 'of one accepted to steer: the message whose turn may take it in; no other does';
COMMENT ON COLUMN messages.answered_with IS 'the earlier message whose turn took it in: its reply is the reply to both';
COMMENT ON COLUMN messages.joined_call IS 'before which call of the model of that turn it was taken in: 1, 2, 3 …';
COMMENT ON COLUMN messages.left_out IS 'why the agent does not remember it; of a message and of its reply';
CREATE INDEX messages_answered_with ON messages (answered_with) WHERE answered_with IS NOT NULL;

-- A summary that is being written while the talk is edited must not be kept.
ALTER TABLE memories ADD COLUMN edits integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN memories.edits IS 'how often the talk was edited: what was read before does not count any more';

-- What people think of a reply: one opinion an account and reply.
CREATE TABLE feedback (
    message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    rating     text NOT NULL CHECK (rating IN ('up', 'down')),
    comment    text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (message_id, account_id)
);
CREATE INDEX feedback_account ON feedback (account_id);
