# lavaan's numbers for tests/analysis/sem/reference/test_ordinal_lavaan.py.
# Usage: Rscript mixed_variables.R <folder of mixed_variables.csv> <output.csv>
suppressMessages(library(lavaan))
arguments <- commandArgs(TRUE)
data <- read.csv(file.path(arguments[1], "mixed_variables.csv"))
measures <- c("chisq", "df", "chisq.scaled", "cfi.scaled", "rmsea.scaled", "srmr")
factor <- "f =~ o1 + o2 + y1 + y2"
outcome <- paste0(factor, "\npassed ~ f")
items <- "f =~ o1 + o2 + o3\nf ~ x\no2 ~ x"
probit <- "passed ~ x + y1\ny2 ~ passed + x"
cases <- list(
  mixed = list(model = factor, ordered = c("o1", "o2")),
  groups = list(model = factor, ordered = c("o1", "o2"), group = "group",
                group.equal = c("thresholds", "loadings")),
  strict = list(model = factor, ordered = c("o1", "o2"), group = "group",
                group.equal = c("thresholds", "loadings", "residuals"),
                parameterization = "theta"),
  outcome = list(model = outcome, ordered = c("o1", "o2", "passed")),
  covariate = list(model = items, ordered = c("o1", "o2", "o3")),
  mediator = list(model = probit, ordered = "passed", parameterization = "theta")
)
rows <- list()
for (name in names(cases)) {
  fit <- do.call("sem", c(cases[[name]], list(data = data, estimator = "WLSMV")))
  table <- parameterEstimates(fit)
  if (is.null(table$group)) table$group <- 1
  table <- table[table$op != "==", ]
  std <- standardizedSolution(fit)
  key <- function(t) paste(t$lhs, t$op, t$rhs, if (is.null(t$group)) 1 else t$group)
  rows[[length(rows) + 1]] <- data.frame(
    case = name, lhs = table$lhs, op = table$op, rhs = table$rhs, group = table$group,
    est = table$est, se = table$se, std = std$est.std[match(key(table), key(std))]
  )
  rows[[length(rows) + 1]] <- data.frame(
    case = name, lhs = measures, op = "fit", rhs = "", group = 1,
    est = as.numeric(fitMeasures(fit, measures)), se = 0, std = 0
  )
}
result <- do.call(rbind, rows)
for (column in c("est", "se", "std")) result[[column]] <- sprintf("%.10g", result[[column]])
write.csv(result, arguments[2], row.names = FALSE, quote = FALSE)
