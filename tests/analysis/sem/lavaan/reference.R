# Writes the numbers this package must reproduce: Rscript reference.R data.csv cases.json out.json
suppressMessages({library(lavaan); library(jsonlite)})
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1])
data$w <- 1 + data$oa1  # sampling weights
cases <- fromJSON(arguments[2], simplifyDataFrame = FALSE)
measures <- c("npar", "chisq", "df", "cfi", "tli", "rmsea", "srmr", "logl", "aic", "bic",
              "baseline.chisq", "baseline.df", "chisq.scaled", "chisq.scaling.factor",
              "cfi.scaled", "tli.scaled", "rmsea.scaled")
robust <- c("cfi.robust", "tli.robust", "rmsea.robust")
passed <- c("group", "estimator", "missing", "std.lv", "fixed.x", "meanstructure", "information",
            "parameterization", "group.equal", "group.partial", "cluster", "sampling.weights",
            "sampling.weights.normalization", "effect.coding", "orthogonal")

run <- function(case) {
  call <- list(model = case$model, data = quote(data))
  for (name in intersect(passed, names(case))) call[[name]] <- unlist(case[[name]])
  if (isTRUE(case$ordered)) call$ordered <- grep("^o", names(data), value = TRUE)
  if (!grepl("==|<|>", case$model) && is.null(case$effect.coding)) {
    # nlminb cannot certify so small a tolerance, though it gets there
    call$control <- list(rel.tol = 1e-14, iter.max = 10000)
    call$optim.force.converged <- TRUE
  }
  if (identical(case$missing, "ml")) {  # saturated moments to the last digit
    call$em.h1.tol <- 1e-13
    call$em.h1.iter.max <- 20000
  }
  fit <- suppressWarnings(do.call("sem", call))
  rows <- parameterEstimates(fit, remove.nonfree = FALSE)
  rows <- rows[!rows$op %in% c("==", "<", ">"), ]
  standard <- standardizedSolution(fit)
  standard <- standard[!standard$op %in% c("==", "<", ">"), ]
  # lavaan mixes two kinds of information, or two sets of moments, where `robust` is false
  if (!isTRUE(case$ordered) && !isFALSE(case$robust)) measures <- c(measures, robust)
  fitted <- fitMeasures(fit)
  column <- function(name, default) if (name %in% names(rows)) rows[[name]] else rep(default, nrow(rows))
  list(
    name = case$name,
    parameters = data.frame(lhs = rows$lhs, op = rows$op, rhs = rows$rhs,
                            group = column("group", 1), est = rows$est, se = rows$se,
                            std_all = standard$est.std, std_all_se = standard$se),
    fit = as.list(fitted[intersect(measures, names(fitted))])
  )
}
write_json(lapply(cases, run), arguments[3], digits = 12, auto_unbox = TRUE, dataframe = "columns", na = "null")
