"""Every setting, read from the environment. Defaults run on a laptop; `manage.py check --deploy` judges production.

docs/reference/settings.md explains each variable. There are no per-environment forks of this file.
"""

import hmac
import sys
from datetime import timedelta
from os import cpu_count
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from catalog.conf import CatalogConf
from portal import admin_theme
from portal.database_pool import pool_options
from portal.embedded import sockets
from portal.env import Env, read_or_create_secret
from portal.ffmpeg import ffmpeg_path, ffprobe_path
from portal.local_urls import local_url
from portal.media_storage import media_storage
from portal.rate_limits import read_limits
from portal.redis_urls import celery_url
from portal.security.cors import EXPOSED_HEADERS, TAKEN_HEADERS
from portal.security.embedding import read_embed_origins
from portal.security.policies import PERMISSIONS, policies_by_prefix, viewer_policy
from portal.telemetry.log_config import build_logging, configure_structlog
from streaming.delivery.conf import DeliveryConf
from streaming.hooks.servers import read_servers
from streaming.keys import read_keyring
from streaming.rtmps_conf import RtmpsConf

env = Env()

# --- Where things are -----------------------------------------------------------------------------------------------
BASE_DIR = Path(__file__).resolve().parent.parent
NOVA_DATA_DIR = env.path("NOVA_DATA_DIR", BASE_DIR / ".local")
NOVA_HOST = env.text("NOVA_HOST", "127.0.0.1")
NOVA_HTTP_PORT = env.integer("NOVA_HTTP_PORT", 8000, at_least=1, at_most=65535)
NOVA_ORIGIN_PORT = env.integer("NOVA_ORIGIN_PORT", 8001, at_least=1, at_most=65535)
NOVA_AUDIENCE_PORT = env.integer("NOVA_AUDIENCE_PORT", 8002, at_least=1, at_most=65535)
NOVA_RTMP_PORT = env.integer("NOVA_RTMP_PORT", 1935, at_least=1, at_most=65535)
NOVA_PUBLIC_URL = env.url("NOVA_PUBLIC_URL", f"http://localhost:{NOVA_HTTP_PORT}")
# How web reaches origin, past the edge that viewers go through.
NOVA_ORIGIN_INTERNAL_URL = env.url("NOVA_ORIGIN_INTERNAL_URL", local_url(NOVA_HOST, NOVA_ORIGIN_PORT))
NOVA_ORIGIN_URL = env.url("NOVA_ORIGIN_URL", f"http://localhost:{NOVA_ORIGIN_PORT}")
# How players get media: from the origin, from an nginx that asks it, or from a CDN.
NOVA_DELIVERY = DeliveryConf.from_env(env, origin_url=NOVA_ORIGIN_URL)
NOVA_RTMP_URL = env.url("NOVA_RTMP_URL", f"rtmp://localhost:{NOVA_RTMP_PORT}/live", schemes=("rtmp", "rtmps"))
# The same over TLS, where there is a certificate for it.
NOVA_RTMPS = RtmpsConf.from_env(env)
NOVA_VERSION = "0.1.0"
NOVA_WORKER_CONCURRENCY = env.integer("NOVA_WORKER_CONCURRENCY", 2, at_least=1, at_most=64)
# One of them uses one core. They share the port, which Daphne can do for addresses of IPv4 only.
NOVA_WEB_PROCESSES = env.integer("NOVA_WEB_PROCESSES", min(2, cpu_count() or 1), at_least=1, at_most=16)
if ":" in NOVA_HOST:
    NOVA_WEB_PROCESSES = 1

# --- Security -------------------------------------------------------------------------------------------------------
DEBUG = env.flag("NOVA_DEBUG", False)
SECRET_KEY = env.secret("NOVA_SECRET_KEY") or read_or_create_secret(NOVA_DATA_DIR / "secret_key")
NOVA_HAS_OWN_SECRET_KEY = bool(env.secret("NOVA_SECRET_KEY"))
ALLOWED_HOSTS = env.listing("NOVA_ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
NOVA_HTTPS = env.flag("NOVA_HTTPS", NOVA_PUBLIC_URL.startswith("https://"))
NOVA_HAS_TRUSTED_PROXY = env.flag("NOVA_TRUSTED_PROXY", False)
# The header in which the edge names the visitor's country; the edge must remove what a visitor sends by that name.
NOVA_TERRITORY_HEADER = env.text("NOVA_TERRITORY_HEADER")
CSRF_FAILURE_VIEW = "portal.error_handlers.csrf_failure"
CSRF_TRUSTED_ORIGINS = [NOVA_PUBLIC_URL]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = NOVA_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "nova_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_HSTS_SECONDS = env.integer("NOVA_HSTS_SECONDS", 365 * 24 * 3600 if NOVA_HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("NOVA_HSTS_SUBDOMAINS", NOVA_HTTPS)
SECURE_HSTS_PRELOAD = env.flag("NOVA_HSTS_PRELOAD", NOVA_HTTPS)
SECURE_SSL_REDIRECT = NOVA_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NOVA_HAS_TRUSTED_PROXY else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": viewer_policy(public_url=NOVA_PUBLIC_URL, media_url=NOVA_DELIVERY.media_site, has_https=NOVA_HTTPS)
}
# Sites whose pages may show the player in a frame.
NOVA_EMBED_ORIGINS = read_embed_origins(env)
NOVA_CONTENT_POLICIES = policies_by_prefix(CONTENT_SECURITY_POLICY["DIRECTIVES"], embed_sites=NOVA_EMBED_ORIGINS)
PERMISSIONS_POLICY = PERMISSIONS
SERVESTATIC_ALLOW_ALL_ORIGINS = False
# Sites whose pages may call the API with a token; cookies stay at home.
CORS_ALLOWED_ORIGINS = env.listing("NOVA_CORS_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = TAKEN_HEADERS
CORS_EXPOSE_HEADERS = EXPOSED_HEADERS
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Apps -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "servestatic",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "django_prometheus",
    "portal",
    "catalog",
    "streaming",
    "analytics",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "portal.telemetry.middleware.RequestLogMiddleware",
    "portal.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.security.middleware.PolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.static_files.StaticFilesMiddleware",
    "portal.compression.PageCompressionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "portal.api.middleware.ApiProblemMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "streaming.visitors.VisitorMiddleware",
    "portal.error_pages.ErrorPageMiddleware",
    "portal.telemetry.request_metrics.BoundedMetricsMiddleware",
]
ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
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
                "portal.context_processors.portal",
            ],
        },
    }
]
UNFOLD = {**admin_theme.UNFOLD, "DASHBOARD_CALLBACK": "analytics.dashboard.add_desk"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- PostgreSQL and Redis: those of the environment, or Nova's own ---------------------------------------------------
# Both hold passwords, so both can also come from a file (DATABASE_URL_FILE, REDIS_URL_FILE).
NOVA_HAS_OWN_POSTGRES = not env.secret("DATABASE_URL")
NOVA_HAS_OWN_REDIS = not env.secret("REDIS_URL")
NOVA_DATABASE_URL = env.secret("DATABASE_URL") or sockets.postgres_url(NOVA_DATA_DIR)
NOVA_REDIS_URL = env.secret("REDIS_URL") or sockets.redis_url(NOVA_DATA_DIR)
DATABASES = {
    "default": {
        **env.database("DATABASE_URL", NOVA_DATABASE_URL),
        "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"]["OPTIONS"] = {
    # A database that is gone without a word, with its machine or the way to it, is noticed in seconds: the kernel by
    # itself waits for a quarter of an hour, and whoever asks with it. Over a Unix socket they mean nothing.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    **DATABASES["default"].get("OPTIONS", {}),
    # Threads come and go under ASGI, so connections belong to a pool and not to a thread.
    "pool": pool_options(most=env.integer("NOVA_DATABASE_POOL", 10, at_least=1, at_most=200)),
    "connect_timeout": 5,
}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": NOVA_REDIS_URL,
        "KEY_PREFIX": "nova",
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 3, "SOCKET_TIMEOUT": 3},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [NOVA_REDIS_URL], "prefix": "nova:channels"},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# --- Celery ---------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = celery_url(NOVA_REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "nova:celery:",
    # A task that is not acknowledged in this time is handed out again: longer than the longest packaging job.
    "visibility_timeout": 24 * 3600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# Films have a queue of their own, so that workers with many cores can be set apart for them.
CELERY_TASK_ROUTES = {"streaming.package_next": {"queue": "packaging"}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 12 * 3600
CELERY_TASK_SOFT_TIME_LIMIT = 12 * 3600 - 60
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.NameOrEmailBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
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
NOVA_AUDIT_RETENTION_DAYS = env.integer("NOVA_AUDIT_RETENTION_DAYS", 90, at_least=1)

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("th", _("Thai"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.text("NOVA_TIME_ZONE", "UTC")

# --- Files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# An image brings its static files with it: in a volume they would stay those of the first version.
STATIC_ROOT = env.path("NOVA_STATIC_DIR", NOVA_DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
STORAGES = {
    # Uploads, pictures, captions: a folder of this machine, or s3://bucket/prefix?endpoint=…&region=…
    "default": media_storage(
        env.text("NOVA_MEDIA_STORAGE"),
        folder=NOVA_DATA_DIR / "media",
        key_id=env.secret("NOVA_MEDIA_KEY_ID"),
        secret=env.secret("NOVA_MEDIA_SECRET"),
    ),
    "staticfiles": {"BACKEND": "portal.static_files.PatientCompressedStorage"},
}
# gzip takes a second, and is half of how fast a first page shows on a slow network.
SERVESTATIC_USE_BROTLI = env.flag("NOVA_COMPRESS_STATIC", False)  # a minute of work: for an image

# --- API ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    # `?format=` is an unknown parameter like any other, and no address that leads nowhere.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsers.SafeJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.AccessTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["portal.api.throttling.ScopedThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.api.exceptions.answer_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ALGORITHM": "HS256",
    # A key of its own: a token is no Django signature, nor the other way round.
    "SIGNING_KEY": hmac.digest(SECRET_KEY.encode(), b"nova.api.tokens", "sha256").hex(),
    "ISSUER": NOVA_PUBLIC_URL,
    "AUDIENCE": "nova-api",
    "USER_ID_CLAIM": "sub",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Nova API",
    "DESCRIPTION": "Movies, live streams and what runs them. Errors are RFC 9457 problem documents.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "",
    "REDOC_DIST": "SIDECAR",
    # Several things have a kind, and a state.
    "ENUM_NAME_OVERRIDES": {
        "CodeEnum": ["cut-off"],
        "KindEnum": "catalog.models.caption.Caption.Kind",
        "SuggestionKindEnum": ["movie", "person", "genre", "tag"],
        "TrackKindEnum": ["video", "audio", "text", "images"],
        "StateEnum": "catalog.models.upload.Upload.State",
        "JobStateEnum": "streaming.models.packaging_job.PackagingJob.State",
        "PackageStateEnum": "streaming.models.package.Package.State",
        "StreamStateEnum": "streaming.models.stream.Stream.State",
        "VisibilityEnum": "catalog.models.movie.Movie.Visibility",
        "ChannelVisibilityEnum": "streaming.models.channel.Channel.Visibility",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "analytics.beacons.schema.describe_beacons",
        "portal.api.schema.declare_problems",
    ],
}

# --- Catalogue ------------------------------------------------------------------------------------------------------
CATALOG = CatalogConf.from_env(env)

# --- FFmpeg ---------------------------------------------------------------------------------------------------------
NOVA_FFMPEG = ffmpeg_path(env.text("NOVA_FFMPEG"))
NOVA_FFPROBE = ffprobe_path(env.text("NOVA_FFPROBE"))
# Whether all qualities of a film are made at once, or the lowest one alone before the others.
NOVA_PACKAGING_PASSES = env.choice("NOVA_PACKAGING_PASSES", "auto", ("auto", "one", "two"))
# How long the files of a replaced package stay, for those who are watching it.
NOVA_PACKAGE_GRACE_HOURS = env.integer("NOVA_PACKAGE_GRACE_HOURS", 13, at_least=1, at_most=8760)
# Whether the demo's movies get films, which a worker makes after the first start.
NOVA_DEMO_FILMS = env.flag("NOVA_DEMO_FILMS", True)

# --- Playback -------------------------------------------------------------------------------------------------------
NOVA_PLAYBACK_KEYRING = read_keyring(env.secret("NOVA_PLAYBACK_KEYS"), secret_key=SECRET_KEY)

# --- Audience --------------------------------------------------------------------------------------------------------
# Who has not chosen: may be counted as one viewer (implied), or is asked first (asked).
NOVA_AUDIENCE_CONSENT = env.choice("NOVA_AUDIENCE_CONSENT", "implied", ("implied", "asked"))
# When a process takes more of them, it asks players to tell half as often.
NOVA_BEACONS_PER_S = env.integer("NOVA_BEACONS_PER_S", 1200, at_least=1)

# --- Live -----------------------------------------------------------------------------------------------------------
# So long an encoder that was lost may come back to the same stream.
NOVA_LIVE_GRACE_S = env.integer("NOVA_LIVE_GRACE_S", 30, at_least=0, at_most=600)
# Whether what an encoder sends is itself the best quality, where it is fit for that.
NOVA_LIVE_PASSTHROUGH = env.flag("NOVA_LIVE_PASSTHROUGH", True)
# Servers of other makes that take encoders in, by name; the origin fetches their streams.
NOVA_INGEST_SERVERS = read_servers(env.secret("NOVA_INGEST_SERVERS"))

# --- Audience -------------------------------------------------------------------------------------------------------
# How long figures of each second are kept; those of minutes are for 13 months, of hours and days for ever.
NOVA_METRICS_SECONDS_HOURS = env.integer("NOVA_METRICS_SECONDS_HOURS", 72, at_least=2, at_most=8760)
# How long it is kept what a single player told.
NOVA_AUDIENCE_SESSION_DAYS = env.integer("NOVA_AUDIENCE_SESSION_DAYS", 30, at_least=2, at_most=3650)

# --- Rate limits ----------------------------------------------------------------------------------------------------
# Each is overridden by NOVA_RATE_LIMIT_<SCOPE>; "off" lifts it.
NOVA_RATE_LIMITS = read_limits(
    env,
    {
        "sign-in": "10/5minutes",
        "sign-in-network": "100/5minutes",
        "token": "60/minute",
        "api-read": "1200/minute",
        "api-write": "300/minute",
        "upload-piece": "3000/minute",
        "catalogue-create": "120/minute",
        "catalogue-update": "240/minute",
        "packaging": "60/minute",
        "playback": "60/minute",
        "playback-report": "30/minute",
        "publish": "20/minute",
        "figures-export": "30/minute",
        "suggestions": "600/minute",
        "suggestion-choices": "30/minute",
    },
)

# --- Metrics --------------------------------------------------------------------------------------------------------
# Whoever presents it may read /metrics from elsewhere than this machine.
NOVA_METRICS_TOKEN = env.secret("NOVA_METRICS_TOKEN")
# Web and origin show theirs where they listen anyway.
NOVA_WORKER_METRICS_PORT = env.integer("NOVA_WORKER_METRICS_PORT", 8003, at_least=1, at_most=65535)

# --- Logs -----------------------------------------------------------------------------------------------------------
NOVA_LOG_FORMAT = env.choice("NOVA_LOG_FORMAT", "console" if sys.stderr.isatty() else "json", ("console", "json"))
NOVA_LOG_LEVEL = env.choice("NOVA_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = build_logging(NOVA_LOG_FORMAT, level=NOVA_LOG_LEVEL)
LOGGING_CONFIG = "logging.config.dictConfig"
configure_structlog()
