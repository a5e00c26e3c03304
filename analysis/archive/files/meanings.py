"""What the columns of the tables are, by name: one meaning wherever a name occurs."""

from collections.abc import Mapping

from analysis.archive.files.tables.factors import FACTOR_MEANINGS
from analysis.archive.files.tables.subgroups import SUBGROUP_MEANINGS

RESULT = "As results/schema.json describes it:"
FIT_INDEX = "Index of fit under lavaan's name:"

_RESPONDENTS = {
    "respondent": "Pseudonym of a respondent, made for this archive",
    "group": "Key of the group",
    "kind": "human: people; llm: model-generated, not participants",
    "simulated": "1 where answers were simulated",
    "cluster": "What several sessions share, called after its first member; a person's is its own",
    "excluded": "The rule that left the respondent out of the analysis; empty where none did",
    "language": "Language in which the respondent was asked",
    "scale_direction": "Whether options ran from the lowest value (forward) or the highest",
}
_SIGNALS = {
    "seconds_per_answer": "Seconds an answer of the quickest page of three answers or more, when "
    "it was sent first, by the server's clock; NA where no page was timed",
    "longest_run": "Most answers in a row that were one option of one scale, in the order asked",
    "repeated": "1 where all answers are those of an earlier respondent of the group (15 answers "
    "or more, three values or more)",
    "traps": "Hidden fields that were filled in; NA where the study had none",
    "pasted_texts": "Texts that were pasted for the most part; NA where it was not recorded",
    "times_left": "How often pages were left for another window; NA where it was not recorded",
    "proof_of_work": "What became of the proof of work that the consent form asked for: done, "
    "absent, wrong or late; NA where none was asked for",
}
_ANSWERS = {
    "ref": "A question of the study: block.item, or check.key",
    "question": "item, attention_check, or score where it was computed",
    "item_position": "Place of an item in its block as published, from 1",
    "order_position": "Place in the order realised for the respondent, from 1; of people asked "
    "elsewhere the place of a column in the imported file",
    "code": "Place on display of the option chosen, from 1 at the top; NA of people asked "
    "elsewhere",
    "value": "Value of the option chosen, before reverse-keying",
    "oriented": "Value after reverse-keying; NA of attention checks, which are not scored",
    "missing_reason": "Why there is no answer",
    "missing_code": "The reason as a number: -99 declined, -98 no usable reply, -97 never asked, "
    "-96 an answer that is not scored",
    "reason_meaning": "The reason in words",
    "elapsed_ms": "Milliseconds that the answer took, as far as measured",
}
_CODEBOOK = {
    "file": "Path of a table in this archive",
    "column": "Name of one of its columns",
    "meaning": "What the column is",
    "block": "Block of the study",
    "instrument": "Name of the instrument",
    "version": "Version of the instrument",
    "construct": "What is measured; in results the key of a construct of the plan",
    "facet": "Facet of the construct",
    "reverse_keyed": "1 where high values mean less",
    "minimum": "Lowest value of the response scale",
    "maximum": "Highest value of the response scale",
    "mean_of": "Columns that a score is the mean of",
}
_SOURCES = {
    "data_file": "Name of the file that was imported; it is not in this archive",
    "data_sha256": "SHA-256 of that file",
    "citation": "Where the answers come from",
    "licence": "Licence of the answers",
    "note": "What else was said of the source",
    "rows_read": "Rows of the file",
    "rows_imported": "Rows that became respondents",
    "imported_on": "Day of the import; on which days people were asked is another matter",
    "mapping_file": "The mapping in this archive that says how columns became answers",
    "mapping_sha256": "SHA-256 of the mapping as it was used",
}
_PLAN = {
    "path": "Key of a path of the plan",
    "model": "Model of the plan in which paths are estimated together",
    "outcome": "Construct that a path leads to",
    "predictor": "Construct that a path starts from",
    "expected_sign": "Sign expected of a path; 0: the people's own",
    "sign_source": "T: the sign is theory's; H: it is the people's",
    "family": "Paths of a family are averaged before families are",
    "path_reference": "Why the sign is expected",
    "path_facet": "Facet that a path belongs to",
    "scenario": "Scenario that a path belongs to",
    "indicator": "Observed variable that measures a construct",
    "indicator_items": "Items that the indicator is the mean of",
}
_PATHS = {
    "rung": "How much of the model the group's data bear: full, items_dropped, composite, "
    "single_indicator, none",
    "reason": "Why a path has no estimate, or no standard error",
    "path_est": "Unstandardised estimate",
    "path_se": "Its standard error; of clusters where rows share them, none with fewer than 30",
    "path_ci_lower": "Lower end of its interval",
    "path_ci_upper": "Upper end of its interval",
    "std": "Standardised estimate",
    "std_se": "Its standard error; of clusters where rows share them, none with fewer than 30",
    "std_ci_lower": "Lower end of its interval",
    "std_ci_upper": "Upper end of its interval",
    "path_pvalue": "p-value of the path",
    "pvalue_holm": "p-value adjusted by Holm over the paths of the group",
    "path_n": "Rows that the fit used",
    "zero_order_r": "Correlation of the two composites",
    "suppressed": "1 where the path is resolved against the sign of that correlation",
    "positive_share": "Share of bootstrap refits with a positive path",
    "fit": "Name of a fit, shared by all tables",
    "outcome_variable": "What the outcome is called in the syntax of the fit",
    "predictor_variable": "What the predictor is called in the syntax of the fit",
    "fit_se": "The fit's own standard error of the unstandardised estimate",
    "fit_std_se": "The fit's own standard error of the standardised estimate",
}
_FITS = {
    "step": "own: the group alone; else the step of the invariance ladder",
    "groups": "Keys of the groups that were fitted together",
    "estimator": "Estimator of the fit",
    "missing": "How missing values were handled",
    "clustered": "1 where standard errors are those of clusters",
    "nobs": "Rows used, by group",
    "converged": "1 where the search ended at a solution",
    "admissible": "1 where the solution is possible",
    "lhs": "Left side of a parameter, as lavaan writes it",
    "op": "Operator of a parameter, as lavaan writes it",
    "rhs": "Right side of a parameter, as lavaan writes it",
    "label": "Label that ties parameters",
    "free": "1 where the parameter was estimated",
    "est": "Estimate",
    "se": "Standard error",
    "z": "Estimate over standard error",
    "pvalue": "p-value",
    "ci_lower": "Lower end of the interval",
    "ci_upper": "Upper end of the interval",
    "std_all": "Standardised estimate",
    "std_all_se": "Standard error of the standardised estimate",
}
_VAAR = {
    "signs": "T: signs of theory; H: signs of the people",
    "hard": "Share of paths with the expected sign",
    "agree": "Share of paths whose interval lies on the expected side",
    "contradict": "Share of paths whose interval lies on the other side",
    "undetermined": "Share of paths whose interval holds zero",
    "not_estimable": "Share of paths without an estimate",
    "evidence": "Mean probability of the expected sign, weighted by the people's certainty",
    "log": "1 less the mean surprise in bits: 1 certain, 0 a coin, negative confidently wrong",
    "sample_n": "Size of the samples that are set beside the model: its effective n",
    "joint": "Mean probability that people and model have the same sign",
    "ceiling": "The most that joint could reach with these people",
    "joint_normalised": "joint between chance and ceiling; NA where these are too close",
    "null_concordance": "Mean probability of no effect where the people show none",
    "effective_paths": "Effective number of independent paths",
    "chance_all_hard": "Probability that coins get every sign right",
    "failed_refit_share": "Share of bootstrap refits that failed",
    "shares": "Whether probabilities are by normal theory or of bootstrap refits",
    "permutation_p": "p-value of joint under permutation",
    "sign": "Sign that was expected of the path",
    "human_share": "Probability of that sign in the people",
    "model_share": "Probability of that sign in the model",
    "path_weight": "Weight of the path in evidence",
    "path_hard": "1 where the path has the expected sign",
    "decision": "agree, contradict, undetermined or not_estimable",
    "human_resolved": "1 where the people's interval leaves out zero",
    "null_expected": "1 where the people's interval lies within the smallest effect of interest",
}
_BENCHMARKS = {
    "benchmark": "What was scored: model, or people, no_effect, no_model in samples of its size",
    "no_model": "Whether a regression on what sessions were told has a score, or why not",
    "told": "What that regression rests on",
    "vaar_number": "Name of a number of VAAR",
    "vaar_value": "Its value in the model, its mean over samples in a benchmark",
    "vaar_lower": "Lower end of its interval",
    "vaar_upper": "Upper end of its interval",
    "size": "What is compared in size: a ratio of model over people, or a calibration line",
    "size_of": "The path or outcome whose size it is",
    "size_value": "The ratio, or the number of the line",
    "size_lower": "Lower end of its interval",
    "size_upper": "Upper end of its interval",
    "size_method": "How the interval was made",
    "line_paths": "How many paths the calibration line rests on",
}
_INTERVALS = {
    f"{name}_{end}": words.format(name=name)
    for name in ("hard", "evidence", "joint", "log")
    for end, words in (
        ("lower", "Lower end of the bootstrap interval of {name}"),
        ("upper", "Upper end of the bootstrap interval of {name}"),
        ("least", "The least that {name} could be, whatever paths without estimate had brought"),
        ("most", "The most that {name} could be, whatever paths without estimate had brought"),
    )
}
_COMPANIONS = {
    "item": "Name of an item",
    "median_variance_ratio": "Median over items of the variance over the people's",
    "median_wasserstein": "Median over items of the distance from the people's distribution",
    "median_jensen_shannon": "Median over items of the divergence from the people's, in bits",
    "profile_icc": "ICC(A,1) of facet means beside the people's",
    "profile_icc_lower": "Lower end of its interval",
    "profile_icc_upper": "Upper end of its interval",
    "r2": "Explained variance of the outcome in the model",
    "human_r2": "Explained variance of the outcome in the people, on the model's rung",
    "r2_ratio": "The one over the other",
    "r2_ratio_lower": "Lower end of its interval",
    "r2_ratio_upper": "Upper end of its interval",
    "human_fit": "Name of the fit of the people that is set beside",
    "human_outcome_variable": "What the outcome is called in that fit",
    "rung_reason": "Why the group is not on the full rung",
    "constant_items": "Items that everybody of the group answered alike",
    "dropped_items": "Items that the group's model had to do without",
}
MEANINGS: Mapping[str, str] = {
    **_RESPONDENTS,
    **_SIGNALS,
    **_ANSWERS,
    **_CODEBOOK,
    **_SOURCES,
    **_PLAN,
    **_PATHS,
    **_FITS,
    **_VAAR,
    **_BENCHMARKS,
    **_INTERVALS,
    **_COMPANIONS,
    **SUBGROUP_MEANINGS,
    **FACTOR_MEANINGS,
}
