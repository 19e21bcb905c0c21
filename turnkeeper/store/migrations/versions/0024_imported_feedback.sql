-- An opinion that came with an imported conversation is nobody's here: accounts do not travel.
ALTER TABLE feedback DROP CONSTRAINT feedback_pkey;
ALTER TABLE feedback ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
ALTER TABLE feedback ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE feedback ADD CONSTRAINT feedback_one_an_account UNIQUE (message_id, account_id);
COMMENT ON COLUMN feedback.account_id IS 'NULL: said elsewhere, before the conversation was imported';
