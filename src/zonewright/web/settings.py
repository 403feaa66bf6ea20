"""Settings of the desk, all from the environment; a bad value fails at the start.

==============================  ===================================================================
variable                        meaning
==============================  ===================================================================
ZONEWRIGHT_WORKSPACE            path of the workspace file
ZONEWRIGHT_DATABASE_URL         ``postgresql://…`` of a shared workspace; goes before the path
ZONEWRIGHT_SECRET_KEY(_FILE)    key that signs sessions; `zonewright serve` keeps one beside a file
ZONEWRIGHT_ALLOWED_HOSTS        host names under which the desk answers, comma-separated
ZONEWRIGHT_HTTPS                1 if readers reach the desk by HTTPS through a proxy that says so in
                                X-Forwarded-Proto (cookies become Secure, HTTP is redirected)
ZONEWRIGHT_HSTS_SUBDOMAINS      1 if every host below the desk's is reached by HTTPS too
ZONEWRIGHT_PROXIES              trusted proxies before the desk; they tell the reader's address
ZONEWRIGHT_IDLE_MINUTES         a session without a request for so long ends; unset: 120
ZONEWRIGHT_STATIC_ROOT          folder of collected static files; unset: the package itself
ZONEWRIGHT_TIME_ZONE            time zone of dates and times on the pages
ZONEWRIGHT_API_READS            requests to the API that read, a minute and token; unset: 600
ZONEWRIGHT_API_WRITES           the same of those that write; unset: 120
ZONEWRIGHT_DEBUG                1 while developing; never where others can reach it
==============================  ===================================================================
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from zonewright.store.workspace import database_config
from zonewright.web.environment import env_bool, env_list, env_number, env_secret

WORKSPACE = os.environ.get("ZONEWRIGHT_DATABASE_URL") or os.environ.get("ZONEWRIGHT_WORKSPACE", "")
PACKAGE = Path(__file__).resolve().parent

DEBUG = env_bool("ZONEWRIGHT_DEBUG")
HTTPS = env_bool("ZONEWRIGHT_HTTPS")
PROXIES = env_number("ZONEWRIGHT_PROXIES", 0, least=0)
SECRET_KEY = env_secret("ZONEWRIGHT_SECRET_KEY")
ALLOWED_HOSTS = env_list(
    "ZONEWRIGHT_ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]", ".localhost")
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "ninja",
    "zonewright.store",
    "zonewright.web",
]
MIDDLEWARE = [
    "zonewright.web.reader_address.ReaderAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "zonewright.web.reader.ReaderOfSession",
    "zonewright.web.sessions.SessionGuard",
    "zonewright.web.access.AccessOfReader",
    "zonewright.web.api.door.ApiDoor",
    "zonewright.web.middleware.SignInRequired",
    "zonewright.web.middleware.PlainText",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "zonewright.web.middleware.PrivatePages",
    "zonewright.web.middleware.ErrorPages",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "zonewright.web.urls"
WSGI_APPLICATION = "zonewright.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zonewright.web.context.desk",
            ],
            "builtins": ["django.templatetags.i18n", "zonewright.web.templatetags.desk"],
        },
    }
]

DATABASES = {"default": database_config(WORKSPACE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "zonewright",
    },
    "rates": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "rates",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}
# Requests to the API a minute and token; what brings no good token, a minute and address.
API_RATES = {
    "read": env_number("ZONEWRIGHT_API_READS", 600),
    "write": env_number("ZONEWRIGHT_API_WRITES", 120),
    "refused": 60,
}

# ---- Accounts ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "store.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

# Failed attempts to sign in (`zonewright.web.lockout`). The audit trail says who signed in.
AXES_HANDLER = "zonewright.web.lockout.Lockout"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
SIGN_IN_FAILURES_OF_ADDRESS = 30
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_CALLABLE = "zonewright.web.lockout.answer"
AXES_CLIENT_IP_CALLABLE = "zonewright.web.reader_address.address_of"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old", "new", "again", "csrfmiddlewaretoken"]

# ---- What a browser is told -------------------------------------------------------------------

SESSION_ENGINE = "zonewright.web.session_store"
SESSION_COOKIE_NAME = "zonewright_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_S = 60 * env_number("ZONEWRIGHT_IDLE_MINUTES", 120)
CSRF_COOKIE_NAME = "zonewright_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "zonewright.web.views.errors.csrf_refused"
LANGUAGE_COOKIE_NAME = "zonewright_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
THEME_COOKIE_NAME = "zonewright_theme"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env_bool("ZONEWRIGHT_HSTS_SUBDOMAINS")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Whether browsers are to know the domain beforehand is for the keeper of the domain to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ---- What a browser sends -----------------------------------------------------------------------

# The form of a return sends each cell of a page when it is saved by its button, without scripts:
# 200 rows of 30 columns, and what they held when the form was opened. Who has not signed in sends
# little (`web.middleware.PlainText`).
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

FILE_UPLOAD_HANDLERS = [
    "zonewright.web.upload_limit.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# ---- Languages and time -----------------------------------------------------------------------

USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_TZ = True
LOCALE_PATHS = sorted((PACKAGE / "locale").iterdir())
TIME_ZONE = os.environ.get("ZONEWRIGHT_TIME_ZONE") or "Asia/Shanghai"

# ---- Static files: from the package as they are, or collected and compressed --------------------

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("ZONEWRIGHT_STATIC_ROOT") or None
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
_STATIC_FILES = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if STATIC_ROOT is None
    else "zonewright.web.statics.StaticFiles"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_FILES},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "axes": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "zonewright.web": {"handlers": ["console"], "level": "INFO"},
        "zonewright.workflows": {"handlers": ["console"], "level": "WARNING"},
    },
}
