# Refits the models of run @run@ (study @study@, plan @plan@) with lavaan, from data/wide.csv,
# and compares estimates, standard errors and fit indices with results/tables/.
#
#   Rscript lavaan/reproduce.R
#
# needs R with lavaan 0.6-14 or later and writes lavaan/output/parameters.csv, paths.csv, fit.csv
# and differences.csv. Exit status 0: everything agrees to three decimals.

suppressPackageStartupMessages(library(lavaan))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
root <- if (length(script)) dirname(dirname(normalizePath(script))) else ".."
output <- file.path(root, "lavaan", "output")
dir.create(output, showWarnings = FALSE)
tolerance <- 5e-4

read_table <- function(path, text) {
  read.csv(file.path(root, path), na.strings = "NA", check.names = FALSE,
           colClasses = setNames(rep("character", length(text)), text))
}

wide <- read_table("data/wide.csv", c("respondent", "group", "cluster"))

fits <- list(
@fits@
)

refit <- function(one) {
  rows <- wide[wide$group %in% one$groups, ]
  # No column but those needed: lavaan refuses data in which a column is called like a latent
  # variable.
  arguments <- list(model = one$model, data = rows[c(one$columns, "group", "cluster")],
                    estimator = one$estimator, missing = one$missing,
                    information = one$information)
  if (length(one$groups) > 1) {
    arguments$group <- "group"
    arguments$group.label <- one$groups
    arguments$group.equal <- one$group_equal
    arguments$group.partial <- one$group_partial
  }
  # Sessions that were shown the very same thing are one cluster: standard errors are robust.
  # lavaan refuses clusters that have one row each in one of the groups, as people do; such a fit
  # is repeated without, and its standard errors and scaled tests are not compared.
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
for (column in intersect(names(measured), indices$index)) {
  found <- match(paste(measured$fit, column), paste(indices$fit, indices$index))
  differences <- rbind(
    differences, compare(column, measured$fit, comparable(measured, column), indices$value[found])
  )
}

write.csv(differences, file.path(output, "differences.csv"), row.names = FALSE)
wrong <- differences[!differences$agrees, ]
cat(sprintf("%d fits, %d numbers compared: %d differ by more than %g, the largest by %.2g.\n",
            length(fits), nrow(differences), nrow(wrong), tolerance,
            max(differences$difference, na.rm = TRUE)))
if (nrow(wrong)) {
  print(utils::head(wrong[order(-wrong$difference), ], 20), row.names = FALSE)
  quit(status = 1)
}
