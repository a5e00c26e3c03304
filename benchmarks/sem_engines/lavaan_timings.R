# lavaan's side of benchmarks/sem.py.
# Usage: Rscript lavaan_timings.R <work folder> <repeats> <bootstrap draws> <checked draws>
# Reads items.csv, parcels.csv, ordinal.csv, their .lav, covariates.lav, rows.csv; writes times.csv and numbers.csv.
suppressMessages(library(lavaan))
arguments <- commandArgs(TRUE)
folder <- arguments[1]
repeats <- as.integer(arguments[2])
draws <- as.integer(arguments[3])
checked <- as.integer(arguments[4])
at <- function(name) file.path(folder, name)
text <- function(name) paste(readLines(at(name)), collapse = "\n")
times <- list()
numbers <- list()

timed <- function(case, expression, times_to_run = repeats) {
  code <- substitute(expression)
  frame <- parent.frame()
  for (turn in seq_len(times_to_run)) {
    started <- proc.time()
    value <- eval(code, frame)
    spent <- proc.time() - started
    times[[length(times) + 1]] <<- data.frame(
      case = case, wall = spent[["elapsed"]], cpu = spent[["user.self"]] + spent[["sys.self"]]
    )
  }
  invisible(value)
}

note <- function(case, name, value) {
  name <- name[!is.na(value)]
  value <- value[!is.na(value)]
  if (!length(value)) return(invisible())
  numbers[[length(numbers) + 1]] <<- data.frame(
    case = case, name = name, value = sprintf("%.15g", as.numeric(value))
  )
}

note_fit <- function(case, fit, only = NULL) {
  table <- parameterEstimates(fit, remove.nonfree = TRUE)
  slopes <- table[table$op == "~", ]
  note(case, paste("est", slopes$label), slopes$est)
  if (is.null(only)) note(case, paste("se", slopes$label), slopes$se)
  measures <- fitMeasures(fit)
  wanted <- intersect(
    c("chisq", "df", "cfi", "tli", "rmsea", "srmr", "logl", "chisq.scaled",
      "chisq.scaling.factor", "cfi.robust"),
    names(measures)
  )
  if (!is.null(only)) wanted <- only
  note(case, wanted, measures[wanted])
}

ladder <- function(model, data) {
  steps <- list(
    "", "loadings", c("loadings", "intercepts"), c("loadings", "intercepts", "residuals")
  )
  fits <- lapply(steps, function(equal) {
    fit <- sem(model, data, group = "group", group.equal = equal)
    list(fit = fit, table = parameterEstimates(fit), measures = fitMeasures(fit))
  })
  fits <- lapply(fits, function(part) part$fit)
  list(fits = fits, test = lavTestLRT(fits[[1]], fits[[2]], fits[[3]], fits[[4]]))
}

data <- list(items = read.csv(at("items.csv")), parcels = read.csv(at("parcels.csv")))
models <- list(items = text("items.lav"), parcels = text("parcels.lav"))
for (size in names(data)) {
  metric <- function(estimator) {
    fit <- sem(models[[size]], data[[size]], group = "group", group.equal = "loadings",
               estimator = estimator)
    parameterEstimates(fit, standardized = TRUE)
    fitMeasures(fit)
    fit
  }
  note_fit(paste("metric", size), timed(paste("metric", size), metric("ML")))
  note_fit(paste("MLR", size), timed(paste("MLR", size), metric("MLR"), min(repeats, 3)))
  climbed <- timed(paste("ladder", size), ladder(models[[size]], data[[size]]), min(repeats, 3))
  note(paste("ladder", size), paste("difference", 1:3), climbed$test[["Chisq diff"]][2:4])
}

ordinal <- read.csv(at("ordinal.csv"))
ordered <- grep("^[pa][0-9]", names(ordinal), value = TRUE)
weighted <- function(model, ordered) {
  fit <- sem(text(model), ordinal, group = "group", group.equal = c("thresholds", "loadings"),
             ordered = ordered, estimator = "WLSMV")
  parameterEstimates(fit, standardized = TRUE)
  fitMeasures(fit)
  fit
}
turns <- min(repeats, 3)
note_fit("mixed items", timed("mixed items", weighted("ordinal.lav", ordered), turns))
# lavaan 0.6-14 has no clusters with ordered data: independent rows give the same estimates
note_fit("clustered items", timed("clustered items", weighted("ordinal.lav", ordered), turns),
         only = c("chisq", "df", "srmr"))
every <- grep("^[pas][0-9]", names(ordinal), value = TRUE)
note_fit("covariates items", timed("covariates items", weighted("covariates.lav", every), turns))

fit <- sem(models$parcels, data$parcels, group = "group", group.equal = "loadings")
set.seed(1)
timed("bootstrap parcels", bootstrapLavaan(fit, R = draws), 1)
rows <- as.matrix(read.csv(at("rows.csv"), header = FALSE))
for (draw in seq_len(checked)) {
  again <- sem(models$parcels, data$parcels[rows[draw, ] + 1, ], group = "group",
               group.equal = "loadings", se = "none", test = "none", start = fit)
  slopes <- coef(again)[grep("^b", names(coef(again)))]
  note("bootstrap parcels", paste(draw, names(slopes)), slopes)
}
write.csv(do.call(rbind, times), at("times.csv"), row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, numbers), at("numbers.csv"), row.names = FALSE, quote = FALSE)
