-- Turns stand in a queue of their organization: `organization:` and its number. A worker that has more to do than it has room
-- for takes from all of these in turn, for which it looks into each one's head. Tasks of other kinds stay in `default`.
CREATE INDEX turnkeeper_jobs_share_idx ON procrastinate_jobs (queue_name, id) WHERE status = 'todo';

UPDATE procrastinate_jobs j SET queue_name = 'organization:' || c.organization_id
FROM conversations c
WHERE j.status = 'todo' AND j.task_name = 'answer' AND j.lock = 'conversation:' || c.id;
