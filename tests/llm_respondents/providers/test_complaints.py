"""What endpoints say is wrong, in their own words, and what becomes of the call."""

import json

import pytest

from llm_respondents.providers.apis.chat import read_completion
from llm_respondents.providers.apis.reading import read_error
from llm_respondents.providers.apis.responses import ResponsesApi
from llm_respondents.providers.apis.shape import Sampling
from llm_respondents.providers.base import Failure, Reply
from llm_respondents.providers.complaints import retry_after, wait_in


def body(message, **more):
    return json.dumps({"error": {"message": message, **more}})


QUOTA = [
    (429, body("You exceeded your current quota, please check your plan and billing details.",
               type="insufficient_quota", code="insufficient_quota")),
    (429, body("You exceeded your current quota.", type="insufficient_quota", code=None)),
    (429, body("Your credits are exhausted.", code="credits_exhausted")),
    (429, body("Monthly spend limit reached.", code="spend_limit_reached")),
    (402, body("Insufficient Balance")),
    (402, "no money"),
    (400, body("Your credit balance is too low to access the API.", type="invalid_request_error")),
    (400, body("You have reached your specified API usage limits.", type="invalid_request_error")),
    (403, body("This request requires more credits, or fewer max_tokens.", code=403)),
    (429, json.dumps({"message": "Monthly quota exceeded", "error": None})),
    (429, body("Free tier daily quota exhausted")),
    (429, body("Quota exceeded for metric 'Generate requests', limit 200 per day")),
    (429, body("You've reached your usage limit for this month")),
    (429, body("Your account is suspended, please check your plan and billing details")),
    (400, body("Access denied, please make sure your account is in good standing.",
               code="Arrearage")),
    (400, body("Your organization has exceeded its usage limit.", type="invalid_request_error")),
    (401, body("Your account has insufficient funds")),
    (403, body("This API method requires billing to be enabled.", status="PERMISSION_DENIED")),
    (403, body("Key limit exceeded (total limit).", code=403)),
    (403, body("账户余额不足，请充值。")),
    (412, body("Account not active: please add a payment method")),
    (500, body("no quota", code="insufficient_user_quota")),
    (429, body("Limit reached.", error_code="enforced_spend_limit_reached")),
    (429, body("Limit reached.", code="organization_usage_limit_exceeded")),
    (429, body("Rate limit exceeded: free-models-per-day. Add 10 credits", code=429)),
    (429, json.dumps({"message": "Your key is limited to 1000 API calls / month."})),
    (400, body("Budget has been exceeded! Current cost: 10.0", code="400")),
    (400, json.dumps({"message": "Your account has exceeded its model invocation budget"})),
    (403, body("The free tier of the model has been exhausted.", code="AllocationQuota.FreeTier")),
    (403, json.dumps({"code": 30001, "message": "balance not enough", "data": None})),
    (429, body("Provider returned error", code=429,
               metadata={"raw": body("Limit reached.", code="insufficient_quota")})),
]  # fmt: skip
CONTEXT = [
    (400, body("This model's maximum context length is 8192 tokens.",
               code="context_length_exceeded")),
    (400, body("This model's maximum context length is 4096 tokens. However, you requested 5000.",
               type="BadRequestError", code=400)),
    (400, body("the request exceeds the available context size, try increasing it",
               type="exceed_context_size_error", code=400)),
    (400, body("prompt is too long: 210000 tokens > 200000 maximum", type="invalid_request_error")),
    (400, body("The input token count (1200000) exceeds the maximum number of tokens allowed.",
               status="INVALID_ARGUMENT", code=400)),
    (400, body("Input is too long for requested model.")),
    (422, body("Please reduce the length of the messages.")),
    (500, body("input is larger than the max context size")),
    (413, "<html>Payload Too Large</html>"),
    (413, body("Request too large", type="request_too_large")),
    (400, body("The decoder prompt (length 5000) is longer than the maximum model length.")),
    (400, body("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens")),
    (400, body("`inputs` must have less than 4096 tokens. Given: 5000")),
    (400, body("The number of tokens in the prompt exceeds the model's limit")),
    (400, body("Range of input length should be [1, 30720]", code="InvalidParameter")),
    (400, body("Prompt exceeds max length", code="1261")),
    (400, body("输入长度超过模型最大上下文限制")),
    (400, body("max_tokens must be at least 1, got -904.", type="BadRequestError")),
    (400, body("router.ContextWindowExceededError: too much", code="400")),
    (400, body("Provider returned error", code=400,
               metadata={"raw": body("This model's maximum context length is 8192 tokens.")})),
]  # fmt: skip
WITHHELD = [
    (400, body("The response was filtered", code="content_filter")),
    (400, body("Your prompt was flagged.", innererror={"code": "ResponsibleAIPolicyViolation"})),
    (400, body("Your request was rejected as a result of our safety system.",
               code="content_policy_violation")),
    (403, body("Your chosen model requires moderation and your input was flagged", code=403)),
    (400, body("Content Exists Risk", type="invalid_request_error")),
    (400, body("系统检测到输入或生成内容可能包含不安全或敏感内容", code="1301")),
    (422, body("content violates safety")),
    (403, json.dumps({"code": "x", "error": "Content violates usage guidelines."})),
    (400, body("Request blocked by guardrail", type="guardrail_blocked")),
    (400, body("Violated guardrail policy", code="400")),
    (451, body("blocked")),
    (400, body("Provider returned error", code=400,
               metadata={"raw": {"error": {"message": "Filtered", "code": "content_filter"}}})),
]  # fmt: skip


@pytest.mark.parametrize(("status", "raw"), QUOTA)
def test_an_empty_account_is_known_by_any_status_and_wording(status, raw):
    assert read_error(raw, status, {}).kind == "quota"


@pytest.mark.parametrize(("status", "raw"), CONTEXT)
def test_a_conversation_that_is_too_long_is_known_by_any_wording(status, raw):
    assert read_error(raw, status, {}).kind == "context_length"


@pytest.mark.parametrize(("status", "raw"), WITHHELD)
def test_what_a_filter_turns_away_is_a_reply_withheld(status, raw):
    reply = read_error(raw, status, {})
    assert isinstance(reply, Reply)
    assert reply.finish_reason == "content_filter"


@pytest.mark.parametrize(
    ("status", "raw", "kind"),
    [
        (429, body("Rate limit reached for requests. Please try again in 20s."), "rate_limit"),
        (429, body("You exceeded your current quota. Please retry in 32.5s.",
                   status="RESOURCE_EXHAUSTED", code=429), "rate_limit"),
        (429, json.dumps({"error": {
            "message": "You exceeded your current quota, please check your plan and billing "
                       f"details. {'For more, read on. ' * 20}Please retry in 32.5s.",
            "status": "RESOURCE_EXHAUSTED"}}), "rate_limit"),
        (429, json.dumps({"error": {
            "message": "You exceeded your current quota.", "details": [
                {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProject"}]},
                {"retryDelay": "32s"}]}}), "rate_limit"),
        (429, body("Number of request tokens has exceeded your per-minute rate limit"),
         "rate_limit"),
        (400, body("Input should be less than or equal to 2"), "bad_request"),
        (400, body("Invalid input: n exceeds 8"), "bad_request"),
        (400, body("no such model", code="model_not_found"), "not_found"),
        (400, body("a/b is not a valid model ID", code=400), "not_found"),
        (400, body("Model Not Exist", code="invalid_request_error"), "not_found"),
        (400, json.dumps({"message": "Invalid model: a", "code": "1500"}), "not_found"),
        (400, body("'max_tokens' is not supported with this model."), "bad_request"),
        (400, body("max_tokens exceeded the thinking budget"), "bad_request"),
        (400, json.dumps({"code": "x", "error": "Incorrect API key provided: xa***."}), "auth"),
        (400, body("API key expired. Please renew the API key."), "auth"),
        (429, body("Rate limit reached for requests per day: Limit 200. Please try again in 7m12s. "
                   "Increase it by adding a payment method."), "rate_limit"),
        (400, body("max_tokens is too large: 100000. This model supports at most 16384 completion "
                   "tokens.", type="invalid_request_error"), "bad_request"),
        (400, body("Unsupported value: 'temperature' does not support 0.7."), "bad_request"),
        (401, body("Incorrect API key provided", code="invalid_api_key"), "auth"),
        (403, body("Country, region, or territory not supported"), "auth"),
        (500, body("The server had an error"), "server"),
    ],
)  # fmt: skip
def test_words_that_are_alike_mean_what_they_meant(status, raw, kind):
    failure = read_error(raw, status, {})
    assert isinstance(failure, Failure)
    assert failure.kind == kind


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please retry in 32.5s.", 32.5),
        ('"retryDelay": "32s"', 32),
        ("Please try again in 20ms.", 0.02),
        ("Please try again in 1m2.5s. Visit https://example.org", 62.5),
        ("try again in 7 minutes", 420),
        ("Retry after 3 seconds", 3),
        ("wait 1 hour and 5 minutes", 3900),
        ("Please try again later.", None),
        ("Your retry policy has 3 steps", None),
    ],
)
def test_a_wait_is_read_out_of_words(text, seconds):
    assert wait_in(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "No key.", "code": 401}, "auth"),
        ({"message": "No such model.", "code": 404}, "not_found"),
        ({"message": "Insufficient credits", "code": 402}, "quota"),
        ({"message": "Rate limited", "code": 429}, "rate_limit"),
        ({"message": "Bad gateway", "code": 502}, "server"),
        ({"message": "Insufficient Balance", "code": "invalid_request_error"}, "quota"),
        ({"message": "You are out of credits", "code": "1113"}, "quota"),
        ({"message": "Slow down", "type": "rate_limit_error"}, "rate_limit"),
        ({"message": "Overloaded", "type": "overloaded_error"}, "server"),
        ({"message": "invalid x-api-key", "type": "authentication_error"}, "auth"),
        ({"message": "Something", "code": "1113"}, "malformed"),
    ],
)
def test_an_error_in_the_body_of_a_success_is_what_it_says(error, kind):
    assert read_completion(json.dumps({"error": error}), 200, {}).kind == kind


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Your input was flagged by moderation.", "code": 403},
        {"message": "Filtered.", "code": "content_filter"},
        {"message": "Output blocked by content filtering policy", "type": "invalid_request_error"},
    ],
)
def test_a_filter_in_the_body_of_a_success_withholds_the_reply(error):
    reply = read_completion(json.dumps({"error": error}), 200, {})
    assert reply.finish_reason == "content_filter"


def test_a_header_goes_before_words_and_words_count_only_where_too_much_is_asked():
    raw = body("Please retry in 32.5s.")
    assert retry_after({}, raw, 429) == 32.5
    assert retry_after({"retry-after": "2"}, raw, 429) == 2
    assert retry_after({}, raw, 500) is None
    assert read_error(raw, 429, {}).retry_after == 32.5


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("<!DOCTYPE html>\n<title>Welcome</title>", "<!DOCTYPE html> <title>Welcome</title>"),
        ('data: {"choices": []}\n\ndata: [DONE]', 'data: {"choices": []} data: [DONE]'),
    ],
)
def test_a_page_or_a_stream_with_200_is_quoted(text, quoted):
    failure = read_completion(text, 200, {})
    assert failure.kind == "not_an_api"
    assert quoted in failure.message


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html>Inappropriate content, blocked by moderation</html>", "not_an_api"),
        ("My input was flagged by moderation", "malformed"),
        ('{"message": {"role": "assistant", "content": "My context window is flagged"}}',
         "malformed"),
    ],
)  # fmt: skip
def test_words_of_what_is_no_error_say_nothing_of_a_filter_or_a_limit(text, kind):
    assert read_completion(text, 200, {}).kind == kind


def test_what_of_a_request_was_not_taken_is_said_in_words():
    listed = {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}
    for said in (listed, {"object": "error", "message": listed}):
        failure = read_error(json.dumps(said), 422, {})
        assert failure.message == "body.seed: Extra inputs are not permitted"


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("server_error", "x", "server"),
        ("organization_spend_limit_exceeded", "x", "quota"),
        ("context_length_exceeded", "x", "context_length"),
        ("tomorrow", "x", "bad_request"),
        (None, None, "bad_request"),
    ],
)
def test_a_response_that_failed_is_what_its_error_says(code, message, kind):
    failed = {"status": "failed", "output": [], "error": {"code": code, "message": message}}
    failure = ResponsesApi("m", Sampling()).read(json.dumps(failed), 200, {})
    assert failure.kind == kind
    assert failure.message
    assert "None" not in failure.message


def test_a_response_that_failed_for_a_filter_is_withheld():
    error = {"code": "invalid_prompt", "message": "Your prompt was flagged"}
    failed = json.dumps({"status": "failed", "output": [], "error": error})
    reply = ResponsesApi("m", Sampling()).read(failed, 200, {})
    assert reply.finish_reason == "content_filter"


def completion(**more):
    message = {"role": "assistant", "content": "4"}
    return json.dumps({"choices": [{"message": message, "finish_reason": "stop"}], **more})


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": None},
        {"prompt_tokens": -1},
        {"prompt_tokens": 2**40},
        {"prompt_tokens": "12"},
        {"prompt_tokens_details": [], "completion_tokens_details": "none"},
        [],
        None,
    ],
)
def test_counts_that_are_none_never_cost_the_reply(usage):
    reply = read_completion(completion(usage=usage), 200, {})
    assert (reply.text, reply.usage.prompt_tokens) == ("4", None)
