"""Why a use case says no."""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class Refusal(SentenceCode):
    """What a use case of the panels says no to."""

    BATCH_HELD = (
        "batch_held",
        _("A worker is busy with batch %(batch)s. Pause the panel, then say it again."),
    )
    BATCH_MISSING = "batch_missing", _("Panel %(panel)s has no batch %(batch)s.")
    BATCH_NOT_LOST = (
        "batch_not_lost",
        _(
            "Batch %(batch)s is %(state)s. Only one that its provider did not know when it was "
            "last looked for can be counted as lost."
        ),
    )
    BATCH_NOT_OFFERED = (
        "batch_not_offered",
        _(
            "Nothing is known of batches at this panel's endpoint. If it takes them, whoever "
            "operates the server can write batch = true with the endpoint; else run the panel "
            "without."
        ),
    )
    BATCH_SCRIPTED = (
        "batch_scripted",
        _("A scripted panel replies at once; run it without batches."),
    )
    BLOCK_UNKNOWN = (
        "block_unknown",
        _("The study has no block %(block)s to ask. Its blocks: %(known)s."),
    )
    CONCURRENCY_BOUNDS = (
        "concurrency_bounds",
        _("A worker makes 1 to %(most)s calls at once; nothing stands for what the list says."),
    )
    NOTHING_TO_RETUNE = "nothing_to_retune", _("Give --concurrency, --spend-cap, or both.")
    LIST_CHANGED = (
        "list_changed",
        _("Somebody else changed the list meanwhile. It is shown as it is now; change it again."),
    )
    CAP_NEGATIVE = "cap_negative", _("A spend cap is 0 or more.")
    ENDPOINT_UNKNOWN = (
        "endpoint_unknown",
        _(
            "There is no endpoint %(endpoint)s. Choose one of those listed (%(known)s); whoever "
            "operates the server lists them in endpoints.toml."
        ),
    )
    ENDPOINTS_UNREADABLE = (
        "endpoints_unreadable",
        _(
            "The list of endpoints cannot be read, so that no endpoint is called. Whoever operates "
            "the server can mend it: manage.py check says what is wrong with it."
        ),
    )
    CLIENT_MISSING = (
        "api_client_missing",
        _(
            "The client of this endpoint's interface (%(api)s) is not installed. Whoever operates "
            "the server installs it with: pip install -c config/constraints.txt -e '.[%(extra)s]'"
        ),
    )
    GROUP_KEY_TAKEN = (
        "group_key_taken",
        _(
            "The study has a group %(key)s already; choose another name, or go on with the panel "
            "that has it."
        ),
    )
    HISTORY_GROUP_EMPTY = (
        "history_group_empty",
        _(
            "Nobody in group %(group)s has completed the study yet; recruit the panel when "
            "somebody has."
        ),
    )
    HISTORY_GROUP_UNKNOWN = (
        "history_group_unknown",
        _("The study has no group %(group)s to take a history from. Its groups: %(known)s."),
    )
    KEY_MISSING = (
        "api_key_missing",
        _("Set the environment variable %(variable)s to the endpoint's key."),
    )
    LANGUAGE_NOT_OFFERED = (
        "language_not_offered",
        _("The study is not available in %(language)s; choose one of: %(offered)s."),
    )
    LANGUAGE_WITHOUT_PROMPTS = (
        "language_without_prompts",
        _("There are no prompts in %(language)s yet; they exist in: %(known)s."),
    )
    NO_OPEN_READING = (
        "no_open_reading",
        _("No replies of panel %(panel)s wait to be read; draw a sample first."),
    )
    NOBODY_TO_MATCH = (
        "nobody_to_match",
        _("Nobody has completed this study yet; match the panel when people have."),
    )
    NOTHING_TO_TELL = (
        "nothing_to_tell",
        _("Every block of the study is asked, so that no answer is left to tell."),
    )
    ANSWERS_DECIDE = (
        "answers_decide",
        _(
            "In %(study)s answers decide what is asked next, or are repeated: no session can be "
            "told the answers of others, or be asked its blocks in another order."
        ),
    )
    NOTHING_TO_PROBE = (
        "nothing_to_probe",
        _("A scripted panel calls no endpoint, so that there is nothing to probe."),
    )
    NOTHING_TO_READ = (
        "nothing_to_read",
        _(
            "Panel %(panel)s has no reply yet that its parser read by its words; stated "
            "percentages are not among them."
        ),
    )
    NOTHING_LOST = (
        "nothing_lost",
        _("Panel %(panel)s has no turn that was lost for such a reason and could be asked again."),
    )
    PANEL_BUSY = (
        "panel_busy",
        _(
            "Workers hold sessions of panel %(panel)s, or a batch of it is under way. Pause it, or "
            "wait for the batch, then say it again."
        ),
    )
    PANEL_CANCELLED = (
        "panel_cancelled",
        _("Panel %(panel)s was cancelled; recruit a new one."),
    )
    PANEL_OVER = "panel_over", _("Panel %(panel)s is over; recruit a new one to go on.")
    PANEL_UNKNOWN = (
        "panel_unknown",
        _("There is no panel %(panel)s here; calls are kept where a panel was run."),
    )
    PILOT_TOO_SMALL = "pilot_too_small", _("A pilot has 1 session or more.")
    PRICE_UNKNOWN = (
        "price_unknown",
        _(
            "There is a spend cap, and no price is known for %(model)s. Lift the cap, or let "
            "whoever operates the server list the price with the endpoint's models."
        ),
    )
    PROMPT_VERSION_CHANGED = (
        "prompt_version_changed",
        _(
            "This panel was recruited for prompts %(recruited)s, and this installation has "
            "%(installed)s. Finish it with the version that it began with, or recruit anew."
        ),
    )
    READING_OPEN = (
        "reading_open",
        _("Replies of panel %(panel)s wait to be read already; read them first."),
    )
    READING_SIZE = "reading_size", _("A sample has from 2 to %(most)s replies.")
    READING_UNKNOWN = (
        "reading_unknown",
        _("%(reading)s is no reading of one of the replies that were drawn."),
    )
    SPEC_UNREADABLE = "panel_spec_unreadable", _("%(file)s cannot be read: %(reason)s.")
    STUDY_NEEDED = "study_needed", _("Say --study NAME, or --panel ID.")
    STUDY_NOT_OPEN = "study_not_open", _("Panels are recruited for an open study only.")
