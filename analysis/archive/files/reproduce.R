# Refits the models of run @run@ (study @study@, plan @plan@) with lavaan, from data/scored.csv,
# works out VAAR and its companions from the refits (agreement.R), and compares all of it with
# results/tables/.
#
#   Rscript lavaan/reproduce.R
#
# needs R with lavaan 0.6-14 or later and writes lavaan/output/: parameters.csv, paths.csv, fit.csv,
# vaar.csv, items.csv, companions.csv, differences.csv and sessionInfo.txt. Exit status 0:
# everything agrees to three decimals.

suppressPackageStartupMessages(library(lavaan))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
root <- if (length(script)) dirname(dirname(normalizePath(script))) else ".."
output <- file.path(root, "lavaan", "output")
dir.create(output, showWarnings = FALSE)
source(file.path(root, "lavaan", "agreement.R"))
tolerance <- 5e-4
people <- @people@
delta <- @delta@
level <- @level@

read_table <- function(path, text) {
  read.csv(file.path(root, path), na.strings = "NA", check.names = FALSE,
           colClasses = setNames(rep("character", length(text)), text))
}

scored <- read_table("data/scored.csv", c("respondent", "group", "cluster"))

fits <- list(
@fits@
)

refit <- function(one) {
  rows <- scored[scored$group %in% one$groups, ]
  arguments <- list(model = one$model, data = rows[unique(c(one$columns, "group", "cluster",
                                                                if (nzchar(one$weight)) one$weight))],
                    estimator = one$estimator, missing = one$missing,
                    information = one$information)
  if (length(one$groups) > 1) {
    arguments$group <- "group"
    arguments$group.label <- one$groups
    arguments$group.equal <- one$group_equal
    arguments$group.partial <- one$group_partial
  }
  if (nzchar(one$weight)) {
    # Only people have weights; a session of a model counts once.
    rows_without <- is.na(arguments$data[[one$weight]])
    arguments$data[[one$weight]][rows_without] <- 1
    arguments$sampling.weights <- one$weight
    arguments$sampling.weights.normalization <- "group"
  }
  if (any(nzchar(one$ordered))) arguments$ordered <- one$ordered
  # Sessions that share a draw are one cluster: standard errors are robust.
  # lavaan refuses clusters that have one row each in one of the groups, as people do, and counts
  # ordered items as if their rows were independent; such a fit is repeated without, and its
  # standard errors and scaled tests are not compared.
  if (one$clusters == "all") arguments$cluster <- "cluster"
  do.call("sem", arguments)
}

parameters_of <- function(one, fit) {
  rows <- as.data.frame(parameterEstimates(fit))
  std <- as.data.frame(standardizedSolution(fit))
  rows$group <- if (is.null(rows$group)) 1 else rows$group
  std$group <- if (is.null(std$group)) 1 else std$group
  key <- function(table) paste(table$lhs, table$op, table$rhs, table$group)
  found <- match(key(rows), key(std))
  groups <- ifelse(rows$op == ":=", "", one$groups[pmax(rows$group, 1)])
  data.frame(fit = one$fit, lhs = rows$lhs, op = rows$op, rhs = rows$rhs, group = groups,
             est = rows$est, se = rows$se, z = rows$z, pvalue = rows$pvalue,
             std_all = std$est.std[found], std_all_se = std$se[found])
}

indices_of <- function(one, fit) {
  measures <- fitMeasures(fit)
  data.frame(fit = one$fit, index = names(measures), value = as.numeric(measures))
}

solutions <- lapply(fits, refit)
parameters <- do.call(rbind, Map(parameters_of, fits, solutions))
indices <- do.call(rbind, Map(indices_of, fits, solutions))
paths <- parameters[parameters$op == "~", ]
write.csv(parameters, file.path(output, "parameters.csv"), row.names = FALSE)
write.csv(paths, file.path(output, "paths.csv"), row.names = FALSE)
write.csv(indices, file.path(output, "fit.csv"), row.names = FALSE)

# ---- comparison with what the archive says

key <- function(table) {
  # A covariance has no direction; the expression of a defined parameter may be spaced otherwise.
  swapped <- table$op == "~~" & table$lhs > table$rhs
  first <- ifelse(swapped, table$rhs, table$lhs)
  second <- ifelse(table$op == ":=", "", ifelse(swapped, table$lhs, table$rhs))
  paste(table$fit, first, table$op, second, table$group)
}

uncertain <- vapply(Filter(function(one) one$clusters == "some", fits), `[[`, "", "fit")
about_uncertainty <- function(column) grepl("(^|_)se$|scal|robust", column)

compare <- function(what, names, archived, refitted) {
  archived <- as.numeric(archived)
  known <- !is.na(archived)
  difference <- abs(archived - refitted)
  agrees <- difference <= tolerance * pmax(1, abs(archived))
  data.frame(what = what, name = names, archived = archived, lavaan = refitted,
             difference = difference, agrees = agrees & !is.na(agrees))[known, ]
}

archived <- read_table("results/tables/parameters.csv", c("fit", "lhs", "op", "rhs", "group"))
archived <- archived[archived$fit %in% parameters$fit, ]
found <- match(key(archived), key(parameters))
comparable <- function(table, column) {
  ifelse(table$fit %in% uncertain & about_uncertainty(column), NA, table[[column]])
}
differences <- do.call(rbind, lapply(c("est", "se", "std_all", "std_all_se"), function(column) {
  compare(column, key(archived), comparable(archived, column), parameters[[column]][found])
}))

measured <- read_table("results/tables/fit.csv", c("fit", "groups", "nobs"))
measured <- measured[measured$fit %in% indices$fit, ]
# An index that lavaan does not give, as of a model without degrees of freedom, cannot be compared.
for (column in intersect(names(measured), indices$index)) {
  found <- match(paste(measured$fit, column), paste(indices$fit, indices$index))
  given <- !is.na(indices$value[found])
  archived <- ifelse(given, comparable(measured, column), NA)
  differences <- rbind(differences,
                       compare(column, measured$fit, archived, indices$value[found]))
}

# ---- VAAR and its companions, from the refits and from data/scored.csv

rows_of <- function(table) {
  table <- as.data.frame(table)
  split(table, seq_len(nrow(table)))
}

# A path is scored by the standard error of its printed interval: where that is the fit's own, it is
# lavaan's here; what the run took from clusters or from a bootstrap is kept. It is infinite for an
# estimate of which nothing can be told.
estimates <- read_table("results/tables/paths.csv",
                        c("group", "path", "rung", "reason", "fit", "outcome_variable",
                          "predictor_variable"))
at <- match(paste(estimates$fit, estimates$outcome_variable, estimates$predictor_variable),
            paste(paths$fit, paths$lhs, paths$rhs))
refitted <- !is.na(at) & !is.na(estimates$std)
printed <- (estimates$std_ci_upper - estimates$std_ci_lower) / 2 / qnorm(0.5 + level / 2)
own <- refitted & abs(printed - estimates$fit_std_se) < 1e-9
own[is.na(own)] <- FALSE
estimates$est <- ifelse(refitted, paths$std_all[at], estimates$std)
estimates$se <- ifelse(own, paths$std_all_se[at], printed)
estimates$se[!is.na(estimates$std) & estimates$reason %in% "too_few_clusters"] <- Inf

path_set <- read_table("results/tables/path_set.csv", c("path", "model", "family"))
rungs <- read_table("results/tables/estimability.csv", c("group", "model", "rung"))
rung_of <- function(group, model) rungs$rung[rungs$group == group & rungs$model == model]

# The estimates of all paths in one group, on its own rungs or on those of the group set beside.
estimates_of <- function(group, beside = group) {
  do.call(rbind, lapply(rows_of(path_set), function(path) {
    found <- estimates[estimates$group == group & estimates$path == path$path, ]
    on <- found[found$rung == rung_of(beside, path$model), ]
    rbind(on, found)[1, c("est", "se", "positive_share")]
  }))
}

scores <- read_table("results/tables/vaar.csv", c("group", "signs", "shares"))
numbers <- do.call(rbind, lapply(rows_of(scores[nzchar(scores$group), ]), function(one) {
  cbind(one[c("group", "signs")],
        vaar(path_set, estimates_of(one$group), estimates_of(people, one$group), one$signs,
             one$shares, delta, level))
}))

# Rows of people, of no effect and of no model are drawn with seeds; the model's own are the numbers
# above.
beside <- read_table("results/tables/benchmarks.csv", c("group", "signs", "benchmark", "no_model",
                                                        "told", "vaar_number"))
own_rows <- do.call(rbind, lapply(setdiff(names(numbers), c("group", "signs")), function(name) {
  data.frame(numbers[c("group", "signs")], vaar_number = name, vaar_value = numbers[[name]])
}))

book <- read_table("data/codebook.csv", c("file", "column"))
book <- book[book$file == "data/scored.csv", ]
items <- read_table("results/tables/items.csv", c("group", "item"))
described <- lapply(rows_of(items[c("group", "item")]), function(one) {
  range <- as.numeric(book[book$column == one$item, c("minimum", "maximum")])
  merge(one, item_numbers(scored[scored$group == one$group, one$item],
                          scored[scored$group == people, one$item], range[1], range[2]))
})
columns <- unique(unlist(lapply(described, names)))
item_table <- do.call(rbind, lapply(described, function(one) {
  one[setdiff(columns, names(one))] <- NA
  one[columns]
}))

indicators <- read_table("results/tables/indicators.csv", c("construct", "facet"))
facets <- split(indicators$indicator_items,
                factor(paste(indicators$construct, indicators$facet),
                       unique(paste(indicators$construct, indicators$facet))))
profile_of <- function(group) {
  vapply(facets, function(names) {
    names <- unlist(strsplit(names, " "))
    at <- match(names, book$column)
    answers <- t(as.matrix(scored[scored$group == group, names, drop = FALSE]))
    mean((answers - book$minimum[at]) / (book$maximum[at] - book$minimum[at]), na.rm = TRUE)
  }, 0)
}

fidelity <- read_table("results/tables/fidelity.csv", "group")
median_of <- function(group, column) median(item_table[item_table$group == group, column],
                                            na.rm = TRUE)
companions <- do.call(rbind, lapply(fidelity$group, function(group) {
  data.frame(group = group,
             median_variance_ratio = median_of(group, "item_variance_ratio"),
             median_wasserstein = median_of(group, "item_wasserstein"),
             median_jensen_shannon = median_of(group, "item_jensen_shannon"),
             profile_icc = profile_icc(profile_of(group), profile_of(people)))
}))

explained <- lapply(setNames(solutions, vapply(fits, `[[`, "", "fit")), function(fit) {
  if (lavInspect(fit, "ngroups") == 1) lavInspect(fit, "r2") else numeric()
})
r2_of <- function(fit, variable) {
  if (fit %in% names(explained)) unname(explained[[fit]][variable]) else NA_real_
}
outcomes <- read_table("results/tables/outcomes.csv", c("group", "outcome", "model", "fit",
                                                        "outcome_variable", "human_fit",
                                                        "human_outcome_variable"))
# A fit that was not repeated, because the data here lack a column, has nothing to compare.
outcomes <- outcomes[outcomes$fit %in% names(explained) &
                       outcomes$human_fit %in% names(explained), ]
ratios <- do.call(rbind, lapply(rows_of(outcomes), function(one) {
  r2 <- r2_of(one$fit, one$outcome_variable)
  human_r2 <- r2_of(one$human_fit, one$human_outcome_variable)
  ratio <- if (isTRUE(human_r2 > 0)) r2 / human_r2 else NA
  data.frame(one[c("group", "outcome", "model")], r2 = r2, human_r2 = human_r2,
             r2_ratio = ratio)
}))

# What both tables have, row by row; `by` names the columns that tell rows apart.
compare_tables <- function(archived, worked_out, by) {
  if (is.null(worked_out) || !nrow(worked_out)) return(NULL)
  names_of <- function(table) do.call(paste, table[by])
  at <- match(names_of(archived), names_of(worked_out))
  shared <- setdiff(intersect(names(archived), names(worked_out)), by)
  do.call(rbind, lapply(shared, function(column) {
    compare(column, names_of(archived), archived[[column]], as.numeric(worked_out[[column]])[at])
  }))
}
differences <- rbind(
  differences,
  compare_tables(scores, numbers, c("group", "signs")),
  compare_tables(beside[beside$benchmark == "model", ], own_rows,
                 c("group", "signs", "vaar_number")),
  compare_tables(items, item_table, c("group", "item")),
  compare_tables(fidelity, companions, "group"),
  compare_tables(outcomes, ratios, c("group", "outcome", "model"))
)

# ---- rules of exclusion that go by more than answers, from data/signals.csv

rules <- list(@rules@)
# The first of these that is true leaves somebody out; nobody is by what was not recorded.
rule_of <- function(one) {
  known <- function(value, is_true) !is.na(value) && is_true
  names(which(c(
    pace = known(one$seconds_per_answer, one$seconds_per_answer < rules$seconds_per_answer),
    long_run = rules$long_run > 0 && one$longest_run >= rules$long_run,
    repeated = rules$repeated > 0 && one$repeated == 1,
    traps = rules$traps > 0 && known(one$traps, one$traps > 0),
    pasted = rules$pasted_texts > 0 && known(one$pasted_texts, one$pasted_texts >= rules$pasted_texts),
    left_page = rules$times_left > 0 && known(one$times_left, one$times_left >= rules$times_left),
    proof_of_work = rules$proof_of_work > 0 && known(one$proof_of_work, one$proof_of_work != "done")
  )))[1]
}
if (file.exists(file.path(root, "data", "signals.csv"))) {
  signals <- read_table("data/signals.csv", c("respondent", "group", "kind", "excluded",
                                               "proof_of_work"))
  by_signal <- c("pace", "long_run", "repeated", "traps", "pasted", "left_page",
                 "proof_of_work")
  # Whom a rule of another kind left out first tells nothing of these.
  signals <- signals[signals$excluded %in% c("", NA, by_signal), ]
  found <- vapply(rows_of(signals), rule_of, "")
  place <- function(rule) match(rule, by_signal, nomatch = 0)
  differences <- rbind(differences, compare("excluded", signals$respondent,
                                            place(signals$excluded), place(found)))
}

write.csv(numbers, file.path(output, "vaar.csv"), row.names = FALSE)
write.csv(item_table, file.path(output, "items.csv"), row.names = FALSE)
write.csv(companions, file.path(output, "companions.csv"), row.names = FALSE)
writeLines(capture.output(sessionInfo()), file.path(output, "sessionInfo.txt"))

write.csv(differences, file.path(output, "differences.csv"), row.names = FALSE)
wrong <- differences[!differences$agrees, ]
cat(sprintf("%d fits, %d numbers compared: %d differ by more than %g, the largest by %.2g.\n",
            length(fits), nrow(differences), nrow(wrong), tolerance,
            max(differences$difference, na.rm = TRUE)))
if (nrow(wrong)) {
  print(utils::head(wrong[order(-wrong$difference), ], 20), row.names = FALSE)
  quit(status = 1)
}
