# VAAR and its companions in base R, as docs/comparison.md of Counterpart defines them: what
# reproduce.R works out again from lavaan's estimates and from data/scored.csv.
#
# A path without an estimate is NA in its estimate or its standard error.

# An infinite standard error is that of an estimate of which nothing can be told.
usable <- function(est, se) is.finite(est) & !is.na(se) & se > 0

sign_share <- function(est, se, sign) {
  ifelse(usable(est, se), pnorm(sign * est / se), 0.5)
}

# Mean within a family of paths, then over families; a family without weight does not count.
family_mean <- function(values, family, weight = rep(1, length(values))) {
  total <- tapply(weight, family, sum)
  part <- tapply(values * weight, family, sum)
  counted <- total > 0
  if (any(counted)) mean(part[counted] / total[counted]) else NA_real_
}

family_weighted_mean <- function(values, family, weight) {
  total <- family_mean(weight, family)
  if (total > 0) family_mean(values * weight, family) / total else NA_real_
}

# model, people: data frames with est, se and positive_share, one row per path in the order of
# `paths`, which has expected_sign and family. Returns the numbers under the names of vaar.csv.
vaar <- function(paths, model, people, signs, shares, delta, level) {
  z <- qnorm(0.5 + level / 2)
  human <- sign(ifelse(is.na(people$est), 0, people$est))
  expected <- if (signs == "H") human else ifelse(paths$expected_sign == 0, human,
                                                  paths$expected_sign)
  family <- factor(paths$family, unique(paths$family))
  null <- usable(people$est, people$se) & abs(people$est) + z * people$se < delta
  null[is.na(null)] <- FALSE
  # Where the people show no effect, a path is as expected if it is smaller than delta.
  small <- function(rows) {
    known <- usable(rows$est, rows$se)
    est <- ifelse(known, rows$est, 0)
    se <- ifelse(known, rows$se, 1)
    inside <- pnorm((delta - est) / se) - pnorm((-delta - est) / se)
    ifelse(known & is.finite(se), inside, 0.5)
  }
  share <- function(rows) {
    normal <- sign_share(rows$est, rows$se, expected)
    positive <- rows$positive_share
    turned <- ifelse(expected > 0, positive, ifelse(expected < 0, 1 - positive, 0.5))
    refitted <- shares == "bootstrap" & !is.na(positive)
    ifelse(null, small(rows), ifelse(refitted, turned, normal))
  }
  pi_m <- share(model)
  pi_h <- share(people)
  known <- usable(model$est, model$se)
  est <- ifelse(known, model$est, 0)
  reach <- z * ifelse(known, model$se, 0)
  agree <- known & ifelse(null, abs(est) + reach < delta, abs(est) > reach & expected * est > 0)
  contradict <- known & ifelse(null, abs(est) - reach > delta,
                               abs(est) > reach & expected * est < 0)
  weight <- pmax(0, 2 * pi_h - 1)
  hit <- as.numeric(known & ifelse(null, abs(est) < delta, expected * est > 0))
  joint_of <- function(pi) pi_h * pi + (1 - pi_h) * (1 - pi)
  over <- function(values, ...) family_mean(as.numeric(values), family, ...)
  log_of <- function(pi) 1 + over(log(pmin(pmax(pi, 0.001), 0.999))) / log(2)
  joint <- over(joint_of(pi_m))
  ceiling <- over(pmax(pi_h, 1 - pi_h))
  worst <- ifelse(known, pi_m, 0)
  best <- ifelse(known, pi_m, 1)
  data.frame(
    hard = over(hit), agree = over(agree), contradict = over(contradict),
    undetermined = over(known & !agree & !contradict), not_estimable = over(!known),
    evidence = family_weighted_mean(pi_m, family, weight), joint = joint, ceiling = ceiling,
    joint_normalised = if (isTRUE(ceiling - 0.5 >= 0.2)) (joint - 0.5) / (ceiling - 0.5) else NA,
    null_concordance = if (any(null)) over(small(model), as.numeric(null)) else NA,
    log = log_of(pi_m),
    hard_least = over(hit), hard_most = over(ifelse(known, hit, 1)),
    evidence_least = family_weighted_mean(worst, family, weight),
    evidence_most = family_weighted_mean(best, family, weight),
    joint_least = over(pmin(joint_of(worst), joint_of(best))),
    joint_most = over(pmax(joint_of(worst), joint_of(best))),
    log_least = log_of(worst), log_most = log_of(best)
  )
}

# ---- distributions of answers beside the people's

shares_of <- function(values, minimum, maximum, pseudo = 0) {
  counts <- table(factor(round(values), minimum:maximum)) + pseudo
  as.numeric(counts / sum(counts))
}

entropy <- function(p, q = NULL) {
  some <- p > 0
  if (is.null(q)) -sum(p[some] * log2(p[some])) else sum(p[some] * log2(p[some] / q[some]))
}

wasserstein <- function(first, second, minimum, maximum) {
  at <- sort(unique(c(first, second)))
  if (length(at) < 2) return(0)
  gap <- abs(ecdf(first)(at) - ecdf(second)(at))
  sum(head(gap, -1) * diff(at)) / (maximum - minimum)
}

jensen_shannon <- function(first, second, minimum, maximum) {
  p <- shares_of(first, minimum, maximum, 0.5)
  q <- shares_of(second, minimum, maximum, 0.5)
  (entropy(p, (p + q) / 2) + entropy(q, (p + q) / 2)) / 2
}

# Adjusted Fisher-Pearson skewness and kurtosis (G1 and G2).
moments_of <- function(x) {
  n <- length(x)
  if (n < 3 || diff(range(x)) == 0) return(c(NA, NA))
  m <- vapply(2:4, function(k) mean((x - mean(x))^k), 0)
  g1 <- m[2] / m[1]^1.5
  g2 <- m[3] / m[1]^2 - 3
  c(g1 * sqrt(n * (n - 1)) / (n - 2),
    if (n > 3) (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6) else NA)
}

item_numbers <- function(x, people, minimum, maximum) {
  x <- x[!is.na(x)]
  people <- people[!is.na(people)]
  if (!length(x)) return(data.frame(item_n = 0))
  both <- length(people) > 0
  moments <- moments_of(x)
  spread <- if (length(people) > 1) var(people) else NA
  data.frame(
    item_n = length(x), item_mean = mean(x), item_sd = if (length(x) > 1) sd(x) else NA,
    item_skewness = moments[1], item_kurtosis = moments[2], item_distinct = length(unique(x)),
    item_floor_share = mean(x == minimum), item_ceiling_share = mean(x == maximum),
    item_entropy = entropy(shares_of(x, minimum, maximum)),
    item_wasserstein = if (both) wasserstein(x, people, minimum, maximum) else NA,
    item_jensen_shannon = if (both) jensen_shannon(x, people, minimum, maximum) else NA,
    item_variance_ratio = if (length(x) > 1 && isTRUE(spread > 0)) var(x) / spread else NA
  )
}

# ICC(A,1) of two profiles of facet means: absolute agreement (McGraw & Wong, 1996).
profile_icc <- function(model, people) {
  pair <- cbind(model, people)[is.finite(model) & is.finite(people), , drop = FALSE]
  n <- nrow(pair)
  if (n < 3 || diff(range(pair)) == 0) return(NA)
  grand <- mean(pair)
  rows <- 2 * sum((rowMeans(pair) - grand)^2) / (n - 1)
  columns <- n * sum((colMeans(pair) - grand)^2)
  rest <- sum((pair - outer(rowMeans(pair), colMeans(pair), "+") + grand)^2) / (n - 1)
  (rows - rest) / (rows + rest + 2 * (columns - rest) / n)
}
