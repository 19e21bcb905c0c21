-- Who a worker is: the name of the process, as the database knows it by its connection.
ALTER TABLE procrastinate_workers
    ADD COLUMN process text NOT NULL DEFAULT coalesce(current_setting('application_name', true), '');
