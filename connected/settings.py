"""Every setting of Connected, read top to bottom.

A variable that is missing or odd raises an error that says what to do.
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from connected import embedded
from connected.environment import BASE_DIR, ENVIRONMENT, signing_key

PRODUCTION = ENVIRONMENT.env == "production"
DEBUG = ENVIRONMENT.debug
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured(
        "DEBUG shows code and settings to visitors: unset it when CONNECTED_ENV=production."
    )
DATA_DIR = ENVIRONMENT.data_dir.resolve()
PORT = ENVIRONMENT.port
# The sample has known passwords.
SAMPLE = ENVIRONMENT.sample and not PRODUCTION

SECRET_KEY = signing_key(ENVIRONMENT, DATA_DIR)
ALLOWED_HOSTS = [host for host in ENVIRONMENT.allowed_hosts.split(",") if host]
if not ALLOWED_HOSTS:
    if PRODUCTION:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is missing: name the hosts people use, separated by commas."
        )
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
PUBLIC_URL = ENVIRONMENT.public_url or f"http://127.0.0.1:{PORT}"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- The house -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "connected.apps.ConnectedConfig",
    "assessments.apps.AssessmentsConfig",
    "matrix.apps.MatrixConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "connected.middleware.Compress",
    "connected.middleware.Revalidate",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "connected.middleware.WorkspaceMiddleware",
]

ROOT_URLCONF = "connected.urls"
WSGI_APPLICATION = "connected.wsgi.application"
AUTH_USER_MODEL = "connected.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "connected.context_processors.workspace",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ]
            if not DEBUG
            else [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ],
            "builtins": ["django_htmx.templatetags.django_htmx"],
        },
    }
]

# --- Database: one engine everywhere ------------------------------------------------------------

_services = embedded.addresses(DATA_DIR)
DATABASE_URL = ENVIRONMENT.database_url or _services.app_url
DATABASE_OWNER_URL = ENVIRONMENT.database_owner_url or (
    ENVIRONMENT.database_url if ENVIRONMENT.database_url else _services.owner_url
)
REDIS_URL = ENVIRONMENT.redis_url or _services.redis_url
# What runs out of wheels, because no address of a server was given.
EMBEDDED = [
    name
    for name, given in (("postgres", ENVIRONMENT.database_url), ("valkey", ENVIRONMENT.redis_url))
    if not given
]

# Seconds. A page never waits longer for a statement, a lock, or keeps a transaction open idle.
STATEMENT_TIMEOUT, LOCK_TIMEOUT, IDLE_TIMEOUT = 5, 3, 30
APP_ROLE = "connected_app"


def database(url: str, *, role: str = "", statement_timeout: int = STATEMENT_TIMEOUT) -> dict[str, Any]:
    """Django's settings for a PostgreSQL address, sockets included (``?host=/folder``)."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    flags = [
        f"-c statement_timeout={statement_timeout}s",
        f"-c lock_timeout={LOCK_TIMEOUT}s",
        f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT}s",
    ]
    if role:
        flags.append(f"-c role={role}")
    host = query.pop("host", "") or unquote(parts.hostname or "")
    port = query.pop("port", "") or str(parts.port or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": query.pop("user", "") or unquote(parts.username or ""),
        "PASSWORD": query.pop("password", "") or unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, "options": " ".join(flags)},
        "TEST": {"DEPENDENCIES": []},
    }


# With one login for everything the app still serves as the role that row-level security binds.
_one_login = bool(ENVIRONMENT.database_url) and not ENVIRONMENT.database_owner_url
DATABASES = {
    "default": database(DATABASE_URL, role=APP_ROLE if _one_login else ""),
    "owner": database(DATABASE_OWNER_URL, statement_timeout=0),
}
DATABASE_ROUTERS = ["connected.databases.OwnerMigrates"]

# --- Queue --------------------------------------------------------------------------------------

# Each choice with its reason: docs/queues.md, which the suite compares with what stands here.

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "live"
# A batch never delays the answer just given in a workshop: its own queue, its own worker.
CELERY_TASK_ROUTES = {
    "matrix.tasks.score_chunk": {"queue": "batch"},
    "matrix.tasks.close_run": {"queue": "batch"},
    "assessments.tasks.take_over": {"queue": "batch"},
    # Nor does a slow receiver of events, or tidying up.
    "connected.tasks.*": {"queue": "hooks"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
# Kilobytes, shared code included: a child that has grown beyond is replaced after its task.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Twice the hard limit stays under the visibility timeout, or one task runs twice at once.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 60, 90
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "connected:",
}
# None waits longer than it is of use. The reaper waits its turn behind five of its kind: were it gone after
# three seconds, a queue that is always four seconds behind would never have one.
CELERY_BEAT_SCHEDULE = {
    "reap": {"task": "matrix.tasks.reap", "schedule": 3.0, "options": {"expires": 15}},
    "resend-imports": {
        "task": "assessments.tasks.resend",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "send": {"task": "connected.tasks.send", "schedule": 2.0, "options": {"expires": 2}},
    "tidy-imports": {"task": "assessments.tasks.tidy", "schedule": 600.0, "options": {"expires": 600}},
    "tidy": {"task": "connected.tasks.tidy", "schedule": 600.0, "options": {"expires": 600}},
}


# For development and tests: webhooks over http, and on this machine and its network.
WEBHOOKS_PRIVATE = ENVIRONMENT.webhooks_private


def _other_database(url: str, number: int) -> str:
    """The same Redis server, another numbered database: the cache must not evict the queue."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"{url.split('?')[0]}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _other_database(REDIS_URL.replace("redis+socket://", "unix://"), 1),
        "KEY_PREFIX": "connected",
        # What is kept here can be missed: a cache that hangs must not hold up a page.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# --- People -------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- REST ---------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["connected.api.access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["connected.api.access.ScopePermission"],
    "DEFAULT_RENDERER_CLASSES": ["connected.api.bodies.QuickJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["connected.api.bodies.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "connected.api.lists.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "connected.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["connected.api.access.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": "1200/min", "write": "600/min"},
    "EXCEPTION_HANDLER": "connected.api.problems.problem",
    "UNAUTHENTICATED_USER": None,
    # `?format=` belongs to the streams of placements; OPTIONS would list choices nobody asked for.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_METADATA_CLASS": None,
    "NUM_PROXIES": 1 if PRODUCTION else 0,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Connected",
    "VERSION": "1",
    "DESCRIPTION": (
        "Firms, segments, workshops and where each segment stands in the 4×5 matrix and the capability "
        "quadrant. Send `Authorization: Token cs_…`. Codes in JSON; `null` means not known, never 0. "
        "Failures are `application/problem+json`. The guide, with examples that run: `/api/v1/guide/`."
    ),
    "EXTERNAL_DOCS": {"url": "/api/v1/guide/", "description": "Guide with examples"},
    "TAGS": [
        {"name": "Firms", "description": "Companies under assessment."},
        {"name": "Segments", "description": "One offering for one customer group: what is assessed."},
        {"name": "Touchpoints", "description": "The contacts of a segment’s journey."},
        {"name": "Workshops", "description": "Who was asked what, and what they answered."},
        {"name": "Placements", "description": "Where segments stand, and why."},
        {"name": "Runs", "description": "Batch re-scoring."},
        {"name": "Webhooks", "description": "Who is told of events, and the log of every telling."},
        {"name": "Versions", "description": "Questionnaires and scoring models; a version never changes."},
    ],
    "ENUM_NAME_OVERRIDES": {
        "Relationship": "matrix.scoring.vocabulary.RELATIONSHIPS",
        "Architecture": "matrix.scoring.vocabulary.ARCHITECTURES",
        "Quadrant": "matrix.scoring.vocabulary.QUADRANTS",
        "RunState": "matrix.models.RUN_STATES.table",
        "RunDecision": "matrix.models.DECISIONS.table",
        "WebhookState": "connected.models.WEBHOOK_STATES.table",
        "DeliveryState": "connected.models.DELIVERY_STATES.table",
        "Event": "connected.models.EVENTS",
        "WorkshopState": "assessments.models.WORKSHOP_STATES.table",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "connected.api.schema.as_it_is_read",
        "connected.api.schema.with_problems",
        "connected.api.schema.with_marks",
        "connected.api.schema.with_keys",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Colours of code come as style attributes, which no stylesheet can turn dark: plain text instead.
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "defaultModelsExpandDepth": 0,
        "displayRequestDuration": True,
        "docExpansion": "list",
        "syntaxHighlight": False,
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# The largest answers file a page or a REST call takes; beyond a few megabytes a worker takes it over.
IMPORT_BYTES = ENVIRONMENT.import_megabytes * 1024 * 1024

# --- Files, language, time, log -----------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Compressing takes half a minute of processor time: worth it once in an image, not at a first start.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"no_ticks": {"()": "connected.celery.NoTicks"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": [] if ENVIRONMENT.log_level == "DEBUG" else ["no_ticks"],
        }
    },
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
}
