"""Work that takes longer than a page may, and that outlives the process that does it.

Whoever works on a `surveys.models.Job` holds a lease and renews it. A worker that dies stops doing
so: its job is taken up by another one, at most `Job.max_attempts` times in all, and then ends with
the code ``worker_died``. What a worker stores counts only while it holds the lease.

kinds     which use case does the work of which kind
queue     starting and cancelling jobs, and taking up those of dead workers: any door's way in
work      doing a job in this process: a command's, or a worker's
"""
