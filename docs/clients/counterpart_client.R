# A client of Counterpart's REST in one file: base R, jsonlite, and the program curl.
#
#   Sys.setenv(COUNTERPART_SITE = "https://counterpart.example.org")
#   Sys.setenv(COUNTERPART_TOKEN = "counterpart_...")
#   source("counterpart_client.R")
#   counterpart_rows("studies/")$slug
#   people <- counterpart_scored("privacy-prosocial")$people      # a data frame
#   counterpart_run_panel(12)
#   counterpart_report(counterpart_fit(3), "report.pdf")
#
# It needs a token with the scopes read, write, people (scored data) and spend (panels). A refusal is
# an error with the sentence and the code of the site.

counterpart_file <- function(method, path, body = NULL) {
  # One request; the answer is a file, whose name is returned. The token is given to curl by its
  # standard input, where no other user of the machine can read it. A POST is sent again where
  # nobody answered: its key lets the work be done once.
  site <- sub("/$", "", Sys.getenv("COUNTERPART_SITE"))
  address <- if (startsWith(path, "http")) path else paste0(site, "/api/", path)
  answer <- tempfile()
  lines <- c(
    sprintf('url = "%s"', address), sprintf('request = "%s"', method),
    sprintf('header = "Authorization: Bearer %s"', Sys.getenv("COUNTERPART_TOKEN")),
    sprintf('output = "%s"', answer), 'write-out = "%{http_code}"', "silent", "max-time = 60"
  )
  if (method == "POST") {
    letters <- sample(c(0:9, base::letters), 32, replace = TRUE)
    key <- paste0(c(letters, Sys.getpid(), format(Sys.time(), "%s")), collapse = "")
    lines <- c(lines, sprintf('header = "Idempotency-Key: %s"', key),
               "retry = 2", "retry-connrefused")
  }
  if (method != "GET" && method != "DELETE") {
    sent <- tempfile()
    text <- if (length(body) == 0) "{}" else jsonlite::toJSON(body, auto_unbox = TRUE, null = "null")
    writeLines(enc2utf8(text), sent, useBytes = TRUE)
    lines <- c(lines, 'header = "Content-Type: application/json"',
               sprintf('data-binary = "@%s"', sent))
  }
  status <- system2("curl", c("--config", "-"), input = lines, stdout = TRUE)
  status <- suppressWarnings(as.integer(status[length(status)]))
  if (is.na(status) || status == 0) stop("Nobody answered at ", address, call. = FALSE)
  if (status >= 400) {
    told <- tryCatch(jsonlite::fromJSON(answer), error = function(e) list(code = status))
    stop(sprintf("%s [%s]", told$detail, told$code), call. = FALSE)
  }
  answer
}

counterpart_send <- function(method, path, body = NULL) {
  # What an address answers, as a list.
  answer <- counterpart_file(method, path, body)
  if (file.exists(answer) && file.size(answer) > 0) jsonlite::fromJSON(answer)
}

counterpart_get <- function(path) counterpart_send("GET", path)

counterpart_rows <- function(path) {
  # Every row of a list as a data frame, whatever its number of pages.
  pages <- list()
  while (!is.null(path)) {
    page <- counterpart_get(path)
    pages[[length(pages) + 1]] <- page$results
    path <- page[["next"]]
  }
  pages <- Filter(is.data.frame, pages)
  if (length(pages) == 0) data.frame() else jsonlite::rbind_pages(pages)
}

counterpart_wait <- function(job, seconds = 2) {
  # Wait until a job is over; what came of it.
  repeat {
    state <- counterpart_get(sprintf("jobs/%d/", job))
    if (!state$status %in% c("waiting", "running")) break
    Sys.sleep(seconds)
  }
  if (state$status != "done") stop(sprintf("%s [%s]", state$error, state$error_code), call. = FALSE)
  state
}

counterpart_scored <- function(study, seconds = 2) {
  # Scored answers as data frames, by kind: people, simulated, models.
  job <- counterpart_send("POST", sprintf("studies/%s/exports/", study),
                          list(formats = list("csv"), exact = TRUE))
  counterpart_wait(job$id, seconds)
  files <- unzip(counterpart_file("GET", sprintf("jobs/%d/file/", job$id)), exdir = tempfile())
  files <- files[grepl("_form-scored_data[.]csv$", files)]
  frames <- lapply(files, utils::read.csv, na.strings = "NA", fileEncoding = "UTF-8")
  stats::setNames(frames, sub("answers-(.*)_form-scored_data[.]csv$", "\\1", basename(files)))
}

counterpart_run_panel <- function(panel, seconds = 5) {
  # Let a panel run, and wait until it has ended or halted.
  state <- counterpart_send("POST", sprintf("panels/%d/run/", panel))
  while (state$status %in% c("ready", "running")) {
    Sys.sleep(seconds)
    state <- counterpart_get(sprintf("panels/%d/", panel))
  }
  state
}

counterpart_fit <- function(plan, seconds = 5) {
  # Carry out a frozen plan and wait; the number of the run.
  job <- counterpart_send("POST", sprintf("plans/%d/fit/", plan))$job
  counterpart_wait(job, seconds)$result$run
}

counterpart_report <- function(run, path, seconds = 2) {
  # Let the report of a run be written, and keep its PDF at a path.
  job <- counterpart_send("POST", sprintf("runs/%d/report/", run))$job
  report <- counterpart_wait(job, seconds)$result$report
  file.copy(counterpart_file("GET", sprintf("reports/%d/file/", report)), path, overwrite = TRUE)
  path
}
