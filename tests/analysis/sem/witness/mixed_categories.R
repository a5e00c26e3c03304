# Thresholds, polychoric correlations and their asymptotic covariance by lavaan, both groups of
# mixed_categories.csv, listwise and pairwise. Usage: Rscript mixed_categories.R <folder> <output>
suppressMessages(library(lavaan))
arguments <- commandArgs(TRUE)
data <- read.csv(file.path(arguments[1], "mixed_categories.csv"))
items <- setdiff(names(data), "group")
data[items] <- lapply(data[items], ordered)
model <- paste("f =~", paste(items, collapse = " + "))
rows <- list()
for (missing in c("listwise", "pairwise")) {
  fit <- cfa(model, data, group = "group", ordered = items, estimator = "WLSMV",
             missing = missing, do.fit = FALSE)
  gamma <- lavInspect(fit, "gamma")
  statistics <- lavInspect(fit, "sampstat")
  for (group in names(gamma)) {
    correlation <- unclass(statistics[[group]]$cov)
    values <- c(as.numeric(statistics[[group]]$th), correlation[lower.tri(correlation)])
    lower <- gamma[[group]][lower.tri(gamma[[group]], diag = TRUE)]
    rows[[length(rows) + 1]] <- data.frame(
      missing = missing, group = group,
      part = rep(c("statistic", "gamma"), c(length(values), length(lower))),
      value = sprintf("%.15g", c(values, lower))
    )
  }
}
write.csv(do.call(rbind, rows), arguments[2], row.names = FALSE, quote = FALSE)
