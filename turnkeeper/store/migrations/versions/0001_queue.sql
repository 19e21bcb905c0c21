-- The queue. Procrastinate's own schema is applied just before this file, in the same transaction (see ../upgrade.py).

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
