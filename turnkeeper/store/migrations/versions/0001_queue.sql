-- The queue. Procrastinate's own schema is applied just before this file, in the same transaction (see ../upgrade.py).

-- What the library writes and we do not read: a history of each task's states (three rows a task; a turn's own story is in
-- our events), and notifications inside the transaction that defers (one at a time may commit; see decision 3).
DROP TRIGGER procrastinate_trigger_status_events_insert_v1 ON procrastinate_jobs;
DROP TRIGGER procrastinate_trigger_status_events_update_v1 ON procrastinate_jobs;
DROP TRIGGER procrastinate_trigger_scheduled_events_v1 ON procrastinate_jobs;
DROP TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs;
ALTER TABLE procrastinate_jobs ADD COLUMN deferred_at timestamptz NOT NULL DEFAULT now();

-- Indexes that no statement of ours uses cost at every change of a task.
DROP INDEX procrastinate_jobs_queue_name_idx_v1;
DROP INDEX procrastinate_jobs_id_lock_idx_v1;

-- "Is an earlier task with this lock waiting or running?" is asked for every task that a worker fetches.
CREATE INDEX turnkeeper_jobs_lock_idx ON procrastinate_jobs (lock, id)
    WHERE lock IS NOT NULL AND status IN ('todo', 'doing');

-- Defer a task inside any statement, so that a fact and the work that it causes are one transaction.
-- Tasks with the same lock run one at a time, in the order of their ids. Returns the task's id.
CREATE FUNCTION defer_task(
    task text,
    lock text,
    args jsonb,
    queue text DEFAULT 'default',
    run_at timestamptz DEFAULT NULL
) RETURNS bigint
    LANGUAGE sql
    VOLATILE
AS $$
    SELECT (procrastinate_defer_jobs_v1(ARRAY[
        ROW(queue, task, 0, lock, NULL, args, run_at)::procrastinate_job_to_defer_v1
    ]))[1]
$$;
