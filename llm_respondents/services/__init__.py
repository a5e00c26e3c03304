"""What can be done with panels. Keyword-only, coded errors."""

from llm_respondents.services.batch_runs import (
    NEXT_LOOK,
    BatchPlan,
    BatchVisit,
    advance_batches,
    end_batches,
    plan_batches,
    run_panel_in_batches,
)
from llm_respondents.services.named_endpoints import endpoint_named, endpoints
from llm_respondents.services.recruiting.recruitment import (
    clusters_to_recruit,
    draw_panel,
    recruit_panel,
    require_recruitable,
    sessions_to_recruit,
    store_panel,
)
from llm_respondents.services.reparsing import reparse_panel
from llm_respondents.services.runs import (
    PanelRun,
    leave_panel,
    reclaim_leases,
    run_panel,
    run_queued_panel,
)
from llm_respondents.services.steering import (
    MOST_AT_ONCE,
    cancel_panel,
    cap_spend,
    cap_study_spend,
    pause_panel,
    resume_panel,
    retune_panel,
)
from llm_respondents.services.workers import (
    RunOptions,
    limits_of,
    pace_of,
    pace_of_panel,
    timeout_of,
)
from llm_respondents.services.write_off import LostBatch, count_batch_as_lost

__all__ = (
    "MOST_AT_ONCE",
    "NEXT_LOOK",
    "BatchPlan",
    "BatchVisit",
    "LostBatch",
    "PanelRun",
    "RunOptions",
    "advance_batches",
    "cancel_panel",
    "cap_spend",
    "cap_study_spend",
    "clusters_to_recruit",
    "count_batch_as_lost",
    "draw_panel",
    "end_batches",
    "endpoint_named",
    "endpoints",
    "leave_panel",
    "limits_of",
    "pace_of",
    "pace_of_panel",
    "pause_panel",
    "plan_batches",
    "reclaim_leases",
    "recruit_panel",
    "reparse_panel",
    "require_recruitable",
    "resume_panel",
    "retune_panel",
    "run_panel",
    "run_panel_in_batches",
    "run_queued_panel",
    "sessions_to_recruit",
    "store_panel",
    "timeout_of",
)
