# clubSandwich's numbers for tests/analysis/sem/test_jackknife.py.
# Usage: Rscript few_clusters.R <folder of few_clusters.csv> <output.csv>
suppressMessages(library(clubSandwich))
arguments <- commandArgs(TRUE)
data <- read.csv(file.path(arguments[1], "few_clusters.csv"))
fitted <- lm(y ~ x1 + x2, data)
clusters <- length(unique(data$id))
# CR3 is the sum of squares about the estimate; the jackknife takes (J - 1) / J of it.
cr3 <- vcovCR(fitted, cluster = data$id, type = "CR3") * (clusters - 1) / clusters
found <- data.frame(rhs = c("", "x1", "x2"), est = coef(fitted), se = sqrt(diag(cr3)))
write.csv(format(found, digits = 15), arguments[2], row.names = FALSE, quote = FALSE)
