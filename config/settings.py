"""Every setting of Counterpart, from the environment; docs/operations.md lists the variables."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env

# The matrices of a fit are small: a second thread of OpenBLAS mostly waits, in a loop that keeps a
# processor busy, and makes a fit slower. Read when NumPy is imported, which happens after this.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent

# Everything that the program writes by default: database, reports, secret key.
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret_key(DATA_DIR)

# The address that people open. An https address switches on everything that only works over TLS.
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # whitenoise serves static files in `runserver` too, with the headers it has in production.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_tasks",
    "django_tasks_db",
    "rest_framework",
    "drf_spectacular",
    "config.apps.ConfigConfig",
    "surveys.apps.SurveysConfig",
    "llm_respondents.apps.LlmRespondentsConfig",
    "analysis.apps.AnalysisConfig",
]

MIDDLEWARE = [
    "surveys.views.bodies.BodyLimit",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.policy.KeptPolicy",
    "surveys.views.account.login_queue.LoginsInTurn",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.messages.MessagesToMembers",
    "surveys.views.account.required.SecondFactorRequired",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "surveys.views.visitors.database_restarts.DatabaseRestarts",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    url = env.text("DATABASE_URL")
    if not url:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{DATA_DIR / 'counterpart.sqlite3'}"
    database: dict[str, Any] = dict(dj_database_url.parse(url))
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # Writers queue instead of failing: a transaction takes the write lock at its start.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # What people take back is overwritten in the file, and not merely left out.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
            ),
        }
        # Opening the file anew for each request costs as much as a page.
        database["CONN_MAX_AGE"] = 600
    elif database["ENGINE"] == "django.db.backends.postgresql":
        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": 8},
            # For statements that are put together once and asked with every page.
            "prepare_threshold": 3,
        }
        # A connection that a restarted server has dropped is replaced before it is used.
        database["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL: use sqlite:///… or postgres://….")
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = ["surveys.views.account.login.LimitedBackend"]
PASSWORD_HASHERS = [
    "config.hashers.OneLaneArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Whose sign-in needs a second factor: nobody's who has not set one up, staff's, or everyone's.
TWO_FACTOR = env.text("TWO_FACTOR", "optional")
if TWO_FACTOR not in ("optional", "staff", "everyone"):
    raise ImproperlyConfigured("TWO_FACTOR: choose one of optional, staff, everyone.")
# What an app on a telephone shows beside the code, and how long a wrong one makes the next wait.
OTP_TOTP_ISSUER = "Counterpart"
OTP_TOTP_THROTTLE_FACTOR = 1
# A link that sets a new password is good for a day.
PASSWORD_RESET_TIMEOUT = 86_400
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "surveys:study_list"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
# Those of the office. People who take part read the words around the questions in more.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
FORMAT_MODULE_PATH = ["config.formats"]
PARTICIPANT_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "tr", "ar")
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Without `collectstatic` (a laptop) files come from the apps; behind TLS they are hashed.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not HTTPS
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HTTPS
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "files"

# Where `build_help` puts the pages of /help/; beside `collectstatic`'s, as they are made anew.
HELP_DIR = Path(env.text("HELP_DIR", str(BASE_DIR / "helpfiles")))

# An instrument is edited as one form: some five hundred items with several fields each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "surveys.api.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "surveys.api.tokens.WithinScope",
        "surveys.api.rules.roles.EnoughRole",
        "surveys.api.rules.parameters.KnownParameters",
    ],
    "DEFAULT_PAGINATION_CLASS": "surveys.api.rules.paging.Pages",
    "EXCEPTION_HANDLER": "config.api.exception_handler",
    # Programs read JSON; people have the pages, and the reference at /api/docs/.
    "DEFAULT_RENDERER_CLASSES": ["surveys.api.rules.rendering.Json"],
    "DEFAULT_SCHEMA_CLASS": "surveys.api.description.schema.Described",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Counterpart",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["surveys.api.description.schema.finished"],
    "SCHEMA_PATH_PREFIX": "/api/",
}

# How many people may begin from one address at one recruiting link within ten minutes, in each
# process: a class behind one router, and no flood.
ENROLMENTS_PER_ADDRESS = env.count("ENROLMENTS_PER_ADDRESS", default=300)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# Hosts that a link may send people to beside those of its recruiter; "*" allows any for recruiters
# whose hosts are not known.
REDIRECT_HOSTS = env.words("REDIRECT_HOSTS", "*")

# Mail to people who were invited. Without a server nothing is sent, and pages say so.
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.count("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "")
if EMAIL_HOST and not DEFAULT_FROM_EMAIL:
    # No server takes a mail from nobody: invitations and new passwords would be lost unseen.
    raise ImproperlyConfigured("EMAIL_HOST is set: set EMAIL_FROM to the address mails come from.")
# Where mails return to that cannot be delivered: an address of a mailbox that takes what is sent to
# name+anything@host. Without it they return to EMAIL_FROM.
BOUNCES_TO = env.text("BOUNCES_TO", "")
# The mailbox that `manage.py read_bounces` reads.
BOUNCES_IMAP_HOST = env.text("BOUNCES_IMAP_HOST", "")
BOUNCES_IMAP_PORT = env.count("BOUNCES_IMAP_PORT", default=993)
BOUNCES_IMAP_USER = env.text("BOUNCES_IMAP_USER", "")
BOUNCES_IMAP_PASSWORD = env.text("BOUNCES_IMAP_PASSWORD", "")
BOUNCES_IMAP_FOLDER = env.text("BOUNCES_IMAP_FOLDER", "INBOX")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
TASKS_BACKEND = env.text("TASKS_BACKEND", "database")
_TASK_BACKENDS = {
    "database": "django_tasks_db.DatabaseBackend",
    "rq": "django_tasks_rq.RQBackend",
    "immediate": "django_tasks.backends.immediate.ImmediateBackend",
}
if TASKS_BACKEND not in _TASK_BACKENDS:
    raise ImproperlyConfigured(f"TASKS_BACKEND: choose one of {', '.join(_TASK_BACKENDS)}.")
TASKS = {"default": {"BACKEND": _TASK_BACKENDS[TASKS_BACKEND], "QUEUES": ["default"]}}
if TASKS_BACKEND == "rq":
    INSTALLED_APPS.append("django_rq")
    RQ_QUEUES = {
        "default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": -1},
    }

# Panels that are run from the queue: how long a worker's claim on a session holds without a sign of
# life, and how long one call to a model may take (seconds).
PANEL_LEASE_SECONDS = env.seconds("PANEL_LEASE_SECONDS", default=60.0)
PANEL_TIMEOUT_SECONDS = env.seconds("PANEL_TIMEOUT_SECONDS", default=120.0)

# How long a worker on a fit, a report or another job counts as alive without a sign of life.
JOB_LEASE_SECONDS = env.seconds("JOB_LEASE_SECONDS", default=60.0)

# Webhooks: how often somebody looks whether there is something to tell, and hosts that may be told
# though they stand in a private network, or without TLS.
WEBHOOK_SECONDS = env.seconds("WEBHOOK_SECONDS", default=10.0)
WEBHOOK_HOSTS = env.words("WEBHOOK_HOSTS")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.logs.SecretlessFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
    # An open question or a mistyped address is no warning, and its line would show the secret
    # address of somebody's questionnaire.
    "loggers": {
        "django.request": {"level": "ERROR"},
        # It writes each address that is called, with whatever secret stands in it.
        "httpx2": {"level": "WARNING"},
        # What `runserver` writes for each request, without what must not be known.
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
