-- PDFs go to models that take them as they are: within how many pages, their provider says.
ALTER TABLE blobs ADD COLUMN pages integer;
COMMENT ON COLUMN blobs.pages IS 'of a PDF that opens without a password and was counted; its text may be empty then';
COMMENT ON COLUMN blobs.text IS 'what a model reads instead of the bytes; null for pictures, empty for scanned pages';
-- Whoever uploads a known PDF again has its pages counted.
UPDATE blobs SET is_read = false WHERE id IN (SELECT blob_id FROM files WHERE media_type = 'application/pdf');
